//go:build go1.25

package facade_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// sleeper is a server in a bubble's time whose script f/demo/sleep takes as long as its argument says, and notes when it ends.
type sleeper struct {
	*facadetest.Server
	mu   sync.Mutex
	ends map[string]time.Time
}

func newSleeper(t *testing.T, workers int) *sleeper {
	s := &sleeper{Server: facadetest.NewServer(facadetest.Workers(workers)), ends: map[string]time.Time{}}
	t.Cleanup(s.Close)
	s.Script("f/demo/sleep", func(ctx context.Context, job *facadetest.Job) (any, error) {
		var args struct{ For time.Duration }
		if err := job.Decode(&args); err != nil {
			return nil, err
		}
		// No timer that is due at once: in a bubble the race detector of Go 1.26 can crash over it.
		if args.For > 0 {
			select {
			case <-time.After(args.For):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ends[job.ID] = time.Now()
		return job.ID, nil
	})
	return s
}

func (s *sleeper) args(d time.Duration) map[string]any { return map[string]any{"for": d} }

// delay is how late a wait ended that got this answer.
func (s *sleeper) delay(t testing.TB, raw json.RawMessage, err error) time.Duration {
	t.Helper()
	id, err := facade.As[string](raw, err)
	if err != nil {
		t.Errorf("%v", err)
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.ends[id])
}

func TestManyWaitsSendAboutTwentyRequestsASecond(t *testing.T) {
	for _, n := range []int{2, 3, 4, 30, 100, 1000} {
		for _, spread := range []time.Duration{0, 2 * time.Second, time.Minute} {
			t.Run(fmt.Sprintf("%d waits that end within %v", n, spread), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					srv := newSleeper(t, n)
					ctx := within(t, spread+30*time.Second)
					c, start, few := srv.Client(), time.Now(), newFewFailures(t)
					var wg sync.WaitGroup
					for i := range n {
						takes := time.Second + spread*time.Duration(i)/time.Duration(n)
						wg.Go(func() {
							raw, err := c.RunScriptSync(ctx, "f/demo/sleep", srv.args(takes))
							if late := srv.delay(few, raw, err); late > max(600*time.Millisecond, takes*4/100) {
								few.Errorf("a job of %v was waited for %v longer", takes, late)
							}
						})
					}
					wg.Wait()
					wantAtMostTwentyASecond(t, srv.Server, 2*n, time.Since(start))
				})
			})
		}
	}
}

// wantAtMostTwentyASecond fails if there were more requests than 20 a second, besides those that submit jobs and fetch results.
func wantAtMostTwentyASecond(t *testing.T, srv *facadetest.Server, besides int, elapsed time.Duration) {
	t.Helper()
	if got, most := len(srv.Requests())-besides, 21*elapsed.Seconds()+10; float64(got) > most {
		t.Errorf("%d status requests in %v, more than %.0f", got, elapsed, most)
	}
}

func TestAThousandLongWaitsCostAboutWhatOneCosts(t *testing.T) {
	cost := func(n int) (requests int) {
		synctest.Test(t, func(t *testing.T) {
			srv := newSleeper(t, n)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			c, few := srv.Client(), newFewFailures(t)
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					_, err := c.RunScriptSync(ctx, "f/demo/sleep", srv.args(48*time.Hour), facade.KeepRunning())
					if !errors.Is(err, context.DeadlineExceeded) {
						few.Errorf("%v", err)
					}
				})
			}
			wg.Wait()
			requests = len(srv.Requests()) - n
		})
		return requests
	}
	one, thousand := cost(1), cost(1000)
	t.Logf("in an hour: %d requests for one wait, %d for a thousand", one, thousand)
	if thousand > 20*3600 {
		t.Errorf("a thousand waits sent %d requests in an hour, one %d", thousand, one)
	}
}

func TestWaitsForJobsThatHaveCompletedAreNotHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		srv := newSleeper(t, n)
		c := srv.Client()
		ids := make([]string, n)
		for i := range ids {
			var err error
			if ids[i], err = c.RunScriptAsync(t.Context(), "f/demo/sleep", srv.args(0)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		start, few, ctx := time.Now(), newFewFailures(t), within(t, 30*time.Second)
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() {
				if got, err := facade.As[string](c.GetResult(ctx, id, facade.WaitForCompletion())); err != nil || got != id {
					few.Errorf("the result of job %s: %s, %v", id, got, err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%d results that were there took %v", n, took)
		}
	})
}

func TestManyMayWaitForOneJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newSleeper(t, 1)
		ctx := within(t, 5*time.Minute)
		c, start := srv.Client(), time.Now()
		id, err := c.RunScriptAsync(t.Context(), "f/demo/sleep", srv.args(5*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		few := newFewFailures(t)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				raw, err := c.GetResult(ctx, id, facade.WaitForCompletion())
				if late := srv.delay(few, raw, err); late > 200*time.Millisecond {
					few.Errorf("a wait ended %v late", late)
				}
			})
		}
		wg.Wait()
		wantAtMostTwentyASecond(t, srv.Server, 1+50, time.Since(start))
	})
}

func TestAJobThatGoesBackToWaitingIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newSleeper(t, 1)
		ctx := within(t, 5*time.Minute)
		c := srv.Client()
		id, err := c.RunScriptAsync(t.Context(), "f/demo/sleep", srv.args(5*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(3 * time.Second)
			srv.PauseWorkers()
			if err := srv.Requeue(id); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
			srv.ResumeWorkers()
		}()
		raw, err := c.GetResult(ctx, id, facade.WaitForCompletion())
		if late := srv.delay(t, raw, err); late > 2*time.Second {
			t.Errorf("the wait ended %v late", late)
		}
	})
}

func TestAVanishedJobEndsItsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newSleeper(t, 1)
		ctx := within(t, 5*time.Minute)
		c := srv.Client()
		for _, scheduled := range []facade.RunOption{facade.ScheduledIn(0), facade.ScheduledIn(time.Hour)} {
			id, err := c.RunScriptAsync(t.Context(), "f/demo/sleep", srv.args(time.Hour), scheduled)
			if err != nil {
				t.Fatal(err)
			}
			gone := time.Now().Add(10 * time.Second)
			time.AfterFunc(10*time.Second, func() {
				if err := srv.Forget(id); err != nil {
					t.Error(err)
				}
			})
			_, err = c.GetResult(ctx, id, facade.WaitForCompletion())
			if wait := (*facade.WaitError)(nil); !errors.As(err, &wait) || !errors.Is(err, facade.ErrNotFound) {
				t.Errorf("the wait for a job that was deleted: %v", err)
			}
			if late := time.Since(gone); late > time.Minute {
				t.Errorf("the wait ended %v after its job was deleted", late)
			}
		}
	})
}

func TestSlowAnswersAreAskedForLessOften(t *testing.T) {
	const jobs = 30
	requests := func(delay time.Duration) (n int) {
		synctest.Test(t, func(t *testing.T) {
			srv := newSleeper(t, jobs)
			ctx := within(t, 5*time.Minute)
			srv.Inject("", facadetest.DelayBefore(delay))
			srv.Inject("listCompletedJobs", facadetest.Respond(403, nil, "no")) // so that each job is asked for
			c, few := srv.Client(), newFewFailures(t)
			var wg sync.WaitGroup
			for range jobs {
				wg.Go(func() {
					if _, err := c.RunScriptSync(ctx, "f/demo/sleep", srv.args(20*time.Second)); err != nil {
						few.Errorf("%v", err)
					}
				})
			}
			wg.Wait()
			n = len(srv.Requests()) - 2*jobs
		})
		return n
	}
	quick, slow := requests(0), requests(2*time.Second)
	t.Logf("in 20 s: %d requests with answers at once, %d with answers after 2 s", quick, slow)
	if slow > quick/2 {
		t.Errorf("answers that take 2 s are asked for %d times in 20 s, others %d times", slow, quick)
	}
}

func TestAJobThatCompletesBeforeItsSubmissionIsAnsweredIsNoticedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newSleeper(t, 100)
		c, other := srv.Client(), srv.Client(facade.WithUserAgent("other"))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _, _ = c.RunScriptSync(ctx, "f/demo/sleep", srv.args(time.Hour), facade.KeepRunning()) })
		}
		wg.Go(func() { // the listing goes on meanwhile
			for ctx.Err() == nil {
				_, _ = other.RunScriptAsync(ctx, "f/demo/sleep", srv.args(time.Millisecond))
				time.Sleep(50 * time.Millisecond)
			}
		})
		time.Sleep(5 * time.Second)
		const late = 400 * time.Millisecond
		srv.Inject("runScriptByPath", facadetest.DelayAfter(late), facadetest.If(func(r *http.Request) bool { return !strings.Contains(r.UserAgent(), "other") }))
		for range 10 {
			raw, err := c.RunScriptSync(t.Context(), "f/demo/sleep", srv.args(10*time.Millisecond))
			if delay := srv.delay(t, raw, err); delay > late+100*time.Millisecond {
				t.Errorf("noticed %v late", delay)
			}
		}
		cancel()
		wg.Wait()
	})
}
