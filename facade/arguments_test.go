package facade_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
)

// checkRefused checks that a method returned ErrInvalidArgument, with text in it.
func checkRefused(t *testing.T, name string, err error, text string) {
	t.Helper()
	if !errors.Is(err, facade.ErrInvalidArgument) || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got %v, want ErrInvalidArgument that says %s", name, err, text)
	}
}

func TestRunsRefuseInvalidArgumentsAndOptions(t *testing.T) {
	c, srv := newFake(t, okHandler("1"))
	for name, test := range map[string]struct {
		script string // empty means a good one
		args   any
		opts   []facade.RunOption
		says   string
	}{
		"a script that is one space":          {script: " ", says: "neither"},
		"a hash that is too short":            {script: "5a9019383f2ea72", says: `2ea72" is neither`},
		"a hash that is too long":             {script: strings.Repeat("5a90", 8), says: "16 hex digits"},
		"a hash with a letter past f":         {script: "5a9019383f2ea72g", says: "16 hex digits"},
		"a script path of an unknown kind":    {script: "x/team/report", says: "begins with none of"},
		"a script path without a name":        {script: "f/team", says: "no name"},
		"a script path with a slash in front": {script: "/f/team/report", says: "empty"},
		"a script path with a slash behind":   {script: "f/team/report/", says: "empty"},
		"a script path that goes up":          {script: "f/../report", says: `".."`},
		"a script path with a dot":            {script: "f/./report", says: `"."`},
		"a script path with a line end":       {script: "f/team/re\nport", says: "control characters"},
		"a script path that is not UTF-8":     {script: "f/team/\xff", says: "not UTF-8"},
		"arguments that are an array":         {args: []int{1}, says: "[]int"},
		"arguments that are a string":         {args: "x", says: "JSON object"},
		"arguments that are not a number":     {args: map[string]any{"x": math.NaN()}, says: "NaN"},
		"arguments that are a channel":        {args: make(chan int), says: "chan int"},
		"a negative delay": {
			opts: []facade.RunOption{facade.ScheduledIn(-1)}, says: "ScheduledIn",
		},
		"a delay of centuries": {
			opts: []facade.RunOption{facade.ScheduledIn(math.MaxInt64)}, says: "100 years",
		},
		"the zero time": {
			opts: []facade.RunOption{facade.ScheduledAt(time.Time{})}, says: "zero time",
		},
		"a delay and a time": {
			opts: []facade.RunOption{facade.ScheduledIn(1), facade.ScheduledAt(time.Now())},
			says: "exclude",
		},
		"a job id that is no UUID": {
			opts: []facade.RunOption{facade.JobID("mine")}, says: `JobID: job id "mine"`,
		},
		"a parent that is no UUID": {
			opts: []facade.RunOption{facade.ParentJob("")}, says: "ParentJob",
		},
		"an empty tag":          {opts: []facade.RunOption{facade.Tag("")}, says: "Tag"},
		"a tag with a line end": {opts: []facade.RunOption{facade.Tag("a\nb")}, says: "Tag"},
		"a nil option": {
			opts: []facade.RunOption{facade.KeepRunning(), nil}, says: "option 2 is nil",
		},
		"a nil writer": {opts: []facade.RunOption{facade.Verbose(nil)}, says: "Verbose"},
	} {
		if test.script == "" {
			test.script = somePath
		}
		id, err := c.RunScriptAsync(t.Context(), test.script, test.args, test.opts...)
		checkRefused(t, name, err, test.says)
		if id != "" {
			t.Errorf("%s: the id %s", name, id)
		}
		_, err = c.RunScriptSync(t.Context(), test.script, test.args, test.opts...)
		checkRefused(t, name, err, test.says)
	}
	_, err := c.RunScriptAsync(t.Context(), "", nil)
	checkRefused(t, "an empty script", err, "script is empty")
	if sent := srv.requests(); len(sent) > 0 {
		t.Errorf("requests were sent: %v", sent)
	}
}

func TestReadsRefuseInvalidArgumentsAndOptions(t *testing.T) {
	c, srv := newFake(t, okHandler("1"))
	for name, id := range map[string]string{
		"an empty job id":                "",
		"a job id with braces":           "{" + someJob + "}",
		"a job id without dashes":        strings.ReplaceAll(someJob, "-", ""),
		"a job id with a path behind it": someJob[:34] + "/x",
	} {
		_, err := c.GetJobStatus(t.Context(), id)
		checkRefused(t, name, err, "job id")
		_, err = c.GetResult(t.Context(), id)
		checkRefused(t, name, err, "job id")
	}
	for path, says := range map[string]string{
		"": "empty", "$res:": "empty", "f/../../version": `".."`, "res://f//x": "empty",
	} {
		_, err := c.GetResource(t.Context(), path)
		checkRefused(t, "the resource "+path, err, says)
	}
	verbose, logs := facade.Verbose(io.Discard), facade.Logs(io.Discard)
	for name, test := range map[string]struct {
		opts []facade.ResultOption
		says string
	}{
		"a nil option":       {[]facade.ResultOption{nil}, "option 1 is nil"},
		"a nil writer":       {[]facade.ResultOption{facade.Logs(nil)}, "Logs: the writer is nil"},
		"a typed nil writer": {[]facade.ResultOption{facade.Verbose((*bytes.Buffer)(nil))}, "Verbose"},
		"two writers":        {[]facade.ResultOption{verbose, logs}, "exclude each other"},
	} {
		_, err := c.GetResult(t.Context(), someJob, test.opts...)
		checkRefused(t, name, err, test.says)
	}
	if sent := srv.requests(); len(sent) > 0 {
		t.Errorf("requests were sent: %v", sent)
	}
}
