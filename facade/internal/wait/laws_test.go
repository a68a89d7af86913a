//go:build go1.25

package wait

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAWaitIsNotDisturbedByOthersForTheSameJob(t *testing.T) {
	for name, first := range map[string]func(ctx context.Context) error{
		"whose context ends": func(context.Context) error { return nil },
		"whose look hangs":   func(ctx context.Context) error { return pass(ctx, time.Hour) },
		"who is refused":     func(context.Context) error { return errRefused },
		"whose looks fail":   func(context.Context) error { return errBroken },
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.noStream = true
				s := v.scheduler()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				job := v.submit("a", 20*time.Second)
				other := *job
				other.Look = func(ctx context.Context, _ bool) (Report, error) {
					return Report{Started: true}, first(ctx)
				}
				var group sync.WaitGroup
				group.Go(func() {
					if _, err := s.Wait(ctx, &other); err == nil {
						t.Error("the first wait got a result")
					}
				})
				report, err := s.Wait(t.Context(), job)
				late := time.Since(v.started) - 20*time.Second
				if err != nil || report.Value != "a" || late > 510*time.Millisecond {
					t.Errorf("the second: %v, %v, %v late", report.Value, err, late)
				}
				group.Wait()
			})
		})
	}
}

func TestAWaitLooksWithItsOwnContext(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		type key struct{}
		s := v.scheduler()
		each(20, func(i int) {
			job := v.submit("a", 3*time.Second)
			look, stream := job.Look, job.Stream
			own := func(ctx context.Context) {
				if ctx.Value(key{}) != i {
					t.Error("a request with another's context")
				}
			}
			job.Look = func(ctx context.Context, expect bool) (Report, error) {
				own(ctx)
				return look(ctx, expect)
			}
			job.Stream = func(ctx context.Context, alive func(bool)) error {
				own(ctx)
				return stream(ctx, alive)
			}
			if _, err := s.Wait(context.WithValue(t.Context(), key{}, i), job); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestOneFailingJobDoesNotDisturbOthers(t *testing.T) {
	for name, fault := range map[string]func() error{
		"fails at once": func() error { return errBroken },
		"hangs": func() error {
			time.Sleep(20 * time.Second)
			return errBroken
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.lookFault = func(id string, _ int) error {
					if strings.HasPrefix(id, "bad") {
						return fault()
					}
					return nil
				}
				s := v.scheduler()
				each(70, func(i int) {
					if i >= 20 {
						lasts := time.Duration(i) * 200 * time.Millisecond
						if late := v.wait(t, s, v.submit(fmt.Sprint(i), lasts)); late > 510*time.Millisecond {
							t.Errorf("job %d: %v late", i, late)
						}
						return
					}
					_, err := s.Wait(t.Context(), v.submit(fmt.Sprint("bad", i), time.Second))
					took := time.Since(v.started)
					if !errors.Is(err, errBroken) || took < 5*time.Minute || took > 6*time.Minute ||
						!strings.Contains(err.Error(), "no good response for 5m") {
						t.Errorf("the failing job: %v after %v", err, took)
					}
				})
			})
		})
	}
}

func TestAWaitThatBeginsInAnOutageHasItsOwnPatience(t *testing.T) {
	for _, id := range []string{"a", "b"} {
		simulate(t, func(t *testing.T, v *server) {
			breakAll(v, 0, 6*time.Minute)
			s := v.scheduler()
			var group sync.WaitGroup
			group.Go(func() {
				if _, err := s.Wait(t.Context(), v.submit("a", 0)); !errors.Is(err, errBroken) {
					t.Errorf("the older wait: %v", err)
				}
			})
			time.Sleep(4 * time.Minute)
			if _, err := s.Wait(t.Context(), v.submit(id, 0)); err != nil {
				t.Errorf("the younger, for job %s: %v", id, err)
			}
			group.Wait()
		})
	}
}

func TestNothingIsLeftAfterTheLastWait(t *testing.T) {
	for _, n := range []int{1, 10, 11, 100} {
		simulate(t, func(t *testing.T, v *server) {
			s := v.scheduler()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			each(n, func(i int) {
				lasts := []time.Duration{10 * time.Second, time.Hour}[i%2]
				_, _ = s.Wait(ctx, v.submit(fmt.Sprint(i), lasts))
			})
			before := v.requests()
			time.Sleep(time.Hour)
			if v.requests() != before || v.streams() > 0 {
				t.Errorf("%d waits: %d requests and %d streams are left", n,
					v.requests()-before, v.streams())
			}
			if len(s.waits) > 0 || s.running != 0 || s.listing.stop != nil {
				t.Errorf("%d waits: something is left: %d jobs, %d running", n, len(s.waits), s.running)
			}
		})
	}
}

func TestNoLockIsHeldDuringARequest(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s := v.scheduler()
		free := func() {
			if !s.mu.TryLock() {
				t.Error("the lock is held")
				return
			}
			s.mu.Unlock()
		}
		broken := away(v, time.Second, 2*time.Second)
		v.lookFault = func(string, int) error {
			free()
			return broken()
		}
		v.streamFault = func(int) error {
			free()
			return broken()
		}
		for i := range 20 { // one after the other, as others may hold it for a moment
			v.wait(t, s, v.submit(fmt.Sprint(i), 300*time.Millisecond))
		}
	})
}
