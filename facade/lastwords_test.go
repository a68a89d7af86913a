//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestTheContextsEndIsToldTogetherWithWhatFailedBefore(t *testing.T) {
	for method, call := range calls {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, answering(503, "text/plain", "no healthy upstream"))
			ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
			defer stop()
			err := call(ctx, c)
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no healthy upstream") {
				t.Errorf("%s: %v", method, err)
			}
		})
	}
}

func TestAnErrorNamesWhatItIsAboutOnce(t *testing.T) {
	notFound := answering(404, "text/plain", "Not found: Job not found at name "+someJob+" (jobs.rs:1688)")
	taken := func(otherwise http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				reply(w, 400, "text/plain", fmt.Sprintf(alreadyThere, someJob))
				return
			}
			otherwise(w, r)
		}
	}
	away := answering(503, "text/plain", "no healthy upstream")
	run := func(ctx context.Context, c *facade.Client) error {
		_, err := c.RunScriptAsync(ctx, somePath, nil, facade.JobID(someJob))
		return err
	}
	for name, test := range map[string]struct {
		call   func(context.Context, *facade.Client) error
		answer http.HandlerFunc
		once   string // besides the job's id
	}{
		"no such job":                         {calls["GetJobStatus"], notFound, "GET /w/test/jobs_u/get/"},
		"no such job, and no result":          {calls["GetResult"], notFound, "GET /w/test/jobs_u/"},
		"a taken id whose job is hidden":      {run, taken(notFound), "POST"},
		"a taken id that cannot be looked up": {run, taken(away), "GET /w/test/jobs_u/get/"},
		"a submission that may have arrived":  {run, away, "POST"},
		"the context's end":                   {calls["GetJobStatus"], away, "GET /w/test/jobs_u/get/"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, test.answer)
			ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
			defer stop()
			err := test.call(ctx, c)
			if err == nil || strings.Count(err.Error(), someJob) != 1 || strings.Count(err.Error(), test.once) != 1 {
				t.Errorf("%s: got %v, want the job's id and %q once", name, err, test.once)
			}
		})
	}
}

func TestTheEndOfAWaitIsToldTogetherWithWhatFailedBefore(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("getCompletedJobResultMaybe", facadetest.Respond(503, nil, "no healthy upstream"))
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, err := srv.Client().RunScriptSync(ctx, napping, lasting(time.Hour))
		var wait *facade.WaitError
		if !errors.As(err, &wait) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no healthy upstream") {
			t.Errorf("got %v", err)
		}
	})
}

func TestACancellationThatRunsOutOfTimeTellsWhatFailed(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("cancelQueuedJob", facadetest.Respond(503, nil, "no healthy upstream"))
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, err := srv.Client().RunScriptSync(ctx, napping, lasting(time.Hour))
		var wait *facade.WaitError
		if !errors.As(err, &wait) || wait.CancelErr == nil || !strings.Contains(err.Error(), "no healthy upstream") {
			t.Errorf("got %v", err)
		}
	})
}
