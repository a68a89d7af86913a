//go:build go1.25

package facade_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestMessagesOfJobs(t *testing.T) {
	result := func(handler http.HandlerFunc) func(context.Context) error {
		return func(ctx context.Context) error {
			c, _ := newFake(t, handler)
			_, err := c.GetResult(ctx, someJob)
			return err
		}
	}
	failure := func(result string) func(context.Context) error {
		return func(ctx context.Context) error {
			c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
				status, kind, body := rightAnswer(r, result)
				reply(w, status, kind, strings.ReplaceAll(body, `"success":true`, `"success":false`))
			})
			_, err := c.RunScriptSync(ctx, somePath, nil)
			return err
		}
	}
	const running = "windmill: running f/some/script: job ID "
	checkMessages(t, []message{
		{"windmill: job ID: not completed: it is WAITING", result(waitingJob)},
		{"windmill: job ID failed: ExecutionErr: no", result(failedJob)},
		{running + "failed: ValueError: no paper",
			failure(`{"error":{"name":"ValueError","message":"no paper","stack":"at x"}}`)},
		{running + "failed: no name", failure(`{"error":"no name"}`)},
		{running + `failed: {"code":7}`, failure(`{"error":{"code":7}}`)},
		{running + "failed", failure("null")},
		{running + "was canceled: Canceled: enough",
			failure(`{"error":{"name":"Canceled","message":"enough","canceler":"ada"}}`)},
		{running + `failed: \x1b[2J: \x00`, failure(`{"error":{"name":"\u001b[2J","message":"\u0000"}}`)},
	})
}

func TestMessagesOfRuns(t *testing.T) {
	// given returns a run of a script that lasts an hour, which is given up after a minute.
	given := func(
		prepare func(*facadetest.Server), opts ...facade.RunOption,
	) func(context.Context) error {
		return func(ctx context.Context) error {
			srv := facadetest.NewServer()
			defer srv.Close()
			srv.Script(sleepScript, sleepFor)
			prepare(srv)
			ctx, stop := context.WithTimeout(ctx, time.Minute)
			defer stop()
			_, err := srv.Client().RunScriptSync(ctx, sleepScript, sleepArgs(time.Hour), opts...)
			return err
		}
	}
	nothing := func(*facadetest.Server) {}
	start := func(h http.HandlerFunc, opts ...facade.RunOption) func(context.Context) error {
		return func(ctx context.Context) error {
			c, _ := newFake(t, h, facade.WithMaxRetries(0))
			_, err := c.RunScriptAsync(ctx, somePath, nil, opts...)
			return err
		}
	}
	taken := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				reply(w, 400, "text/plain", "Bad request: Job with id "+someJob+" already exists")
				return
			}
			kind := "application/json"
			if status != 200 {
				kind = "text/plain"
			}
			reply(w, status, kind, body)
		}
	}
	id := facade.JobID(someJob)
	runJoined := func(ctx context.Context) error {
		c, _ := newFake(t, answering(503, "text/plain", "away"), facade.WithMaxRetries(0))
		_, err := c.RunScriptSync(ctx, somePath, nil, id)
		return err
	}
	const waiting = "windmill: running f/test/nap: waiting for job ID: context deadline exceeded "
	const other = `{"type":"QueuedJob","script_path":"f/x/y","script_hash":"` + someHash + `"}`
	const post = "POST /w/test/jobs/run/p/f/some/script: "
	checkMessages(t, []message{
		{waiting + "(the job may still run for a moment: canceling was asked for)", given(nothing)},
		{waiting + "(the job is left alone, as KeepRunning asks)",
			given(nothing, facade.KeepRunning())},
		{waiting + "(the job is left alone: another call started it, or may have)",
			given(func(srv *facadetest.Server) {
				ctx, c := context.Background(), srv.Client()
				if _, err := c.RunScriptAsync(ctx, sleepScript, sleepArgs(time.Hour), id); err != nil {
					t.Error(err)
				}
			}, id)},
		{waiting + "(the job may still run, since canceling it failed: " +
			"POST /w/test/jobs_u/queue/cancel/ID: status 403: Permission denied: no)",
			given(func(srv *facadetest.Server) {
				srv.Inject("cancelQueuedJob", facadetest.Respond(403, nil, "Permission denied: no"))
			})},
		{"windmill: " + post + "status 404: Not found: no",
			start(answering(404, "text/plain", "Not found: no"))},
		{"windmill: job ID may have been started: " + post + "status 503: away " +
			"(looking the job up: status 503: away)", start(answering(503, "text/plain", "away"), id)},
		{"windmill: running f/some/script: waiting for job ID: " + post + "status 503: away (looking " +
			"the job up: status 503: away) (the job may have been started, and is left alone)", runJoined},
		{"windmill: job id taken: job ID is a run of f/x/y (version 00000000deadbeef)",
			start(taken(200, other), id)},
		{"windmill: job id taken: job ID is in another workspace, hidden from this token, " +
			"or not there yet: " +
			post + "status 400: Bad request: Job with id ID already exists",
			start(taken(404, "Not found: no"), id)},
	})
}

func TestMessagesOfValues(t *testing.T) {
	decode := func(raw string, into func(json.RawMessage) error) func(context.Context) error {
		return func(context.Context) error { return into(json.RawMessage(raw)) }
	}
	number := func(raw json.RawMessage) error { _, err := facade.As[int](raw, nil); return err }
	status := func(raw json.RawMessage) error {
		_, err := facade.As[facade.JobStatus](raw, nil)
		return err
	}
	checkMessages(t, []message{
		{"windmill: decoding 3 bytes of JSON into int: json: cannot unmarshal string into Go value " +
			"of type int", decode(`"x"`, number)},
		{"windmill: decoding 0 bytes of JSON into int: EOF", decode("", number)},
		{"windmill: decoding 3 bytes of JSON into int: more follows the value", decode("1 2", number)},
		{`windmill: decoding 6 bytes of JSON into facade.JobStatus: windmill: "done" is not a job ` +
			"status: want WAITING, RUNNING or COMPLETED", decode(`"done"`, status)},
		{"windmill: JobStatus(7) is not a job status", func(context.Context) error {
			_, err := facade.JobStatus(7).MarshalText()
			return err
		}},
		{"no decoding", func(context.Context) error {
			_, err := facade.As[int](nil, errors.New("no decoding"))
			return err
		}},
	})
}

// Programs make such errors in their own tests.
func TestMessagesOfErrorsMadeByPrograms(t *testing.T) {
	var table []message
	for _, row := range []struct {
		want string
		err  error
	}{
		{"waiting for a job", &facade.WaitError{}},
		{"waiting for job 7", &facade.WaitError{JobID: "7"}},
		{"waiting for job ID: EOF", &facade.WaitError{JobID: someJob, Err: io.EOF}},
		{"waiting for a job (the job may still run, since canceling it failed: no)",
			&facade.WaitError{CancelErr: errors.New("no")}},
		{"a job failed", &facade.JobError{}},
		{"a job was canceled", &facade.JobError{Canceled: true}},
		{"job 7 failed: ValueError: no paper",
			&facade.JobError{JobID: "7", Name: "ValueError", Message: "no paper"}},
		{"status 404", &facade.APIError{StatusCode: 404}},
		{"GET: status 500", &facade.APIError{StatusCode: 500, Method: "GET"}},
		{"/version: status 500: boom",
			&facade.APIError{StatusCode: 500, Path: "/version", Message: "boom"}},
	} {
		_ = errors.Is(row.err, facade.ErrNotFound) // does not panic
		table = append(table, message{row.want, func(context.Context) error { return row.err }})
	}
	checkMessages(t, table)
}
