//go:build go1.25

package facadetest_test

import (
	"cmp"
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestACanceledJobIsNoSuccessAndNeverRuns(t *testing.T) {
	const canceled = `{"error": {"name": "Canceled", "reason": "why not", ` +
		`"message": "Job canceled: why not by admin", "canceler": "admin"}}`
	for name, c := range map[string]struct{ script, query, result string }{
		"before it is due":                           {"f/demo/wait", "scheduled_in_secs=60", canceled},
		"while it runs, and the script has a result": {"f/demo/deaf", "", `"finished all the same"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.Script("f/demo/wait", untilCanceled)
				srv.Script("f/demo/deaf", func(ctx context.Context, _ *facadetest.Job) (any, error) {
					<-ctx.Done()
					return "finished all the same", nil
				})
				id := run(t, srv, c.script, "{}", c.query)
				synctest.Wait()
				attempts := job(t, srv, id).Attempts
				if got := cancel(t, srv, id, "why not"); got.status != http.StatusOK || got.body != id {
					t.Errorf("canceling: %d %s, want the id", got.status, got.body)
				}
				time.Sleep(time.Hour) // past the time for which it was scheduled
				info := job(t, srv, id)
				if string(info.Result) != c.result || info.Success || !info.Canceled ||
					info.CancelReason != "why not" || info.Status != facade.JobCompleted {
					t.Errorf("the job is %+v, want it canceled with the result %s", info, c.result)
				}
				if info.Attempts != attempts {
					t.Errorf("the canceled job ran")
				}
				if got := cancel(t, srv, id, "again"); got.status != http.StatusOK ||
					got.body != "queued job id "+id+" is already completed" {
					t.Errorf("canceling again: %d %s", got.status, got.body)
				}
			})
		})
	}
}

func TestCancelingTwiceWhileAScriptEndsIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/slow", func(ctx context.Context, _ *facadetest.Job) (any, error) {
			<-ctx.Done()
			time.Sleep(time.Minute)
			return nil, ctx.Err()
		})
		id := run(t, srv, "f/demo/slow", "{}", "")
		synctest.Wait()
		for _, reason := range []string{"first", "second"} {
			if got := cancel(t, srv, id, reason); got.body != id {
				t.Errorf("%s: %d %s", reason, got.status, got.body)
			}
		}
		if info := job(t, srv, id); info.Status != facade.JobRunning || !info.Canceled ||
			info.CancelReason != "first" {
			t.Errorf("meanwhile the job is %v, canceled %t for %q", info.Status, info.Canceled,
				info.CancelReason)
		}
	})
}

func TestCancelingNeedsABodyThatTheServerCanRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/wait", untilCanceled)
		id := run(t, srv, "f/demo/wait", "{}", "")
		for body, want := range map[string]int{
			"": 415, "{": 400, `{"reason":1}`: 422, "null": 422, "{\"reason\":\"\xff\"}": 400,
		} {
			path := "w/test/jobs_u/queue/cancel/" + id
			got := ask(t, srv, srv.Token, http.MethodPost, path, body)
			if got.status != want {
				t.Errorf("body %q: %d %s, want %d", body, got.status, got.body, want)
			}
		}
		if job(t, srv, id).Canceled {
			t.Error("the job was canceled by a request that was refused")
		}
	})
}

func TestAReasonWithANULCancelsNothing(t *testing.T) {
	const refused = "SqlErr: error returned from database: " +
		"invalid byte sequence for encoding \"UTF8\": 0x00 @jobs.rs:247:32"
	for name, c := range map[string]struct {
		query  string
		status int
		body   string // "" for the id
	}{
		"a running job is refused":        {"", 400, refused},
		"a scheduled job is not canceled": {"scheduled_in_secs=60", 200, ""},
		"a queued job is not canceled":    {"tag=nobody", 200, ""},
		"a waiting child is refused":      {parentJob + "&tag=nobody", 400, refused},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.Script("f/demo/wait", untilCanceled)
				id := run(t, srv, "f/demo/wait", "{}", c.query)
				synctest.Wait()
				want, before := reply{status: c.status, body: cmp.Or(c.body, id)}, job(t, srv, id)
				got := cancel(t, srv, id, `a\u0000b`)
				if got.status != want.status || got.body != want.body {
					t.Errorf("%d %s, want %d %s", got.status, got.body, want.status, want.body)
				}
				synctest.Wait()
				if after := job(t, srv, id); after.Canceled || after.Status != before.Status {
					t.Errorf("the job is %+v, want it as it was", after)
				}
			})
		})
	}
}

const parentJob = "parent_job=01890a5d-ac96-774b-bcce-b302099a8057"

func TestAWaitingChildIsCanceledByAWorker(t *testing.T) {
	for name, c := range map[string]struct {
		query   string
		options []facadetest.Option
		pause   bool
		status  facade.JobStatus
	}{
		"a scheduled one at once": {
			query: "&scheduled_in_secs=3600", status: facade.JobCompleted,
		},
		"one that no worker serves never": {query: "&tag=nobody", status: facade.JobWaiting},
		"one without any worker never": {
			options: []facadetest.Option{facadetest.Workers(0)}, status: facade.JobWaiting,
		},
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

// checkChild checks a child that was canceled while it waited.
func checkChild(t *testing.T, srv *facadetest.Server, id string, status facade.JobStatus) {
	t.Helper()
	info := job(t, srv, id)
	if info.Status != status || !info.Canceled || info.CancelReason != "why not" ||
		info.Attempts != 0 {
		t.Errorf("the job is %+v, want it canceled, %v and never started", info, status)
	}
}
