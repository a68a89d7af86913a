//go:build go1.25

package facade_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

// What the server says.
const (
	alreadyThere = "Bad request: Job with id %s already exists"
	badToken     = "Not authorized: Unauthorized"
	notLoggedIn  = "Bad request: As a non logged in user, you can only see jobs ran by anonymous users"
	notAllowed   = "Permission denied: You do not have access to run x"
	notFound     = "Not found: Job not found at name x (jobs.rs:1688)"
)

// sleepScript is a script that takes as long as its argument says, and returns its job's id.
const sleepScript = "f/test/nap"

// inBubble runs a test in simulated time, against a server that has the script sleepScript.
func inBubble(
	t *testing.T, test func(t *testing.T, srv *facadetest.Server), opts ...facadetest.Option,
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer(opts...)
		defer srv.Close()
		// So that a wait that should have ended does, far later than any.
		defer time.AfterFunc(3*time.Hour, srv.Close).Stop()
		srv.Script(sleepScript, sleepFor)
		test(t, srv)
	})
}

// sleepArgs is the argument of sleepScript.
func sleepArgs(d time.Duration) map[string]time.Duration { return map[string]time.Duration{"D": d} }

func sleepFor(ctx context.Context, job *facadetest.Job) (any, error) {
	var args struct{ D time.Duration }
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	if args.D == 0 {
		// Timers that are due at once make the race detector crash in a bubble, in Go 1.26.
		return job.ID, nil
	}
	select {
	case <-time.After(args.D):
		return job.ID, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// onlyJob returns the one job that a server has.
func onlyJob(t *testing.T, srv *facadetest.Server) facadetest.JobInfo {
	t.Helper()
	jobs := srv.Jobs()
	if len(jobs) != 1 {
		t.Fatalf("the server has %d jobs, want 1", len(jobs))
	}
	return jobs[0]
}

// fateOf returns what has become of a server's only job.
func fateOf(srv *facadetest.Server) string {
	switch jobs := srv.Jobs(); {
	case len(jobs) == 0:
		return "none"
	case len(jobs) > 1:
		return "one of several"
	case jobs[0].Canceled:
		return "canceled"
	case jobs[0].Success:
		return "succeeded"
	}
	return "not completed"
}

// roundTrip is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
