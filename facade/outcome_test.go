//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestWhatIsSaidOfAJobThatIsGivenUpIsSo(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*facadetest.Server, *facade.Client)
		opts    []facade.RunOption
		says    string
		want    string // what becomes of the job
	}{
		"it waits":                  {func(srv *facadetest.Server, _ *facade.Client) { srv.PauseWorkers() }, nil, "the job was canceled", "canceled"},
		"it runs":                   {nil, nil, "cancel", "canceled"},
		"it has completed just now": {completedJustNow, nil, "had completed", "succeeded"},
		"canceling is refused": {func(srv *facadetest.Server, _ *facade.Client) {
			srv.Inject("cancelQueuedJob", facadetest.Respond(403, nil, "Permission denied: no"))
		}, nil, "may still run, since canceling it failed", "succeeded"},
		"it shall go on": {nil, []facade.RunOption{facade.KeepRunning()}, "goes on unless it has completed, as KeepRunning asks", "succeeded"},
		"somebody else started it": {func(_ *facadetest.Server, c *facade.Client) {
			if _, err := c.RunScriptAsync(context.Background(), napping, lasting(time.Minute), facade.JobID(someJob)); err != nil {
				t.Error(err)
			}
		}, []facade.RunOption{facade.JobID(someJob)}, "goes on unless it has completed: this call did not start it", "succeeded"},
		"the script is not found, after an answer was lost": {func(srv *facadetest.Server, _ *facade.Client) {
			srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
			srv.Inject("runScriptByPath", facadetest.Respond(404, nil, "Not found: script not found"), facadetest.Nth(2))
			srv.Inject("getJob", facadetest.HTML(502), facadetest.Nth(1))
		}, nil, "cancel", "canceled"},
		"its submissions were all put off": {func(srv *facadetest.Server, c *facade.Client) {
			if _, err := c.RunScriptAsync(context.Background(), napping, lasting(time.Minute), facade.JobID(someJob)); err != nil {
				t.Error(err)
			}
			srv.Inject("runScriptByPath", facadetest.Respond(429, nil, "slow down"))
			srv.Inject("getJob", facadetest.Respond(429, nil, "slow down"), facadetest.Between(1, 20))
		}, []facade.RunOption{facade.JobID(someJob)}, "is left alone", "succeeded"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				c := srv.Client()
				if test.prepare != nil {
					test.prepare(srv, c)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				_, err := c.RunScriptSync(ctx, napping, lasting(time.Minute), test.opts...)
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

func TestAJobIsNotSaidToGoOnWhereItMayHaveCompleted(t *testing.T) {
	for name, test := range map[string]struct {
		id   string // of a job that another call started, or none
		lost int    // the answers to submissions
		opts []facade.RunOption
		says string
	}{
		"it shall be kept":              {"", 0, []facade.RunOption{facade.KeepRunning()}, "(the job goes on unless it has completed, as KeepRunning asks)"},
		"another call started it":       {someJob, 0, []facade.RunOption{facade.JobID(someJob)}, "(the job goes on unless it has completed: this call did not start it)"},
		"another call may have done so": {"", 1, []facade.RunOption{facade.JobID(someJob)}, "(the job goes on unless it has completed: another call may have started it)"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				if test.id != "" {
					if _, err := srv.Client().RunScriptAsync(t.Context(), napping, lasting(time.Second), facade.JobID(test.id)); err != nil {
						t.Fatal(err)
					}
				}
				srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Between(1, test.lost))
				for _, operation := range []string{"getCompletedJobResultMaybe", "getJobUpdatesSSE"} {
					srv.Inject(operation, facadetest.HTML(502))
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				_, err := srv.Client().RunScriptSync(ctx, napping, lasting(time.Second), test.opts...)
				if job := onlyJob(t, srv); !job.Success || err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("%v; want it to say %q of a job that has completed: %t", err, test.says, job.Success)
				}
			})
		})
	}
}

// completedJustNow lets a cancellation come when the job has completed a moment before, which no look has seen.
func completedJustNow(srv *facadetest.Server, _ *facade.Client) {
	for _, operation := range []string{"getCompletedJobResultMaybe", "getJob", "getJobUpdatesSSE"} {
		srv.Inject(operation, facadetest.HTML(502))
	}
	srv.InjectFunc("cancelQueuedJob", func(r *http.Request) facadetest.Fault {
		id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		return facadetest.Respond(200, http.Header{"Content-Type": {"text/plain"}}, "queued job id "+id+" is already completed")
	})
}

func TestAScriptsFailureIsToldThoughTheJobsRecordCannotBeHad(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Script("f/test/fails", func(context.Context, *facadetest.Job) (any, error) { return nil, errors.New("no paper") })
		for name, fault := range map[string]facadetest.Fault{
			"a proxy's page": facadetest.HTML(502), "silence": facadetest.Hang(),
			"dates and numbers in another form": facadetest.Respond(200, http.Header{"Content-Type": {"application/json"}},
				`{"type":"CompletedJob","id":"x","created_at":7,"duration_ms":12.5,"success":false,"canceled":false}`),
		} {
			remove := srv.Inject("getJob", fault)
			start := time.Now()
			_, err := srv.Client().RunScriptSync(t.Context(), "f/test/fails", nil)
			if failed := (*facade.JobError)(nil); !errors.As(err, &failed) || time.Since(start) > 20*time.Second {
				t.Errorf("%s: %v after %v, want a *JobError", name, err, time.Since(start))
			}
			remove()
		}
	})
}

func TestOfAJobsRecordNoMoreIsReadThanIsNeeded(t *testing.T) {
	for record, want := range map[string]facade.JobStatus{
		`{"type":"CompletedJob","id":7,"created_at":7,"scheduled_for":{},"duration_ms":12.5,"success":true,"Success":"x","args":1}`: facade.JobCompleted,
		`{"type":"QueuedJob","running":null,"script_hash":null,"script_path":null,"created_at":null,"scheduled_for":17}`:            facade.JobWaiting,
		`{"type":"QueuedJob","running":true,"script_hash":17,"created_at":[],"Type":1}`:                                             facade.JobRunning,
	} {
		c, _ := newFake(t, answering(200, "application/json", record), facade.WithMaxRetries(0))
		if got, err := c.GetJobStatus(t.Context(), someJob); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", record, got, err, want)
		}
	}
	for record, says := range map[string]string{
		`[]`: "it is not a JSON object", `{"type":"Job"}`: "it is not a job", `{"type":"QueuedJob","running":"no"}`: "true, false or null",
	} {
		c, _ := newFake(t, answering(200, "application/json", record), facade.WithMaxRetries(0))
		if got, err := c.GetJobStatus(t.Context(), someJob); !errors.As(err, new(*facade.APIError)) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, %v; want an *APIError that says %q", record, got, err, says)
		}
	}
}

func TestClientsMadeForACallLeaveNothingBehind(t *testing.T) {
	srv := httptest.NewServer(answering(200, "text/plain", "CE v1"))
	defer srv.Close()
	before := runtime.NumGoroutine()
	var last *facade.Client
	for range 100 {
		c, err := facade.NewClient(srv.URL, "t")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.GetVersion(t.Context()); err != nil {
			t.Fatal(err)
		}
		last = c
	}
	if n := runtime.NumGoroutine() - before; n > 10 {
		t.Errorf("%d goroutines more after 100 clients", n)
	}
	last.CloseIdleConnections()
}
