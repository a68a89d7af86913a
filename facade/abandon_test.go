//go:build go1.25

package facade_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// cancelStep is a moment in a run of a minute at which the caller gives up, and what becomes of
// the job then.
type cancelStep struct {
	at      time.Duration // after the beginning; 0 is before it
	prepare func(*facadetest.Server) []facade.ClientOption
	late    time.Duration // how long giving up may take
	job     string        // what becomes of the job: "none", "canceled" or "succeeded"
	kept    string        // the same with KeepRunning
}

func inject(operation string, f facadetest.Fault) func(*facadetest.Server) []facade.ClientOption {
	return func(srv *facadetest.Server) []facade.ClientOption {
		srv.Inject(operation, f)
		return nil
	}
}

var duringSubmission = map[string]cancelStep{
	"before anything is sent": {at: 0, job: "none", kept: "none"},
	"before the server handles the submission": {
		at: 3 * time.Second, job: "none", kept: "none", late: 5 * time.Second,
		prepare: inject("runScriptByPath", facadetest.DelayBefore(time.Minute))},
	"while the server inserts the job": {
		at: 3 * time.Second, job: "canceled", kept: "succeeded", late: 3 * time.Second,
		prepare: inject("runScriptByPath", facadetest.DelayCommit(4*time.Second))},
	"after the server has the job, before its response": {
		at: 3 * time.Second, job: "canceled", kept: "succeeded",
		prepare: inject("runScriptByPath", facadetest.DelayAfter(time.Minute))},
	"between two attempts that do not get through": {
		at: 3 * time.Second, job: "none", kept: "none", late: 5 * time.Second,
		prepare: inject("runScriptByPath", facadetest.HTML(502))},
	"between two attempts whose responses are lost": {
		at: 3 * time.Second, job: "canceled", kept: "succeeded",
		prepare: inject("runScriptByPath", facadetest.ResetAfter())},
	"while the id is looked up": {
		at: 3 * time.Second, job: "canceled", kept: "succeeded", late: time.Second,
		prepare: func(srv *facadetest.Server) []facade.ClientOption {
			srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
			srv.Inject("getJob", facadetest.Hang())
			return nil
		}},
}

var duringWait = map[string]cancelStep{
	"between two looks": {at: 10*time.Second + 123*time.Microsecond},
	"during a look": {at: 10 * time.Second,
		prepare: inject("getCompletedJobResultMaybe", facadetest.DelayAfter(7*time.Second))},
	"while looks fail": {at: 10 * time.Second,
		prepare: inject("getCompletedJobResultMaybe", facadetest.ResetBefore())},
	"while the server hangs": {at: 10 * time.Second,
		prepare: inject("getCompletedJobResultMaybe", facadetest.Hang())},
	"while the job is queued": {at: 10 * time.Second,
		prepare: func(srv *facadetest.Server) []facade.ClientOption {
			srv.PauseWorkers()
			time.AfterFunc(20*time.Second, srv.ResumeWorkers)
			return nil
		}},
	"after the job was deleted": {at: 10 * time.Second, job: "none", kept: "none",
		prepare: func(srv *facadetest.Server) []facade.ClientOption {
			time.AfterFunc(10*time.Second-time.Millisecond, func() {
				_ = srv.Forget(srv.Jobs()[0].ID)
			})
			return nil
		}},
}

func TestGivingUpReturnsAtOnceAndCancelsTheJobUnlessItIsToBeKept(t *testing.T) {
	run := func(name string, step cancelStep) {
		for _, keep := range []bool{false, true} {
			what, opts, want := name, []facade.RunOption{}, step.job
			if keep {
				what, opts, want = what+", to keep it", append(opts, facade.KeepRunning()), step.kept
			}
			t.Run(what, func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					step.check(t, srv, keep, opts, want)
				})
			})
			t.Run(what+", with its log", func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					step.check(t, srv, keep, append(opts, facade.Verbose(io.Discard)), want)
				})
			})
		}
	}
	for name, step := range duringSubmission {
		run(name, step)
	}
	for name, step := range duringWait {
		step.job, step.kept = cmp.Or(step.job, "canceled"), cmp.Or(step.kept, "succeeded")
		run(name, step)
	}
}

func (s cancelStep) check(
	t *testing.T, srv *facadetest.Server, keep bool, opts []facade.RunOption, want string,
) {
	t.Helper()
	var copts []facade.ClientOption
	if s.prepare != nil {
		copts = s.prepare(srv)
	}
	ctx, cancel := context.WithTimeout(t.Context(), s.at)
	defer cancel()
	start := time.Now()
	_, err := srv.Client(copts...).RunScriptSync(ctx, sleepScript, sleepArgs(time.Minute), opts...)
	if took := time.Since(start) - s.at; took < 0 || took > s.late {
		t.Errorf("it returned %v after it was given up, want at most %v", took, s.late)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v, want the context's error", err)
	}
	if wait := (*facade.WaitError)(nil); errors.As(err, &wait) {
		says := "canceling was asked for"
		switch {
		case keep:
			says = "left alone"
		case want == "none":
			says = "may still run, since canceling it failed"
		}
		failed := want == "none" && !keep
		if !strings.Contains(err.Error(), says) || (wait.CancelErr != nil) != failed {
			t.Errorf("%v; want it to say %q", err, says)
		}
		if jobs := srv.Jobs(); len(jobs) == 1 && wait.JobID != jobs[0].ID {
			t.Errorf("%v; want the id of job %s", err, jobs[0].ID)
		}
	} else if want != "none" {
		t.Errorf("%v, want a WaitError", err)
	}
	time.Sleep(5 * time.Minute)
	if got := fateOf(srv); got != want {
		t.Errorf("the job is %s in the end, want %s", got, want)
	}
}

func TestGivingUpAStartReturnsAtOnceWithTheIDIfThereMayBeAJob(t *testing.T) {
	for name, step := range duringSubmission {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				if step.prepare != nil {
					step.prepare(srv)
				}
				ctx, cancel := context.WithTimeout(t.Context(), step.at)
				defer cancel()
				start := time.Now()
				id, err := srv.Client().RunScriptAsync(ctx, sleepScript, sleepArgs(time.Minute))
				if took := time.Since(start); took > step.at ||
					err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v after %v, want the deadline's error at %v", err, took, step.at)
				}
				time.Sleep(time.Minute)
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

func TestGetResultNeverCancels(t *testing.T) {
	for name, step := range duringWait {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				if step.prepare != nil {
					step.prepare(srv)
				}
				id, err := srv.Client().RunScriptAsync(t.Context(), sleepScript, sleepArgs(time.Minute))
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), step.at)
				defer cancel()
				start := time.Now()
				_, err = srv.Client().GetResult(ctx, id,
					facade.WaitForCompletion(), facade.Verbose(io.Discard))
				var wait *facade.WaitError
				if took := time.Since(start); took > step.at || !errors.As(err, &wait) ||
					!errors.Is(err, context.DeadlineExceeded) || wait.JobID != id {
					t.Errorf("%v after %v, want a WaitError at %v", err, took, step.at)
				}
				time.Sleep(2 * time.Minute)
				if got := fateOf(srv); got != cmp.Or(step.kept, "succeeded") {
					t.Errorf("the job is %s in the end", got)
				}
			})
		})
	}
}

// saidOfJobs are jobs that are given up after twenty seconds, and what the error says of them.
var saidOfJobs = map[string]struct {
	prepare func(*testing.T, *facadetest.Server)
	opts    []facade.RunOption
	says    string
	want    string // what becomes of the job
}{
	"it has just completed": {says: "canceling was asked for", want: "succeeded",
		prepare: func(_ *testing.T, srv *facadetest.Server) {
			for _, look := range []string{"getCompletedJobResultMaybe", "getJob", "getJobUpdatesSSE"} {
				srv.Inject(look, facadetest.HTML(502))
			}
			srv.Inject("cancelQueuedJob", facadetest.DelayBefore(time.Second))
			srv.Script(sleepScript, func(context.Context, *facadetest.Job) (any, error) {
				time.Sleep(20*time.Second + time.Millisecond)
				return 1, nil
			})
		}},
	"it is to be kept": {says: "is left alone, as KeepRunning asks", want: "succeeded",
		opts: []facade.RunOption{facade.KeepRunning()}},
	"its script is not found, after a response was lost": {
		says: "canceling was asked for", want: "canceled",
		prepare: func(_ *testing.T, srv *facadetest.Server) {
			srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
			gone := facadetest.Respond(404, nil, "Not found: script not found")
			srv.Inject("runScriptByPath", gone, facadetest.Nth(2))
			srv.Inject("getJob", facadetest.HTML(502), facadetest.Nth(1))
		}},
	"its submission was never answered": {
		says: "may have been started, and is left alone", want: "succeeded",
		prepare: func(t *testing.T, srv *facadetest.Server) {
			startOther(t, srv, sleepScript, time.Minute)
			srv.Inject("runScriptByPath", facadetest.Respond(429, nil, "slow down"))
			srv.Inject("getJob", facadetest.Respond(429, nil, "slow down"), facadetest.Between(1, 20))
		},
		opts: []facade.RunOption{facade.JobID(someJob)}},
}

func TestWhatAnErrorSaysOfAJobThatIsGivenUpIsSo(t *testing.T) {
	for name, test := range saidOfJobs {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				if test.prepare != nil {
					test.prepare(t, srv)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				_, err := srv.Client().RunScriptSync(ctx, sleepScript, sleepArgs(time.Minute), test.opts...)
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("%v; want it to say %q", err, test.says)
				}
				srv.ResumeWorkers()
				time.Sleep(5 * time.Minute)
				if got := fateOf(srv); got != test.want {
					t.Errorf("the job is %s in the end, want %s", got, test.want)
				}
			})
		})
	}
}
