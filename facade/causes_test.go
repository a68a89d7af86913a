//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// causes are errors that end a context, as the first error of an errgroup does: of other calls of a client, and of anything else.
func causes(t *testing.T) map[string]error {
	made := map[string]error{
		"an error of the user's own": errors.New("the user has closed the window"),
		"the bare ErrNotFound":       facade.ErrNotFound, "the bare ErrNotCompleted": facade.ErrNotCompleted, "the bare ErrJobIDTaken": facade.ErrJobIDTaken,
		"nothing listens":     &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		"no such host":        &net.DNSError{Err: "no such host", Name: "elsewhere.test", IsNotFound: true},
		"a proxy's 407":       errors.New("Proxy Authentication Required"),
		"an answer cut off":   io.ErrUnexpectedEOF,
		"a canceled context":  context.Canceled,
		"two errors together": errors.Join(errors.New("one"), facade.ErrUnauthorized),
	}
	for name, answer := range map[string]http.HandlerFunc{
		"status 400, id taken":       answering(400, "text/plain", "Bad request: Job with id "+someJob+" already exists"),
		"status 401":                 answering(401, "text/plain", "Not authorized: Unauthorized"),
		"status 404":                 answering(404, "text/plain", "Not found: no"),
		"status 404, no such route":  answering(404, "", ""),
		"status 407":                 answering(407, "text/plain", "credentials, please"),
		"status 429":                 answering(429, "text/plain", "slow down"),
		"status 503":                 answering(503, "text/plain", "away"),
		"an answer of another kind":  answering(200, "text/html", htmlPage),
		"a script that has failed":   jobThatFailed,
		"a connection that was lost": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		c, _ := newFake(t, answer, facade.WithMaxRetries(0), facade.WithMaxOutage(time.Second))
		if name == "a connection that was lost" {
			lost := roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
			c, _ = facade.NewClient("http://windmill.test", "t", facade.WithWorkspace("test"), facade.WithHTTPClient(&http.Client{Transport: lost}), facade.WithMaxRetries(0))
		}
		_, made[name+", of a look"] = c.GetResult(t.Context(), someJob)
		_, made[name+", of a start"] = c.RunScriptAsync(t.Context(), somePath, nil)
		_, made[name+", of a resource"] = c.GetResource(t.Context(), "f/no/such")
	}
	c, _ := newFake(t, answering(404, "text/plain", "Not found: no"))
	synctest.Test(t, func(t *testing.T) {
		_, made["a wait that has ended"] = c.GetResult(t.Context(), someJob, facade.WaitForCompletion())
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(made["a wait that has ended"])
	_, made["a call that was ended itself"] = c.GetVersion(ctx)
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/..", nil)
	_, made["a request that was refused"] = c.Do(req)
	for name, err := range made {
		if err == nil {
			delete(made, name)
		}
	}
	return made
}

// jobThatFailed answers all that is asked about a job, which has failed.
func jobThatFailed(w http.ResponseWriter, r *http.Request) {
	status, contentType, body := rightAnswer(r, `{"error":{"name":"ExecutionErr","message":"no"}}`)
	reply(w, status, contentType, strings.Replace(body, `"success":true`, `"success":false`, 1))
}

// endedCalls are the methods, each with what keeps it busy, and the moment at which its context ends.
var endedCalls = map[string]struct {
	operation string
	fault     facadetest.Fault
	after     time.Duration
	call      func(context.Context, *facade.Client) (jobID string, err error)
	wait      bool   // the error is a WaitError
	job       string // what becomes of the job
}{
	"GetVersion": {"backendVersion", facadetest.Hang(), 5 * time.Second, func(ctx context.Context, c *facade.Client) (string, error) {
		_, err := c.GetVersion(ctx)
		return "", err
	}, false, "none"},
	"GetVersion, between two tries": {"backendVersion", facadetest.HTML(502), 5 * time.Second, func(ctx context.Context, c *facade.Client) (string, error) {
		_, err := c.GetVersion(ctx)
		return "", err
	}, false, "none"},
	"GetResource": {"getResourceValueInterpolated", facadetest.Hang(), 5 * time.Second, func(ctx context.Context, c *facade.Client) (string, error) {
		_, err := c.GetResource(ctx, "f/a/b")
		return "", err
	}, false, "none"},
	"GetJobStatus": {"getJob", facadetest.Hang(), 5 * time.Second, func(ctx context.Context, c *facade.Client) (string, error) {
		_, err := c.GetJobStatus(ctx, someJob)
		return "", err
	}, false, "none"},
	"GetResult": {"getCompletedJobResultMaybe", facadetest.Hang(), 5 * time.Second, func(ctx context.Context, c *facade.Client) (string, error) {
		_, err := c.GetResult(ctx, someJob)
		return "", err
	}, false, "none"},
	"GetResult, waiting": {"getJob", facadetest.Hang(), 5 * time.Second, func(ctx context.Context, c *facade.Client) (string, error) {
		_, err := c.GetResult(ctx, someJob, facade.WaitForCompletion())
		return someJob, err
	}, true, "none"},
	"RunScriptAsync, nothing sent":     {"runScriptByPath", facadetest.Hang(), 0, startNap, false, "none"},
	"RunScriptAsync, arrived":          {"runScriptByPath", facadetest.DelayAfter(10 * time.Second), 5 * time.Second, startNap, false, "succeeded"},
	"RunScriptAsync, arrived and lost": {"runScriptByPath", facadetest.ResetAfter(), 5 * time.Second, startNap, false, "succeeded"},
	"RunScriptSync, nothing sent":      {"runScriptByPath", facadetest.Hang(), 0, runNap, false, "none"},
	"RunScriptSync, arrived":           {"runScriptByPath", facadetest.DelayAfter(10 * time.Second), 5 * time.Second, runNap, true, "canceled"},
	"RunScriptSync, waiting":           {"getCompletedJobResultMaybe", facadetest.DelayAfter(7 * time.Second), 5 * time.Second, runNap, true, "canceled"},
}

func startNap(ctx context.Context, c *facade.Client) (string, error) {
	return c.RunScriptAsync(ctx, napping, lasting(time.Minute))
}

func runNap(ctx context.Context, c *facade.Client) (string, error) {
	_, err := c.RunScriptSync(ctx, napping, lasting(time.Minute))
	if wait := (*facade.WaitError)(nil); errors.As(err, &wait) {
		return wait.JobID, err
	}
	return "", err
}

func TestAnotherCallsErrorThatEndsTheContextIsNotTakenForThisCalls(t *testing.T) {
	for cause, why := range causes(t) {
		for name, test := range endedCalls {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Inject(test.operation, test.fault)
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if test.after == 0 {
					cancel(why)
				}
				defer time.AfterFunc(test.after, func() { cancel(why) }).Stop()
				id, err := test.call(ctx, srv.Client())
				if !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
					t.Errorf("%s, %s: %v; want the context's error and its cause", name, cause, err)
					return
				}
				if !strings.Contains(err.Error(), context.Canceled.Error()) || strings.Contains(err.Error(), "\n") && !strings.Contains(why.Error(), "\n") {
					t.Errorf("%s, %s: %q, want one line that says so", name, cause, err)
				}
				var wait *facade.WaitError
				if test.wait && (!errors.As(err, &wait) || wait.JobID != id || wait.CancelErr != nil) {
					t.Errorf("%s, %s: %v, want a WaitError of job %s", name, cause, err, id)
				}
				time.Sleep(2 * time.Minute)
				switch jobs := srv.Jobs(); {
				case fateOf(srv) != test.job:
					t.Errorf("%s, %s: the job is %s, want %s: %v", name, cause, fateOf(srv), test.job, err)
				case len(jobs) == 1 && jobs[0].ID != id, len(jobs) == 0 && test.operation == "runScriptByPath" && !errors.As(why, &wait) && id != "":
					t.Errorf("%s, %s: the id is %q, the jobs are %v: %v", name, cause, id, jobs, err)
				}
			})
		}
	}
}
