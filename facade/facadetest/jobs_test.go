//go:build go1.25

package facadetest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

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
				time.Sleep(time.Second) // a worker without its server runs on for a while
				job.Logf("discarded")
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
			t.Errorf("result %s, %d attempts, success %t; want 2, 2, true", info.Result, info.Attempts,
				info.Success)
		}
		if !strings.Contains(info.Log, "attempt 2") || strings.Contains(info.Log, "discarded") {
			t.Errorf("log:\n%s", info.Log)
		}
	})
}

func TestForgottenJobHasNeverExisted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, facadetest.Workers(1))
		srv.Script("f/demo/wait", untilCanceled)
		ran := 0
		srv.Script("f/demo/x", func(context.Context, *facadetest.Job) (any, error) {
			ran++
			return ran, nil
		})
		running := run(t, srv, "f/demo/wait", "{}", "")
		waiting := run(t, srv, "f/demo/x", "{}", "")
		synctest.Wait()
		for _, id := range []string{waiting, running} {
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
		if got, err := srv.Client().RunScriptSync(within(t, time.Minute), "f/demo/x", nil); err != nil ||
			string(got) != "1" {
			t.Errorf("the next job returns %s, %v; want 1, as the first that ran", got, err)
		}
		if err := srv.Forget("nope"); err == nil || !strings.Contains(err.Error(), "not a UUID") {
			t.Errorf("Forget of what is no id: %v", err)
		}
	})
}
