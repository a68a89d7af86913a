package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDriftShowsWhatWouldChangeAndChangesNothing(t *testing.T) {
	cases := []struct {
		name   string
		edit   []string
		want   []string // the lines that change
		status int
	}{
		{"nothing changes",
			[]string{"openapi: 3.0.3", "openapi: \"3.0.3\""},
			nil, 0},
		{"the version changes",
			[]string{"version: 7.1.0", "version: 7.2.0"},
			[]string{"-  version: 7.1.0", "+  version: 7.2.0"}, 0},
		{"a field is added",
			[]string{"      required: [id, running, canceled]\n      properties:\n",
				"      properties:\n        mood: {type: string}\n"},
			[]string{"+          - mood"}, 0},
		{"a parameter is added",
			[]string{"- {name: success, in: query",
				"- {name: shape, in: query}\n        - {name: success, in: query"},
			[]string{"+          - shape"}, 0},
		{"a field is added where all are in use",
			[]string{"                reason: {type",
				"                force: {type: boolean}\n                reason: {type"},
			[]string{"+      x-left-out:", "+        body:", "+          - force"}, 0},
		{"an operation is added",
			[]string{"  /other/{thing}:\n",
				"  /new:\n    get: {operationId: getNew}\n  /other/{thing}:\n"},
			nil, 0},
		{"a parameter in use has another type",
			[]string{"{name: page, in: query, schema: {type: integer}}",
				"{name: page, in: query, schema: {type: string}}"},
			[]string{"-            type: integer", "+            type: string"}, 1},
		{"a parameter in use becomes required",
			[]string{"{name: no_code, in: query,", "{name: no_code, in: query, required: true,"},
			[]string{"+          required: true"}, 1},
		{"a field in use becomes deprecated",
			[]string{"success: {type: boolean}\n", "success: {type: boolean, deprecated: true}\n"},
			[]string{"+          deprecated: true"}, 1},
		{"a field in use has another value",
			[]string{"enum: [QueuedJob]", "enum: [QueuedJob, ParkedJob]"},
			[]string{"-          enum: [CompletedJob, QueuedJob]",
				"+          enum: [CompletedJob, ParkedJob, QueuedJob]"}, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			before := p.files()
			got := p.run("drift", edited(t, c.edit...))
			if got.status != c.status || (got.stderr == "") != (c.status == 0) {
				t.Errorf("status %d, %q; want %d", got.status, got.stderr, c.status)
			}
			if diff := cmp.Diff(c.want, changedLines(got.stdout)); diff != "" {
				t.Errorf("changed lines (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, p.files()); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
		})
	}
}

func TestDriftWithoutDiffIsAnError(t *testing.T) {
	t.Setenv("PATH", "")
	got := newProject(t).run("drift", upstream)
	if got.status != 1 || !strings.HasPrefix(got.stderr, "diff: ") {
		t.Errorf("drift: %+v", got)
	}
}

// changedLines returns the lines of a diff that begin with one + or -.
func changedLines(diff string) (lines []string) {
	for _, line := range strings.Split(diff, "\n") {
		if len(line) > 1 && strings.Contains("+-", line[:1]) && line[1] == ' ' {
			lines = append(lines, line)
		}
	}
	return lines
}
