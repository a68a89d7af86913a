//go:build go1.25

package facadetest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// working is a script that takes a second and writes down that it ran.
func working(ran *[]string) func(context.Context, *facadetest.Job) (any, error) {
	var mu sync.Mutex
	return func(ctx context.Context, job *facadetest.Job) (any, error) {
		mu.Lock()
		*ran = append(*ran, string(job.Args))
		mu.Unlock()
		time.Sleep(time.Second)
		return nil, nil
	}
}

func TestWorkersRunSoManyJobsAtATimeInTheOrderOfSubmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, facadetest.Workers(2))
		var ran []string
		srv.Script("f/demo/work", working(&ran))
		began := time.Now()
		for _, args := range []string{`{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`, `{"n":5}`} {
			run(t, srv, "f/demo/work", args, "")
			time.Sleep(time.Millisecond)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]string{`{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`, `{"n":5}`}, ran); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		jobs := srv.Jobs()
		if took := jobs[4].CompletedAt.Sub(began).Round(100 * time.Millisecond); took != 3*time.Second {
			t.Errorf("five jobs of a second took %v on two workers, want 3s", took)
		}
	})
}

func TestScheduledJobsWaitForTheirTimeAndLetOthersPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, facadetest.Workers(1))
		var ran []string
		srv.Script("f/demo/work", working(&ran))
		late := run(t, srv, "f/demo/work", `{"n":"late"}`, "scheduled_in_secs=7200")
		early := run(t, srv, "f/demo/work", `{"n":"early"}`, "scheduled_in_secs=3600")
		run(t, srv, "f/demo/work", `{"n":"now"}`, "scheduled_in_secs=-5")
		at := time.Now().Add(3 * time.Hour)
		last := run(t, srv, "f/demo/work", `{"n":"last"}`, "scheduled_for="+at.UTC().Format(time.RFC3339)+"&scheduled_in_secs=1")
		time.Sleep(time.Minute)
		if info := job(t, srv, early); info.Status != facade.JobWaiting {
			t.Errorf("after a minute the job in an hour is %v", info.Status)
		}
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		if diff := cmp.Diff([]string{`{"n":"now"}`, `{"n":"early"}`, `{"n":"late"}`, `{"n":"last"}`}, ran); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		for _, id := range []string{early, late, last} {
			if info := job(t, srv, id); info.StartedAt.Before(info.ScheduledFor) {
				t.Errorf("started %v, scheduled for %v", info.StartedAt, info.ScheduledFor)
			}
		}
	})
}

func TestJobsWithATagThatNoWorkerServesWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, facadetest.WorkerTags("gpu"))
		srv.Script("f/demo/x", returning(1))
		srv.Script("f/demo/gpu", returning(1), facadetest.WithTag("gpu"))
		ids := map[string]string{
			"bash": run(t, srv, "f/demo/x", "{}", ""), "gpu": run(t, srv, "f/demo/gpu", "{}", ""), "nobody": run(t, srv, "f/demo/x", "{}", "tag=nobody"),
		}
		time.Sleep(24 * time.Hour)
		for tag, id := range ids {
			want := facade.JobCompleted
			if tag == "nobody" {
				want = facade.JobWaiting
			}
			if info := job(t, srv, id); info.Status != want || info.Tag != tag {
				t.Errorf("a job with the tag %s is %v with the tag %s, want %v", tag, info.Status, info.Tag, want)
			}
		}
	})
}

func TestPausedWorkersStartNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/x", returning(1))
		srv.PauseWorkers()
		id := run(t, srv, "f/demo/x", "{}", "")
		time.Sleep(time.Hour)
		if info := job(t, srv, id); info.Status != facade.JobWaiting {
			t.Errorf("with paused workers the job is %v", info.Status)
		}
		srv.ResumeWorkers()
		synctest.Wait()
		if info := job(t, srv, id); info.Status != facade.JobCompleted {
			t.Errorf("with resumed workers the job is %v", info.Status)
		}
	})
}

func TestServerWithoutWorkersRunsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, facadetest.Workers(0))
		srv.Script("f/demo/x", returning(1))
		id := run(t, srv, "f/demo/x", "{}", "")
		time.Sleep(time.Hour)
		if info := job(t, srv, id); info.Status != facade.JobWaiting {
			t.Errorf("the job is %v", info.Status)
		}
	})
}

func TestRequeuedJobIsStartedAnewAndItsFirstRunIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		attempts := 0
		srv.Script("f/demo/x", func(ctx context.Context, job *facadetest.Job) (any, error) {
			attempts++
			attempt := attempts
			job.Logf("attempt %d", attempt)
			select {
			case <-ctx.Done():
				time.Sleep(time.Second) // a worker that is cut off from the server goes on for a while
				job.Logf("nobody hears this")
			case <-time.After(time.Minute):
			}
			return attempt, nil
		})
		id := run(t, srv, "f/demo/x", "{}", "")
		synctest.Wait()
		srv.PauseWorkers()
		if err := srv.Requeue(id); err != nil {
			t.Fatal(err)
		}
		if info := job(t, srv, id); info.Status != facade.JobWaiting || !info.StartedAt.IsZero() {
			t.Errorf("after Requeue the job is %v, started %v", info.Status, info.StartedAt)
		}
		if err := srv.Requeue(id); err == nil {
			t.Error("a waiting job could be taken from its worker")
		}
		srv.ResumeWorkers()
		time.Sleep(2 * time.Minute)
		info := job(t, srv, id)
		if string(info.Result) != "2" || info.Attempts != 2 || !info.Success {
			t.Errorf("result %s, %d attempts, success %t; want 2, 2, true", info.Result, info.Attempts, info.Success)
		}
		if !strings.Contains(info.Log, "attempt 2") || strings.Contains(info.Log, "nobody hears this") {
			t.Errorf("log:\n%s", info.Log)
		}
	})
}

func TestForgottenJobHasNeverExisted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, facadetest.Workers(1))
		srv.Script("f/demo/wait", untilCanceled)
		srv.Script("f/demo/x", returning(1))
		running := run(t, srv, "f/demo/wait", "{}", "")
		waiting := run(t, srv, "f/demo/x", "{}", "")
		synctest.Wait()
		for _, id := range []string{running, waiting} {
			if err := srv.Forget(id); err != nil {
				t.Fatal(err)
			}
			if err := srv.Forget(id); err == nil {
				t.Errorf("job %s could be forgotten twice", id)
			}
			if _, err := srv.Client().GetJobStatus(t.Context(), id); !errors.Is(err, facade.ErrNotFound) {
				t.Errorf("the facade says %v, want ErrNotFound", err)
			}
		}
		synctest.Wait()
		if jobs := srv.Jobs(); len(jobs) != 0 {
			t.Errorf("the server still has %d jobs", len(jobs))
		}
		if got, err := srv.Client().RunScriptSync(within(t, time.Minute), "f/demo/x", nil); err != nil || string(got) != "1" {
			t.Errorf("the worker is not free again: %s, %v", got, err)
		}
		if err := srv.Forget("nope"); err == nil || !strings.Contains(err.Error(), "no UUID") {
			t.Errorf("Forget of what is no id: %v", err)
		}
	})
}

func TestJobKnowsHowItWasStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		var got facadetest.Job
		hash := srv.Script("f/demo/x", func(_ context.Context, job *facadetest.Job) (any, error) {
			got = facadetest.Job{ID: job.ID, Path: job.Path, Hash: job.Hash, Tag: job.Tag, Workspace: job.Workspace, ParentID: job.ParentID, RootID: job.RootID, Args: job.Args}
			return nil, nil
		})
		const id, parent, root = "11111111-2222-3333-4444-555555555555", "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"
		run(t, srv, "f/demo/x", `[1]`, "job_id="+strings.ToUpper(id)+"&parent_job="+parent+"&root_job="+root)
		synctest.Wait()
		want := facadetest.Job{ID: id, Path: "f/demo/x", Hash: hash, Tag: "bash", Workspace: "test", ParentID: parent, RootID: root, Args: []byte(`{"body":[1]}`)}
		if got.ID != want.ID || got.Path != want.Path || got.Hash != want.Hash || got.Tag != want.Tag || got.Workspace != want.Workspace ||
			got.ParentID != want.ParentID || got.RootID != want.RootID || string(got.Args) != string(want.Args) {
			t.Errorf("the script saw %+v, want %+v", &got, &want)
		}
		info := job(t, srv, id)
		if info.ParentID != parent || info.RootID != root || info.User != "admin" {
			t.Errorf("JobInfo says %+v", info)
		}
	})
}
