//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"io"
	"regexp"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// cancelStep is a moment in a run at which the caller gives up, and what is then to come of it. The run is of a job that would take a minute.
type cancelStep struct {
	at      time.Duration // after the beginning; 0 is before it
	prepare func(*facadetest.Server) []facade.ClientOption
	late    time.Duration // how long giving up may take, beyond the moment that the answers themselves take
	job     string        // what becomes of the job: "none", "canceled" or "succeeded"
	kept    string        // the same with KeepRunning
}

func inject(operation string, f facadetest.Fault, when ...facadetest.When) func(*facadetest.Server) []facade.ClientOption {
	return func(srv *facadetest.Server) []facade.ClientOption {
		srv.Inject(operation, f, when...)
		return nil
	}
}

var cancelSteps = map[string]cancelStep{
	"before anything is sent": {at: 0, job: "none", kept: "none"},
	"while the server takes its time to take the request": {at: 3 * time.Second, job: "none", kept: "none", late: 5 * time.Second,
		prepare: inject("runScriptByPath", facadetest.DelayBefore(time.Minute))},
	"after the server has the job, before its answer": {at: 3 * time.Second, job: "canceled", kept: "succeeded",
		prepare: inject("runScriptByPath", facadetest.DelayAfter(time.Minute))},
	"between two tries of a submission that does not get through": {at: 3 * time.Second, job: "none", kept: "none", late: 5 * time.Second,
		prepare: inject("runScriptByPath", facadetest.HTML(502))},
	"between two tries of a submission whose answers are lost": {at: 3 * time.Second, job: "canceled", kept: "succeeded",
		prepare: inject("runScriptByPath", facadetest.ResetAfter())},
	"while the id is looked up": {at: 3 * time.Second, job: "canceled", kept: "succeeded", late: time.Second,
		prepare: func(srv *facadetest.Server) []facade.ClientOption {
			srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
			srv.Inject("getJob", facadetest.Hang())
			return nil
		}},
	"between two looks": {at: 10*time.Second + 123*time.Microsecond, job: "canceled", kept: "succeeded"},
	"during a look": {at: 10 * time.Second, job: "canceled", kept: "succeeded",
		prepare: inject("getCompletedJobResultMaybe", facadetest.DelayAfter(7*time.Second))},
	"while looks fail": {at: 10 * time.Second, job: "canceled", kept: "succeeded",
		prepare: inject("getCompletedJobResultMaybe", facadetest.ResetBefore())},
	"while the server hangs": {at: 10 * time.Second, job: "canceled", kept: "succeeded",
		prepare: inject("getCompletedJobResultMaybe", facadetest.Hang())},
	"while the job is queued": {at: 10 * time.Second, job: "canceled", kept: "succeeded",
		prepare: func(srv *facadetest.Server) []facade.ClientOption {
			srv.PauseWorkers()
			time.AfterFunc(20*time.Second, srv.ResumeWorkers)
			return nil
		}},
}

func TestGivingUpReturnsAtOnceAndLeavesTheJobAsPromised(t *testing.T) {
	for name, step := range cancelSteps {
		for _, keep := range []bool{false, true} {
			for _, verbose := range []bool{false, true} {
				what := name
				opts := []facade.RunOption{}
				want := step.job
				if keep {
					what, opts, want = what+", to keep it running", append(opts, facade.KeepRunning()), step.kept
				}
				if verbose {
					what, opts = what+", with logs", append(opts, facade.Verbose(io.Discard))
				}
				t.Run(what, func(t *testing.T) {
					inBubble(t, func(t *testing.T, srv *facadetest.Server) { step.check(t, srv, keep, opts, want) })
				})
			}
		}
	}
}

func (s cancelStep) check(t *testing.T, srv *facadetest.Server, keep bool, opts []facade.RunOption, want string) {
	var copts []facade.ClientOption
	if s.prepare != nil {
		copts = s.prepare(srv)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if s.at == 0 {
		cancel()
	} else {
		time.AfterFunc(s.at, cancel)
	}
	start := time.Now()
	_, err := srv.Client(copts...).RunScriptSync(ctx, napping, lasting(time.Minute), opts...)
	if took := time.Since(start) - s.at; took < 0 || took > s.late {
		t.Errorf("it returned %v after it was given up, want at most %v", took, s.late)
	}
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want it to be context.Canceled", err)
	}
	var wait *facade.WaitError
	if errors.As(err, &wait) {
		if jobs := srv.Jobs(); len(jobs) == 1 && wait.JobID != jobs[0].ID {
			t.Errorf("%v; want the id of job %s", err, jobs[0].ID)
		}
		says := regexp.MustCompile(`the job was canceled|canceling was asked for`)
		switch {
		case keep:
			says = regexp.MustCompile(`KeepRunning`)
		case want == "none":
			says = regexp.MustCompile(`may still run, since canceling it failed`)
		}
		if !says.MatchString(err.Error()) || (wait.CancelErr != nil) != (want == "none" && !keep) {
			t.Errorf("%v; want it to say %s", err, says)
		}
	} else if want != "none" {
		t.Errorf("%v, want a WaitError", err)
	}
	time.Sleep(5 * time.Minute)
	if got := fateOf(srv); got != want {
		t.Errorf("the job is %s in the end, want %s", got, want)
	}
}

// fateOf is what has become of a server's only job.
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

func TestGivingUpAStartReturnsAtOnceWithTheIDIfThereMayBeAJob(t *testing.T) {
	for name, step := range cancelSteps {
		if step.at == 10*time.Second || step.at > 10*time.Second {
			continue // after the start
		}
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				var opts []facade.ClientOption
				if step.prepare != nil {
					opts = step.prepare(srv)
				}
				ctx, cancel := context.WithTimeout(t.Context(), step.at)
				defer cancel()
				start := time.Now()
				id, err := srv.Client(opts...).RunScriptAsync(ctx, napping, lasting(time.Minute))
				if took := time.Since(start); took > step.at || err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v after %v, want the deadline's error at %v", err, took, step.at)
				}
				if jobs := srv.Jobs(); len(jobs) == 1 && id != jobs[0].ID || len(jobs) == 0 && err == nil {
					t.Errorf("id %q, %v; the server has the jobs %v", id, err, jobs)
				}
				if n := srv.CountRequests("cancelQueuedJob"); n != 0 {
					t.Errorf("%d requests to cancel the job", n)
				}
			})
		})
	}
}

func TestAWaitThatOnlyLooksNeverCancels(t *testing.T) {
	for name, step := range cancelSteps {
		if step.at < 10*time.Second {
			continue // before the wait
		}
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				if step.prepare != nil {
					step.prepare(srv)
				}
				if _, err := srv.Client().RunScriptAsync(t.Context(), napping, lasting(time.Minute), facade.JobID(someJob)); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), step.at)
				defer cancel()
				start := time.Now()
				_, err := srv.Client().GetResult(ctx, someJob, facade.WaitForCompletion(), facade.Verbose(io.Discard))
				var wait *facade.WaitError
				if took := time.Since(start); took > step.at || !errors.As(err, &wait) || !errors.Is(err, context.DeadlineExceeded) || wait.JobID != someJob {
					t.Errorf("%v after %v, want a WaitError at %v", err, took, step.at)
				}
				time.Sleep(2 * time.Minute)
				if got := fateOf(srv); got != "succeeded" {
					t.Errorf("the job is %s in the end", got)
				}
			})
		})
	}
}
