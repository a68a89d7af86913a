//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestCancelIsRepeatedWhileResponsesAreLost(t *testing.T) {
	jobs := map[string][]facade.RunOption{
		"a job that runs":    nil,
		"a job that waits":   {facade.ScheduledIn(time.Hour)},
		"a child that waits": {facade.ScheduledIn(time.Hour), facade.ParentJob(someJob)},
	}
	for name, test := range map[string]struct {
		fault facadetest.Fault
		when  facadetest.When
	}{
		"resets before":                  {facadetest.ResetBefore(), facadetest.Nth(1, 2, 3)},
		"resets after":                   {facadetest.ResetAfter(), facadetest.Nth(1, 2, 3)},
		"a proxy's page":                 {facadetest.HTML(502), facadetest.Nth(1, 2, 3)},
		"a proxy's page with status 200": {facadetest.HTML(200), facadetest.Nth(1, 2, 3)},
		"truncated responses":            {facadetest.CutBody(3), facadetest.Nth(1, 2, 3)},
		"a connection that is dead":      {facadetest.Hang(), facadetest.Nth(1)},
	} {
		for of, opts := range jobs {
			t.Run(name+", "+of, func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					srv.Inject("cancelQueuedJob", test.fault, test.when)
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					defer cancel()
					_, err := srv.Client().RunScriptSync(ctx, sleepScript, sleepArgs(time.Minute), opts...)
					wantCanceled(t, srv, err, "deadline exceeded")
				})
			})
		}
	}
}

// wantCanceled checks that a run was given up and its job canceled, for a reason.
func wantCanceled(t *testing.T, srv *facadetest.Server, err error, reason string) {
	t.Helper()
	wait := (*facade.WaitError)(nil)
	if !errors.As(err, &wait) || wait.CancelErr != nil ||
		!strings.Contains(err.Error(), "canceling was asked for") {
		t.Errorf("got %v, want a WaitError that says that canceling was asked for", err)
	}
	if job := onlyJob(t, srv); !job.Canceled || !strings.Contains(job.CancelReason, reason) {
		t.Errorf("canceled %t, for the reason %q; want %q", job.Canceled, job.CancelReason, reason)
	}
}

// With a NUL in the reason, a server refuses to cancel a running job, and says that it cancels a
// waiting one, without doing it.
func TestCancelsReasonHasNoControlCharacter(t *testing.T) {
	for name, control := range map[string]string{
		"NUL": "\x00", "ESC": "\x1b[31m", "a newline": "\n", "a carriage return": "\r",
		"DEL": "\x7f", "a C1 control": "\u009b31m",
	} {
		for of, opts := range map[string][]facade.RunOption{
			"a job that runs": nil, "a scheduled job": {facade.ScheduledIn(time.Hour)},
			"a scheduled child": {facade.ScheduledIn(time.Hour), facade.ParentJob(someJob)},
		} {
			t.Run(name+", "+of, func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					ctx, cancel := context.WithCancelCause(t.Context())
					time.AfterFunc(10*time.Second, func() { cancel(fmt.Errorf("be%sfore", control)) })
					_, err := srv.Client().RunScriptSync(ctx, sleepScript, sleepArgs(time.Minute), opts...)
					wantCanceled(t, srv, err, "context canceled: be")
					reason := onlyJob(t, srv).CancelReason
					if !strings.Contains(reason, "fore") || strings.ContainsFunc(reason, unicode.IsControl) {
						t.Errorf("the reason is %q", reason)
					}
				})
			})
		}
	}
}

func TestCancelThatFailsIsInTheError(t *testing.T) {
	notYours := "Bad request: You are not logged in and this job was not created by an anonymous " +
		"user like you so you cannot cancel it"
	for name, test := range map[string]struct {
		fault facadetest.Fault
		says  string
	}{
		"it is refused":          {facadetest.Respond(403, nil, notAllowed), "status 403"},
		"the token is not valid": {facadetest.Respond(400, nil, notYours), "not logged in"},
		"the server fails":       {facadetest.Respond(500, nil, "Internal Server Error"), "status 500"},
		"the server is away":     {facadetest.HTML(502), "/jobs_u/queue/cancel/"},
		"the server hangs":       {facadetest.Hang(), "/jobs_u/queue/cancel/"},
		"the response is of another kind": {
			facadetest.Respond(200, nil, "ok"), "/jobs_u/queue/cancel/"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Inject("cancelQueuedJob", test.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				start := time.Now()
				_, err := srv.Client().RunScriptSync(ctx, sleepScript, sleepArgs(time.Minute))
				if took := time.Since(start); took > 15*time.Second+10*time.Millisecond {
					t.Errorf("it took %v", took)
				}
				var wait *facade.WaitError
				if !errors.As(err, &wait) || wait.CancelErr == nil ||
					!errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("got %v, want a WaitError of the deadline with a CancelErr", err)
				}
				for _, says := range []string{wait.CancelErr.Error(), test.says} {
					if !strings.Contains(err.Error(), says) {
						t.Errorf("got %v, want it to say %q", err, says)
					}
				}
				time.Sleep(2 * time.Minute)
				if got := fateOf(srv); got != "succeeded" {
					t.Errorf("the job is %s", got)
				}
			})
		})
	}
}

func TestCancelDuringTheDownloadOfTheResultLeavesTheJobCompleted(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		ctx, cancel := context.WithCancel(t.Context())
		through := srv.HTTPClient().Transport
		hc := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := through.RoundTrip(r)
			if err == nil && strings.Contains(r.URL.Path, "get_result_maybe") {
				resp.Body = leaving{resp.Body, cancel}
			}
			return resp, err
		})}
		start := time.Now()
		_, err := srv.Client(facade.WithHTTPClient(hc)).RunScriptSync(ctx, sleepScript, nil)
		var wait *facade.WaitError
		if !errors.As(err, &wait) || !errors.Is(err, context.Canceled) || wait.CancelErr != nil {
			t.Errorf("got %v, want a WaitError without a CancelErr: the job has completed", err)
		}
		if took, got := time.Since(start), fateOf(srv); took > time.Second || got != "succeeded" {
			t.Errorf("after %v, the job is %s", took, got)
		}
	})
}

// leaving is a body whose reader gives up.
type leaving struct {
	io.ReadCloser
	leave func()
}

func (l leaving) Read([]byte) (int, error) {
	l.leave()
	return 0, context.Canceled // as net/http says, perhaps after all has come
}
