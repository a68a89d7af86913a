//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// leaving calls leave when so many bytes of a body have been read.
type leaving struct {
	io.ReadCloser
	left  int
	leave func()
}

func (l *leaving) Read(p []byte) (int, error) {
	if l.left <= 0 {
		l.leave()
		return 0, context.Canceled // what net/http says once it has noticed, which can be after all has come
	}
	n, err := l.ReadCloser.Read(p[:min(len(p), 64<<10)])
	l.left -= n
	return n, err
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestGivingUpDuringTheDownloadOfTheResult(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Script("f/test/large", func(context.Context, *facadetest.Job) (any, error) { return strings.Repeat("x", 5<<20), nil })
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		through := srv.HTTPClient().Transport
		hc := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := through.RoundTrip(r)
			if err == nil && strings.Contains(r.URL.Path, "get_result_maybe") {
				resp.Body = &leaving{resp.Body, 1 << 20, cancel}
			}
			return resp, err
		})}
		start := time.Now()
		_, err := srv.Client(facade.WithHTTPClient(hc)).RunScriptSync(ctx, "f/test/large", nil)
		var wait *facade.WaitError
		if !errors.As(err, &wait) || !errors.Is(err, context.Canceled) || wait.CancelErr != nil {
			t.Errorf("got %v, want a WaitError without trouble: the job has completed", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %v", took)
		}
		if job := onlyJob(t, srv); !job.Success || job.Canceled {
			t.Errorf("the job: %+v", job)
		}
	})
}

func TestASubmissionThatArrivesLateIsCanceledToo(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		through := srv.HTTPClient().Transport
		var late sync.WaitGroup
		// The request is on its way when the caller leaves, and gets to the server a little after the request to cancel the job.
		hc := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if !strings.Contains(r.URL.Path, "/jobs/run/") {
				return through.RoundTrip(r)
			}
			late.Add(1)
			go func() {
				defer late.Done()
				time.Sleep(1300 * time.Millisecond)
				resp, err := through.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
				if err == nil {
					resp.Body.Close()
				}
			}()
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := srv.Client(facade.WithHTTPClient(hc)).RunScriptSync(ctx, napping, lasting(time.Minute))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		late.Wait()
		if got := fateOf(srv); got != "canceled" {
			t.Errorf("the job is %s", got)
		}
	})
}

func TestACancellationLandsThoughItsAnswersAreLost(t *testing.T) {
	child := []facade.RunOption{facade.ParentJob(someJob), facade.ScheduledIn(time.Hour)}
	for name, fault := range map[string]facadetest.Fault{
		"resets before": facadetest.ResetBefore(), "resets after": facadetest.ResetAfter(), "a proxy's page": facadetest.HTML(502),
		"a proxy's page with status 200": facadetest.HTML(200), "cut-off answers": facadetest.CutBody(3),
	} {
		for of, opts := range map[string][]facade.RunOption{"a job that runs": nil, "a job that waits": {facade.ScheduledIn(time.Hour)}, "a child that waits": child} {
			t.Run(name+", "+of, func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					srv.Inject("cancelQueuedJob", fault, facadetest.Nth(1, 2, 3))
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					defer cancel()
					_, err := srv.Client().RunScriptSync(ctx, napping, lasting(time.Minute), opts...)
					var wait *facade.WaitError
					if !errors.As(err, &wait) || wait.CancelErr != nil || !strings.Contains(err.Error(), "the job was canceled") && !strings.Contains(err.Error(), "canceling was asked for") {
						t.Errorf("got %v", err)
					}
					if job := onlyJob(t, srv); !job.Canceled || !strings.Contains(job.CancelReason, "deadline exceeded") {
						t.Errorf("canceled %t, with the reason %q", job.Canceled, job.CancelReason)
					}
				})
			})
		}
	}
}

func TestWhatIsSaidOfAJobThatHadEndedWhenItsCancellationWasRepeated(t *testing.T) {
	failed := errors.New("no paper")
	for name, test := range map[string]struct {
		lost    int   // the answers to requests to cancel
		hidden  bool  // the record cannot be had
		failure error // the script's
		says    string
	}{
		"it succeeded":                    {0, false, nil, "(the job had completed)"},
		"it succeeded, a lost answer":     {1, false, nil, "(the job had completed)"},
		"it failed":                       {0, false, failed, "(the job had completed)"},
		"it failed, a lost answer":        {1, false, failed, "(the job has ended: canceling was asked for)"},
		"no record is to be had":          {0, true, nil, "(the job had completed)"},
		"a lost answer, and no record is": {1, true, nil, "(the job has ended: canceling was asked for)"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Script("f/test/ends", func(context.Context, *facadetest.Job) (any, error) {
					time.Sleep(time.Second)
					return nil, test.failure
				})
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				for _, operation := range []string{"getCompletedJobResultMaybe", "getJob", "getJobUpdatesSSE"} {
					srv.Inject(operation, facadetest.HTML(502), facadetest.If(func(*http.Request) bool { return test.hidden || ctx.Err() == nil }))
				}
				srv.Inject("cancelQueuedJob", facadetest.ResetAfter(), facadetest.Between(1, test.lost))
				_, err := srv.Client().RunScriptSync(ctx, "f/test/ends", nil)
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %v, want it to say %q", err, test.says)
				}
			})
		})
	}
}

func TestACancellationThatFailsIsTold(t *testing.T) {
	for name, test := range map[string]struct {
		fault facadetest.Fault
		says  string
	}{
		"it is refused":               {facadetest.Respond(403, nil, "Permission denied: no"), "status 403"},
		"the token may not":           {facadetest.Respond(400, nil, "Bad request: You are not logged in and this job was not created by an anonymous user like you so you cannot cancel it"), "not logged in"},
		"the server stumbles":         {facadetest.Respond(500, nil, "Internal Server Error"), "status 500"},
		"the server is away":          {facadetest.HTML(502), "/jobs_u/queue/cancel/"},
		"the server hangs":            {facadetest.Hang(), "/jobs_u/queue/cancel/"},
		"it speaks of something else": {facadetest.Respond(200, nil, "ok"), "/jobs_u/queue/cancel/"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Inject("cancelQueuedJob", test.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				start := time.Now()
				_, err := srv.Client().RunScriptSync(ctx, napping, lasting(time.Minute))
				if took := time.Since(start); took > 15*time.Second+10*time.Millisecond {
					t.Errorf("it took %v", took)
				}
				var wait *facade.WaitError
				if !errors.As(err, &wait) || wait.CancelErr == nil {
					t.Fatalf("got %v, want a WaitError with a CancelErr", err)
				}
				if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(strings.ReplaceAll(err.Error(), "{id}", wait.JobID), wait.CancelErr.Error()) || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %v, want it to say %q", err, test.says)
				}
				time.Sleep(2 * time.Minute)
				if got := fateOf(srv); got != "succeeded" {
					t.Errorf("the job is %s", got)
				}
			})
		})
	}
}

func TestAHundredWaitsAreGivenUpAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		few := newFewFailures(t)
		for i, w := range waitForMany(ctx, srv.Client(), 100, func(int) time.Duration { return time.Hour }) {
			if !errors.Is(w.err, context.DeadlineExceeded) || w.took > 10*time.Second {
				few.Errorf("wait %d: %v after %v", i, w.err, w.took)
			}
		}
		canceled := 0
		for _, job := range srv.Jobs() {
			if job.Canceled {
				canceled++
			}
		}
		if canceled != 50 {
			t.Errorf("%d jobs are canceled, want the 50 that were run and waited for in one", canceled)
		}
	}, facadetest.Workers(100))
}
