//go:build go1.25

package facadetest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const parentJob = "parent_job=01890a5d-ac96-774b-bcce-b302099a8057"

func TestAWaitingChildIsCanceledByAWorker(t *testing.T) {
	for name, c := range map[string]struct {
		query   string
		options []facadetest.Option
		pause   bool
		status  facade.JobStatus
	}{
		"a scheduled one at once":                       {query: "&scheduled_in_secs=3600", status: facade.JobCompleted},
		"one that no worker serves never":               {query: "&tag=nobody", status: facade.JobWaiting},
		"one without any worker never":                  {options: []facadetest.Option{facadetest.Workers(0)}, status: facade.JobWaiting},
		"one whose workers are paused when they resume": {pause: true, status: facade.JobWaiting},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t, c.options...)
				srv.Script("f/demo/x", returning(1))
				if c.pause {
					srv.PauseWorkers()
				}
				id := run(t, srv, "f/demo/x", "{}", parentJob+c.query)
				for range 2 {
					if got := cancel(t, srv, id, "why not"); c.status == facade.JobWaiting && got.body != id {
						t.Errorf("canceling: %d %s, want the id", got.status, got.body)
					}
				}
				synctest.Wait()
				checkChild(t, srv, id, c.status)
				if c.pause {
					srv.ResumeWorkers()
					synctest.Wait()
					checkChild(t, srv, id, facade.JobCompleted)
				}
			})
		})
	}
}

// checkChild looks at a child whose end has been asked for.
func checkChild(t *testing.T, srv *facadetest.Server, id string, status facade.JobStatus) {
	t.Helper()
	info := job(t, srv, id)
	if info.Status != status || !info.Canceled || info.CancelReason != "why not" || info.Attempts != 0 {
		t.Errorf("the job is %v, canceled %t for %q, started %d times; want %v", info.Status, info.Canceled, info.CancelReason, info.Attempts, status)
	}
	want := `"type":"QueuedJob","canceled":true,"canceled_by":"admin","canceled_reason":"why not"`
	if status == facade.JobCompleted {
		want = `"type":"CompletedJob","success":false,"canceled":false,"name": "Canceled","reason": "why not","canceler": "admin","started_at":"`
	}
	body := get(t, srv, "w/test/jobs_u/get/"+id).body
	for _, part := range strings.SplitAfter(want, ",") {
		if part = strings.TrimSuffix(part, ","); !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
	}
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
