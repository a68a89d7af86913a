package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

// environment sets the variables that choose the server.
func environment(t *testing.T, url, token, workspace string) {
	t.Helper()
	t.Setenv("WM_BASE_URL", url)
	t.Setenv("WM_TOKEN", token)
	t.Setenv("WM_WORKSPACE", workspace)
}

// runMain runs the program and returns its output.
func runMain(t *testing.T, wantStatus int, args ...string) (stdout, stderr string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	var out, errs bytes.Buffer
	if status := run(ctx, args, &out, &errs); status != wantStatus {
		t.Errorf("exit status %d, want %d; stderr: %s", status, wantStatus, &errs)
	}
	return out.String(), errs.String()
}

// inOrder fails the test unless text has all the parts, one after the other.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("%q is missing, or in another place, in:\n%s", part, text)
		}
		rest = after
	}
}

func TestARunInMemoryShowsStatusLogAndResultInOrder(t *testing.T) {
	environment(t, "", "", "")
	stdout, stderr := runMain(t, 0, "f/team/report", `{"day": "monday"}`)
	inOrder(t, stdout,
		"Windmill CE v1.743.0 at http://", "workspace test, in memory",
		`f/team/report {"day":"monday"}`, "is a copy of f/demo/report",
		"\njob ", ": WAITING\n", "RUNNING\n", "report for monday", "1/4", "4/4", "\nCOMPLETED\n",
		`"day": "monday",`, `"last_order": 9007199254740993,`, "Done in ")
	if stderr != "" {
		t.Errorf("stderr has: %s", stderr)
	}
}

func TestAFailedScriptShowsItsErrorAndStack(t *testing.T) {
	environment(t, "", "", "")
	stdout, stderr := runMain(t, exitFailed, "f/demo/fail")
	inOrder(t, stdout, "checking the day", "COMPLETED")
	inOrder(t, stderr, "failed: ValueError: there is no report for a sunday", "Traceback")
}

func TestAMistakeEndsWithStatusTwoAndAnExplanation(t *testing.T) {
	for name, test := range map[string]struct {
		url, token, workspace string
		args                  []string
		want                  string
	}{
		"an incomplete environment": {token: "t",
			want: "has WM_TOKEN but lacks WM_BASE_URL and WM_WORKSPACE"},
		"an invalid base URL": {url: "localhost:8000", token: "t", workspace: "w",
			want: "the base URL: not an absolute URL"},
		"no script for a real server": {url: "http://h", token: "t", workspace: "w",
			want: "the script is missing"},
		"arguments that are an array": {args: []string{"f/demo/report", "[1]"},
			want: "the arguments [1] are not a JSON object"},
		"arguments without quotes": {args: []string{"f/demo/report", `{"a":`, `1}`},
			want: "quote the JSON object"},
		"neither a path nor a hash": {args: []string{"report"},
			want: `"report" is neither`},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, test.url, test.token, test.workspace)
			_, stderr := runMain(t, exitUsage, test.args...)
			inOrder(t, stderr, test.want)
		})
	}
}

func TestARunOnARealServerEndsWithALinkAndNeverShowsTheToken(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/team/report", func(_ context.Context, job *facadetest.Job) (any, error) {
		return job.Args, nil
	})
	environment(t, srv.URL, srv.Token, srv.Workspace)
	stdout, stderr := runMain(t, 0, "f/team/report", `{"n":1}`)
	link := srv.URL + "/run/" + srv.Jobs()[0].ID + "?workspace=" + srv.Workspace + "\n"
	inOrder(t, stdout, srv.URL+"/api, workspace "+srv.Workspace, "\n{\n  \"n\": 1\n}\n", link)
	if strings.Contains(stdout+stderr, srv.Token) {
		t.Error("the output has the token")
	}
}

func TestTheJobsIDIsShownOnceAndStatusHasAColourOnlyOnTerminals(t *testing.T) {
	const job = "job 01890a5d-ac96-774b-bcce-b302099a8057: "
	const written = "[windmill] " + job + "WAITING\nstep 1\n[windmill] " + job + "COMPLETED\n"
	for color, want := range map[bool]string{
		false: job + "WAITING\nstep 1\nCOMPLETED\n",
		true:  "\x1b[36m" + job + "WAITING\x1b[0m\nstep 1\n\x1b[36mCOMPLETED\x1b[0m\n",
	} {
		var out bytes.Buffer
		n, err := (&screen{w: &out, color: color}).Write([]byte(written))
		if out.String() != want || n != len(written) || err != nil {
			t.Errorf("color %t: %q, %d, %v, want %q", color, &out, n, err, want)
		}
	}
	if hasColor(&bytes.Buffer{}) {
		t.Error("a buffer has colours")
	}
}
