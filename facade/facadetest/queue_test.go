//go:build go1.25

package facadetest_test

import (
	"context"
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

func TestWorkersRunJobsInTheOrderOfSubmission(t *testing.T) {
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
		want := []string{`{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`, `{"n":5}`}
		if diff := cmp.Diff(want, ran); diff != "" {
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
		last := run(t, srv, "f/demo/work", `{"n":"last"}`,
			"scheduled_for="+at.UTC().Format(time.RFC3339)+"&scheduled_in_secs=1")
		time.Sleep(time.Minute)
		if info := job(t, srv, early); info.Status != facade.JobWaiting {
			t.Errorf("after a minute the job in an hour is %v", info.Status)
		}
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		want := []string{`{"n":"now"}`, `{"n":"early"}`, `{"n":"late"}`, `{"n":"last"}`}
		if diff := cmp.Diff(want, ran); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		for _, id := range []string{early, late, last} {
			if info := job(t, srv, id); info.StartedAt.Before(info.ScheduledFor) {
				t.Errorf("started %v, scheduled for %v", info.StartedAt, info.ScheduledFor)
			}
		}
	})
}

func TestJobsWithATagThatNoWorkerServesWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, facadetest.WorkerTags("gpu"))
		srv.Script("f/demo/x", returning(1))
		srv.Script("f/demo/gpu", returning(1), facadetest.WithTag("gpu"))
		ids := map[string]string{
			"bash":   run(t, srv, "f/demo/x", "{}", ""),
			"gpu":    run(t, srv, "f/demo/gpu", "{}", ""),
			"nobody": run(t, srv, "f/demo/x", "{}", "tag=nobody"),
		}
		time.Sleep(24 * time.Hour)
		for tag, id := range ids {
			want := facade.JobCompleted
			if tag == "nobody" {
				want = facade.JobWaiting
			}
			if info := job(t, srv, id); info.Status != want || info.Tag != tag {
				t.Errorf("a job with the tag %s is %v with the tag %s, want %v", tag, info.Status, info.Tag,
					want)
			}
		}
	})
}

func TestAStartDelayShowsJobsWaiting(t *testing.T) {
	for name, c := range map[string]struct {
		query   string
		waiting time.Duration // how long
	}{
		"a job that is due":      {"", time.Minute},
		"a job that is due then": {"scheduled_in_secs=60", 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t, facadetest.StartDelay(time.Minute))
				srv.Script("f/demo/wait", untilCanceled)
				id := run(t, srv, "f/demo/wait", "{}", c.query)
				canceled := run(t, srv, "f/demo/wait", "{}", c.query)
				time.Sleep(c.waiting - time.Millisecond)
				if status := job(t, srv, id).Status; status != facade.JobWaiting {
					t.Errorf("before its time the job is %v", status)
				}
				cancel(t, srv, canceled, "why not")
				time.Sleep(2 * time.Millisecond)
				if status := job(t, srv, id).Status; status != facade.JobRunning {
					t.Errorf("after it the job is %v", status)
				}
				if info := job(t, srv, canceled); info.Status != facade.JobCompleted || info.Attempts != 0 {
					t.Errorf("the canceled job is %v, started %d times", info.Status, info.Attempts)
				}
			})
		})
	}
}
