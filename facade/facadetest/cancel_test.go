//go:build go1.25

package facadetest_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestCancelingHasThreeShapes(t *testing.T) {
	for name, c := range map[string]struct{ script, query, result string }{
		"while it waits":   {"f/demo/wait", "tag=nobody", `{"error": {"name": "Canceled", "reason": "why not", "message": "Job canceled: why not by admin", "canceler": "admin"}}`},
		"before it is due": {"f/demo/wait", "scheduled_in_secs=60", `{"error": {"name": "Canceled", "reason": "why not", "message": "Job canceled: why not by admin", "canceler": "admin"}}`},
		"while it runs":    {"f/demo/wait", "", `{"error": {"name": "ExecutionErr", "message": "execution error:\njob process terminated due to cancelled by admin (reason: why not)"}}`},
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
				time.Sleep(time.Hour) // the time that it was scheduled for comes, too
				info := job(t, srv, id)
				if string(info.Result) != c.result || info.Success || !info.Canceled || info.CancelReason != "why not" || info.Status != facade.JobCompleted {
					t.Errorf("the job is %v, success %t, canceled %t, with the result %s; want %s", info.Status, info.Success, info.Canceled, info.Result, c.result)
				}
				if info.Attempts != attempts {
					t.Errorf("the canceled job ran")
				}
				if got := cancel(t, srv, id, "again"); got.status != http.StatusOK || got.body != "queued job id "+id+" is already completed" {
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
		if info := job(t, srv, id); info.Status != facade.JobRunning || !info.Canceled || info.CancelReason != "first" {
			t.Errorf("meanwhile the job is %v, canceled %t for %q", info.Status, info.Canceled, info.CancelReason)
		}
	})
}

func TestCancelingNeedsABody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/wait", untilCanceled)
		id := run(t, srv, "f/demo/wait", "{}", "")
		for body, want := range map[string]int{"": 415, "{": 400, `{"reason":1}`: 422, "null": 422} {
			if got := ask(t, srv, srv.Token, http.MethodPost, "w/test/jobs_u/queue/cancel/"+id, body); got.status != want {
				t.Errorf("body %q: %d %s, want %d", body, got.status, got.body, want)
			}
		}
		if job(t, srv, id).Canceled {
			t.Error("the job was canceled by a request that was refused")
		}
	})
}

func TestFacadeCancelsWhatItGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/wait", untilCanceled)
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, err := srv.Client().RunScriptSync(ctx, "f/demo/wait", nil)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		synctest.Wait()
		if info := onlyJob(t, srv); !info.Canceled || info.Status != facade.JobCompleted {
			t.Errorf("the job is %v, canceled %t", info.Status, info.Canceled)
		}
	})
}
