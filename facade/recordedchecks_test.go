//go:build go1.25

package facade_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
)

// recordedErrors say what a response that is no success is about: the first that matches.
var recordedErrors = []struct {
	status int
	path   string // a part of it
	words  string // a regular expression for the body
	about  error
}{
	{400, "/jobs_u/", `^Bad request: As a non logged in user`, facade.ErrUnauthorized},
	{400, "/jobs_u/queue/cancel/", `^Bad request: You are not logged in`, facade.ErrUnauthorized},
	{400, "/jobs/run/h/", `^SqlErr: no rows returned`, facade.ErrNotFound},
	// The job that is there is another script's.
	{400, "/jobs/run/", `^Bad request: Job with id .* already exists$`, facade.ErrJobIDTaken},
	{400, "", "", nil},
	{401, "", `^(Not authorized: )?Unauthorized$`, facade.ErrUnauthorized},
	{401, "", `but (it exists|you don't have access)`, facade.ErrForbidden},
	{403, "", "", facade.ErrForbidden},
	{404, "", `^Not found: `, facade.ErrNotFound},
	{404, "", `^$`, nil},
	{500, "", `^Internal Server Error$`, nil},
}

// checkError checks that err is the error that the response stands for.
func (ex *recorded) checkError(t *testing.T, err error) {
	t.Helper()
	for _, rule := range recordedErrors {
		if ex.Response.Status != rule.status || !strings.Contains(ex.Request.Path, rule.path) ||
			!regexp.MustCompile(rule.words).MatchString(ex.Response.Body) {
			continue
		}
		refused, taken := (*facade.APIError)(nil), rule.about == facade.ErrJobIDTaken
		if !taken && (!errors.As(err, &refused) || refused.StatusCode != rule.status) {
			t.Errorf("got %v, want an *APIError with status %d", err, rule.status)
			return
		}
		for _, about := range []error{
			facade.ErrUnauthorized, facade.ErrForbidden, facade.ErrNotFound, facade.ErrNotCompleted,
			facade.ErrJobIDTaken,
		} {
			if errors.Is(err, about) != (about == rule.about) {
				t.Errorf("got %v: it being %q is %t", err, about, errors.Is(err, about))
			}
		}
		for _, secret := range []string{
			"@example.com", "TOKENSTART", "ApiAuthed", "AuthedRef", "token_prefix",
		} {
			if strings.Contains(fmt.Sprintf("%v %#v", err, refused), secret) {
				t.Errorf("the error has %q in it: %v", secret, err)
			}
		}
		return
	}
	t.Errorf("no rule for status %d with %q", ex.Response.Status, ex.Response.Body)
}

// check checks that a successful response gives its value, and another one its error.
func (ex *recorded) check(t *testing.T, got string, err error) {
	t.Helper()
	if ex.Response.Status >= 300 {
		ex.checkError(t, err)
		return
	}
	want := ex.Response.Body
	if ex.kind() == "jobs_u/get/" {
		want = statusIn(t, want)
	}
	if err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

// statusIn returns the status in a response of jobs_u/get.
func statusIn(t *testing.T, body string) string {
	job := as[struct {
		Type    string
		Running bool
	}](t, json.RawMessage(body))
	switch {
	case job.Type == "CompletedJob":
		return "COMPLETED"
	case job.Running:
		return "RUNNING"
	}
	return "WAITING"
}

func (ex *recorded) checkResult(t *testing.T, got string, err error) {
	if ex.Response.Status != 200 {
		ex.checkError(t, err)
		return
	}
	answer := as[struct {
		Completed, Success bool
		Result             json.RawMessage
	}](t, json.RawMessage(ex.Response.Body))
	var failed *facade.JobError
	switch {
	case answer.Success:
		if err != nil || got != string(answer.Result) {
			t.Errorf("got %s, %v; want %s", got, err, answer.Result)
		}
	case answer.Completed:
		canceled := regexp.MustCompile(`canceled|after the (force )?cancel`).MatchString(ex.Name)
		if !errors.As(err, &failed) || failed.Canceled != canceled || failed.Name == "" ||
			failed.Message == "" || string(failed.Raw) != string(answer.Result) {
			t.Errorf("got %s, %#v; want a *JobError, canceled %t, with all of %s",
				got, err, canceled, answer.Result)
		}
	case ex.job.status == 404:
		if !errors.Is(err, facade.ErrNotFound) {
			t.Errorf("got %s, %v; want ErrNotFound", got, err)
		}
	case ex.job.status == 200:
		status := statusIn(t, ex.job.body)
		if !errors.Is(err, facade.ErrNotCompleted) || !strings.Contains(err.Error(), status) {
			t.Errorf("got %s, %v; want ErrNotCompleted", got, err)
		}
	}
}

// checkLogs checks that the log of the response comes once, and the result with it.
func (ex *recorded) checkLogs(ctx context.Context, t *testing.T, c *facade.Client) {
	var out strings.Builder
	opts := []facade.ResultOption{facade.Logs(&out)}
	isStream := ex.kind() == "jobs_u/getupdate_sse/"
	if isStream {
		opts = append(opts, facade.WaitForCompletion())
		ex.runs.Store(true)
		time.AfterFunc(5*time.Second, func() { ex.runs.Store(false) })
	}
	result, err := c.GetResult(ctx, ex.id(), opts...)
	if err != nil || string(result) != `"the result"` {
		t.Errorf("got %s, %v", result, err)
	}
	want, completed, whole := "", false, false
	for _, event := range strings.Split(ex.Response.Body, "\n\n") {
		var update struct {
			Completed bool
			Logs      string `json:"new_logs"`
			Offset    *int   `json:"log_offset"`
		}
		if json.Unmarshal([]byte(strings.TrimPrefix(event, "data: ")), &update) == nil {
			want += update.Logs
			completed = completed || update.Completed
			whole = whole || update.Completed && update.Offset != nil
		}
	}
	switch {
	case isStream && !whole:
		want += restOfLog
	case !isStream && !completed:
		want = "" // the rest of a log must say that the job has completed
	}
	if want != "" && !strings.HasSuffix(want, "\n") {
		want += "\n"
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
}

// checkCancel gives up a run while it is waited for.
func (ex *recorded) checkCancel(ctx context.Context, t *testing.T, c *facade.Client) {
	ctx, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	ex.runs.Store(true)
	_, err := c.RunScriptSync(ctx, ex.script(), nil, facade.JobID(ex.id()))
	var wait *facade.WaitError
	if !errors.As(err, &wait) || !errors.Is(err, context.DeadlineExceeded) || wait.JobID != ex.id() {
		t.Fatalf("got %v, want a WaitError", err)
	}
	if ex.Response.Status == 200 {
		if wait.CancelErr != nil {
			t.Errorf("canceling failed: %v", wait.CancelErr)
		}
		return
	}
	ex.checkError(t, wait.CancelErr)
}
