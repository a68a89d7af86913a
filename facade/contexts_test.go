//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// causes returns errors that may end a context: those of other calls, as the first error of an
// errgroup does, and some of no call.
func causes(t *testing.T) map[string]error {
	made := map[string]error{
		"the caller's own":     errors.New("the user has closed the window"),
		"the bare ErrNotFound": facade.ErrNotFound, "the bare ErrJobIDTaken": facade.ErrJobIDTaken,
		"the bare ErrNotCompleted": facade.ErrNotCompleted,
		"nothing listens":          &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		"no such host":             &net.DNSError{Err: "no such host", IsNotFound: true},
		"a truncated response":     io.ErrUnexpectedEOF,
		"a canceled context":       context.Canceled,
		"two errors joined":        errors.Join(errors.New("one"), facade.ErrUnauthorized),
		"a wait that has ended": &facade.WaitError{
			JobID: someJob, Err: &facade.APIError{StatusCode: 404},
		},
	}
	for name, response := range map[string]http.HandlerFunc{
		"id taken":            answering(400, "text/plain", "Bad request: Job with id x already exists"),
		"status 401":          answering(401, "text/plain", "Not authorized: Unauthorized"),
		"status 404":          answering(404, "text/plain", "Not found: no"),
		"status 503":          answering(503, "text/plain", "away"),
		"a page":              answering(200, "text/html", htmlPage),
		"a script's failure":  failedJob,
		"a lost connection":   nil,
		"a job not completed": waitingJob,
	} {
		c, _ := newFake(t, response, facade.WithMaxRetries(0))
		if response == nil {
			c = newClient(t, roundTrip(func(*http.Request) (*http.Response, error) {
				return nil, io.ErrUnexpectedEOF
			}), facade.WithMaxRetries(0))
		}
		for method, call := range calls {
			if err := call(t.Context(), c); err != nil {
				made[name+", of "+method] = err
			}
		}
	}
	return made
}

// failedJob answers all requests about a job, whose script has failed.
func failedJob(w http.ResponseWriter, r *http.Request) {
	result := `{"error":{"name":"ExecutionErr","message":"no"}}`
	status, contentType, body := rightAnswer(r, result)
	reply(w, status, contentType, strings.ReplaceAll(body, `"success":true`, `"success":false`))
}

// waitingJob answers all requests about a job, which has not started.
func waitingJob(w http.ResponseWriter, r *http.Request) {
	status, contentType, body := rightAnswer(r, "null")
	for _, field := range []string{`"completed":`, `"started":`, `"success":`} {
		body = strings.ReplaceAll(body, field+"true", field+"false")
	}
	reply(w, status, contentType, strings.ReplaceAll(body, "CompletedJob", "QueuedJob"))
}

// interruption is a call whose context ends while it is busy with an operation, and what becomes
// of the job that it started.
type interruption struct {
	operation string
	fault     facadetest.Fault
	after     time.Duration
	call      func(context.Context, *facade.Client) (jobID string, err error)
	wait      bool // the error is a WaitError
	job       string
}

const never = 0 * time.Second // the context has ended before the call

func interruptions() map[string]interruption {
	busy := map[string]interruption{
		"RunScriptAsync, nothing sent": {
			"runScriptByPath", facadetest.Hang(), never, startNap, false, "none",
		},
		"RunScriptAsync, arrived": {
			"runScriptByPath", facadetest.DelayAfter(10 * time.Second), 5 * time.Second, startNap,
			false, "succeeded",
		},
		"RunScriptAsync, arrived and lost": {
			"runScriptByPath", facadetest.ResetAfter(), 5 * time.Second, startNap, false, "succeeded",
		},
		"RunScriptSync, nothing sent": {
			"runScriptByPath", facadetest.Hang(), never, runNap, false, "none",
		},
		"RunScriptSync, arrived": {
			"runScriptByPath", facadetest.DelayAfter(10 * time.Second), 5 * time.Second, runNap, true,
			"canceled",
		},
		"RunScriptSync, waiting": {
			"getCompletedJobResultMaybe", facadetest.DelayAfter(7 * time.Second), 5 * time.Second,
			runNap, true, "canceled",
		},
		"GetResult, waiting": {
			"", facadetest.Hang(), 5 * time.Second,
			func(ctx context.Context, c *facade.Client) (string, error) {
				_, err := c.GetResult(ctx, someJob, facade.WaitForCompletion())
				return someJob, err
			}, true, "none",
		},
	}
	for method, call := range calls {
		if strings.HasPrefix(method, "Run") {
			continue
		}
		read := func(ctx context.Context, c *facade.Client) (string, error) { return "", call(ctx, c) }
		busy[method] = interruption{"", facadetest.Hang(), 5 * time.Second, read, false, "none"}
		busy[method+", between two attempts"] = interruption{
			"", facadetest.HTML(502), 5 * time.Second, read, false, "none",
		}
	}
	return busy
}

func startNap(ctx context.Context, c *facade.Client) (string, error) {
	return c.RunScriptAsync(ctx, sleepScript, sleepArgs(time.Minute))
}

func runNap(ctx context.Context, c *facade.Client) (string, error) {
	_, err := c.RunScriptSync(ctx, sleepScript, sleepArgs(time.Minute))
	if wait := (*facade.WaitError)(nil); errors.As(err, &wait) {
		return wait.JobID, err
	}
	return "", err
}

// checkChain checks that an error has nothing of another call's in its chain.
func checkChain(t testing.TB, name string, err error) {
	t.Helper()
	for _, sentinel := range []error{
		facade.ErrNotFound, facade.ErrUnauthorized, facade.ErrForbidden, facade.ErrInvalidArgument,
		facade.ErrNotCompleted, facade.ErrJobIDTaken, io.ErrUnexpectedEOF, syscall.ECONNREFUSED,
	} {
		if errors.Is(err, sentinel) {
			t.Errorf("%s: the error is %v: %v", name, sentinel, err)
		}
	}
	if errors.As(err, new(*facade.JobError)) || errors.As(err, new(*facade.APIError)) {
		t.Errorf("%s: the error is another call's: %v", name, err)
	}
}

func TestTheCauseOfAContextIsInTheTextOnly(t *testing.T) {
	few := newFewFailures(t)
	for cause, why := range causes(t) {
		for name, test := range interruptions() {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				test.check(few, srv, name+", ended by "+cause, why)
			})
		}
	}
}

func (i interruption) check(t testing.TB, srv *facadetest.Server, name string, why error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	remove := srv.Inject(i.operation, i.fault)
	if i.after == never {
		cancel(why)
	}
	defer time.AfterFunc(i.after, func() { cancel(why) }).Stop()
	id, err := i.call(ctx, srv.Client())
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), why.Error()) {
		t.Errorf("%s: %v; want the context's error, and its cause in the text", name, err)
		return
	}
	checkChain(t, name, err)
	var wait *facade.WaitError
	if errors.As(err, &wait) != i.wait || i.wait && wait.JobID != id {
		t.Errorf("%s: %v, want a WaitError of job %q: %t", name, err, id, i.wait)
	}
	remove()
	time.Sleep(2 * time.Minute)
	if jobs := srv.Jobs(); fateOf(srv) != i.job || len(jobs) == 1 && jobs[0].ID != id {
		t.Errorf("%s: the job is %s, want %s with id %q: %v", name, fateOf(srv), i.job, id, err)
	}
}

func TestRunsOfAGroupThatWereGivenUpDidNotFail(t *testing.T) {
	const failing = "f/test/fail"
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Script(failing, func(context.Context, *facadetest.Job) (any, error) {
			return nil, errors.New("no paper")
		})
		// As errgroup.WithContext has it: the first error of the group is the cause for all others.
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		c, errs := srv.Client(), map[string]error{}
		var mu sync.Mutex
		var group sync.WaitGroup
		for _, script := range []string{failing, sleepScript} {
			group.Go(func() {
				if script == failing {
					time.Sleep(time.Second)
				}
				_, err := c.RunScriptSync(ctx, script, sleepArgs(time.Minute))
				cancel(err)
				mu.Lock()
				defer mu.Unlock()
				errs[script] = err
			})
		}
		group.Wait()
		if !errors.As(errs[failing], new(*facade.JobError)) {
			t.Errorf("the script that failed: %v", errs[failing])
		}
		checkChain(t, "the run that was given up", errs[sleepScript])
		if err := errs[sleepScript]; !errors.Is(err, context.Canceled) ||
			!strings.Contains(err.Error(), errs[failing].Error()) {
			t.Errorf("the run that was given up: %v", err)
		}
	})
}

func TestAnEndedContextIsReportedWithTheLastFailure(t *testing.T) {
	const failure = "no healthy upstream"
	check := func(name string, call func(context.Context, *facade.Client) error) {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			away := facadetest.Respond(503, http.Header{"Retry-After": {"1"}}, failure)
			srv.Inject("", away, facadetest.If(func(r *http.Request) bool {
				return name != "RunScriptSync" || !strings.Contains(r.URL.Path, "/jobs/run/")
			}))
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			err := call(ctx, srv.Client(facade.WithMaxRetries(1000)))
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), failure) {
				t.Errorf("%s: %v", name, err)
			}
			wait := (*facade.WaitError)(nil)
			if name == "RunScriptSync" && (!errors.As(err, &wait) || wait.CancelErr == nil ||
				!strings.Contains(wait.CancelErr.Error(), failure)) {
				t.Errorf("canceling says nothing of the failure: %v", err)
			}
		})
	}
	for name, call := range calls {
		check(name, call)
	}
	check("RunScriptSync", func(ctx context.Context, c *facade.Client) error {
		_, err := runNap(ctx, c)
		return err
	})
}
