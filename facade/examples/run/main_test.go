package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

// environment sets the three variables that the program reads.
func environment(t *testing.T, url, token, workspace string) {
	t.Helper()
	t.Setenv("WM_BASE_URL", url)
	t.Setenv("WM_TOKEN", token)
	t.Setenv("WM_WORKSPACE", workspace)
}

// soon is a context for a program that should end long before it does.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 15*time.Second)
	t.Cleanup(stop)
	return ctx
}

// screen is what the program has shown. It calls seen, if that is set, with all of it after each write.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	seen func(string)
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.text.Write(p)
	if s.seen != nil {
		s.seen(s.text.String())
	}
	return n, err
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// inOrder fails the test unless text has all the parts, one after the other.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("%q is missing, or not where it should be, in:\n%s", part, text)
		}
		rest = after
	}
}

func TestARunShowsEverythingInTheOrderInWhichItHappens(t *testing.T) {
	environment(t, "", "", "")
	var stdout, stderr screen
	if status := run(soon(t), []string{"", `{"day": "monday"}`}, &stdout, &stderr); status != 0 {
		t.Fatalf("exit status %d, want 0; stderr: %s", status, &stderr)
	}
	inOrder(t, stdout.String(),
		"Windmill CE v1.743.0 at http://127.0.0.1:", "workspace test, in memory",
		`f/demo/report {"day":"monday"}`,
		"WAITING", "RUNNING", "report for monday", "1/4", "2/4", "3/4", "4/4", "COMPLETED",
		`"day": "monday",`, `"last_order": 9007199254740993,`,
		"Done in ")
	if stderr.String() != "" {
		t.Errorf("nothing went wrong, but stderr has: %s", &stderr)
	}
}

func TestAFailedScriptShowsItsErrorsNameAndMessage(t *testing.T) {
	environment(t, "", "", "")
	var stdout, stderr screen
	if status := run(soon(t), []string{"f/demo/fail"}, &stdout, &stderr); status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	inOrder(t, stdout.String(), "checking the day", "COMPLETED", "Ended after ")
	inOrder(t, stderr.String(), "failed: ValueError: there is no report for a sunday", "Traceback")
}

func TestAnInterruptCancelsTheJobAndSaysSo(t *testing.T) {
	environment(t, "", "", "")
	ctx, interrupt := context.WithCancel(soon(t))
	defer interrupt()
	stdout := screen{seen: func(text string) {
		if strings.Contains(text, "0 s of 60") {
			interrupt()
		}
	}}
	var stderr screen
	if status := run(ctx, []string{"f/demo/slow"}, &stdout, &stderr); status != exitInterrupted {
		t.Errorf("exit status %d, want %d", status, exitInterrupted)
	}
	inOrder(t, stderr.String(), "Interrupted: ", "(the job was canceled)")
}

func TestUsageErrorsAreToldApartAndEndWithTwo(t *testing.T) {
	tests := map[string]struct {
		url, token, workspace string
		args                  []string
		want                  string
	}{
		"a token without the rest":               {token: "t", want: "the environment has WM_TOKEN but lacks WM_BASE_URL and WM_WORKSPACE"},
		"a server and a token, no workspace":     {url: "http://h", token: "t", want: "the environment has WM_BASE_URL and WM_TOKEN but lacks WM_WORKSPACE"},
		"a base URL that is none":                {url: "localhost:8000", token: "t", workspace: "w", want: "the base URL: not an absolute URL"},
		"no script for a server of one's own":    {url: "http://h", token: "t", workspace: "w", want: "which script?"},
		"arguments that are not JSON":            {args: []string{"f/demo/report", "{day: monday}"}, want: "the arguments {day: monday} are no JSON object"},
		"arguments that are an array":            {args: []string{"f/demo/report", "[1]"}, want: "the arguments [1] are no JSON object"},
		"arguments that are null":                {args: []string{"f/demo/report", "null"}, want: "the arguments null are no JSON object"},
		"arguments that fell apart":              {args: []string{"f/demo/report", `{"a":`, `1}`}, want: "quote the JSON object"},
		"a script that is neither path nor hash": {args: []string{"report"}, want: `script "report" is neither a version hash (16 hex digits) nor a path`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			environment(t, test.url, test.token, test.workspace)
			var stdout, stderr screen
			if status := run(soon(t), test.args, &stdout, &stderr); status != exitUsage {
				t.Errorf("exit status %d, want %d", status, exitUsage)
			}
			inOrder(t, stderr.String(), test.want)
		})
	}
}

func TestAnyPathRunsInMemory(t *testing.T) {
	environment(t, "", "", "")
	var stdout, stderr screen
	if status := run(soon(t), []string{"f/team/report", `{"day":"monday"}`}, &stdout, &stderr); status != 0 {
		t.Fatalf("exit status %d, want 0; stderr: %s", status, &stderr)
	}
	inOrder(t, stdout.String(), "f/team/report {", "(in memory, f/team/report is a copy of f/demo/report)", "report for monday", "Done in ")
}

func TestAnUnknownScriptIsToldWithThoseThatAreThere(t *testing.T) {
	environment(t, "", "", "")
	var stdout, stderr screen
	if status := run(soon(t), []string{"0123456789abcdef"}, &stdout, &stderr); status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	inOrder(t, stderr.String(), "no script version of this hash", "f/demo/report, f/demo/fail, f/demo/slow")
}

func TestWithTheEnvironmentSetItRunsOnThatServer(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	hash := srv.Script("f/team/report", func(_ context.Context, job *facadetest.Job) (any, error) {
		return job.Args, nil
	})
	environment(t, srv.URL, srv.Token, srv.Workspace)
	for _, script := range []string{"f/team/report", hash} {
		var stdout, stderr screen
		if status := run(soon(t), []string{script, `{"n":1}`}, &stdout, &stderr); status != 0 {
			t.Fatalf("exit status %d, want 0; stderr: %s", status, &stderr)
		}
		inOrder(t, stdout.String(), srv.URL+"/api, workspace "+srv.Workspace, "\n{\n  \"n\": 1\n}\n")
		if strings.Contains(stdout.String()+stderr.String(), srv.Token) {
			t.Error("the token is shown")
		}
	}
	var got []string
	for _, job := range srv.Jobs() {
		got = append(got, job.Path)
	}
	if diff := cmp.Diff([]string{"f/team/report", "f/team/report"}, got); diff != "" {
		t.Errorf("jobs on the server (-want +got):\n%s", diff)
	}
}
