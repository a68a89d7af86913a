//go:build go1.25

package wait

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// simulate runs f in simulated time, and checks that nothing is left behind.
func simulate(t *testing.T, f func(t *testing.T, v *server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := newServer()
		f(t, v)
		synctest.Wait()
		if v.open > 0 {
			t.Errorf("%d streams are left open", v.open)
		}
	})
}

func TestAJobCostsFewRequests(t *testing.T) {
	for i, lasts := range []time.Duration{50 * time.Millisecond, time.Second, 10 * time.Second, 44 * time.Second, 3 * time.Minute, 10 * time.Minute, time.Hour} {
		simulate(t, func(t *testing.T, v *server) {
			v.latency = time.Duration(i) * 50 * time.Millisecond
			if _, err := v.scheduler().Wait(t.Context(), v.submit("a", lasts)); err != nil {
				t.Fatal(err)
			}
			most := 12 + 2*int(max(lasts-45*time.Second, 0)/time.Minute+1)
			if lasts < 45*time.Second {
				most = 12
			}
			if n := 1 + v.requests(); n > most { // the submission is one
				t.Errorf("a job of %v cost %d requests, want at most %d", lasts, n, most)
			}
		})
	}
}

func TestAJobScheduledInEightHoursIsLookedAtOnceAMinute(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		job := v.submit("a", 8*time.Hour+200*time.Millisecond)
		job.Due = time.Now().Add(8 * time.Hour)
		end := job.Due.Add(200 * time.Millisecond)
		if _, err := v.scheduler().Wait(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if n := v.requests(); n > 500 {
			t.Errorf("%d requests, want at most 500", n)
		}
		if late := time.Since(end); late > 150*time.Millisecond {
			t.Errorf("%v late", late)
		}
	})
}

func TestAServerWithoutAWorkingStreamIsAskedTwiceASecond(t *testing.T) {
	for name, set := range map[string]func(*server){
		"none":          func(v *server) { v.noStream = true },
		"refused":       func(v *server) { v.streamFault = func(int) error { return errStream } },
		"never a word":  func(v *server) { v.mute = true },
		"always broken": func(v *server) { v.streamFault = func(int) error { return errBroken } },
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				set(v)
				start := time.Now()
				if _, err := v.scheduler().Wait(t.Context(), v.submit("a", 30*time.Second)); err != nil {
					t.Fatal(err)
				}
				if late := time.Since(start) - 30*time.Second; late > 500*time.Millisecond {
					t.Errorf("%v late", late)
				}
				if n := v.requests(); n > 120 {
					t.Errorf("%d requests in half a minute", n)
				}
			})
		})
	}
}

func TestAStreamThatLiesCostsLittle(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lies = func(string) bool { return true }
		if _, err := v.scheduler().Wait(t.Context(), v.submit("a", time.Minute)); err != nil {
			t.Fatal(err)
		}
		if n := v.expects["a"]; n > 12 {
			t.Errorf("%d looks at a job that a stream took for completed", n)
		}
	})
}

func TestOneFailingJobDoesNotDisturbOthers(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.script = "f/demo/a"
		v.lookFault = func(id string, _ int) error {
			if id == "bad" {
				return errBroken
			}
			return nil
		}
		s := v.scheduler()
		var group sync.WaitGroup
		group.Go(func() {
			start := time.Now()
			if _, err := s.Wait(t.Context(), v.submit("bad", time.Second)); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "no good answer for 5m") {
				t.Errorf("the failing job: %v", err)
			}
			if took := time.Since(start); took < 5*time.Minute || took > 5*time.Minute+10*time.Second {
				t.Errorf("the failing job was given up after %v", took)
			}
		})
		for i := range 50 {
			group.Go(func() {
				start, lasts := time.Now(), time.Duration(i)*200*time.Millisecond
				if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil || time.Since(start)-lasts > time.Second {
					t.Errorf("job %d: %v, %v late", i, err, time.Since(start)-lasts)
				}
			})
		}
		group.Wait()
	})
}

func TestAWaitThatBeginsInAnOutageHasItsOwnPatience(t *testing.T) {
	for name, job := range map[string]string{"another job": "b", "the same job": "a"} {
		simulate(t, func(t *testing.T, v *server) {
			up := time.Now().Add(6 * time.Minute)
			v.lookFault = func(string, int) error {
				if time.Now().Before(up) {
					return errBroken
				}
				return nil
			}
			s := v.scheduler()
			jobs := map[string]*Job{"a": v.submit("a", 0), "b": v.submit("b", 0)}
			var group sync.WaitGroup
			group.Go(func() {
				if _, err := s.Wait(t.Context(), jobs["a"]); !errors.Is(err, errBroken) {
					t.Errorf("the older wait: %v", err)
				}
			})
			time.Sleep(4 * time.Minute)
			if _, err := s.Wait(t.Context(), jobs[job]); err != nil {
				t.Errorf("the one for %s: %v", name, err)
			}
			group.Wait()
		})
	}
}

func TestAProcessThatWasStoppedForHoursGoesOn(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		failing := false
		v.lookFault = func(_ string, n int) error {
			if n == 5 || n == 6 || n == 7 {
				failing = true
				return errBroken
			}
			return nil
		}
		job := v.submit("a", 3*time.Hour)
		look := job.Look
		job.Look = func(ctx context.Context, expect bool) (Report, error) {
			report, err := look(ctx, expect)
			if failing && err != nil {
				time.Sleep(time.Hour) // the look hangs while the process is stopped
			}
			return report, err
		}
		if _, err := v.scheduler().Wait(t.Context(), job); err != nil {
			t.Error(err)
		}
	})
}

func TestAVerdictIsBelievedWhenItIsSaidTwiceASecondApart(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lookFault = func(string, int) error { return errRefused }
		start := time.Now()
		if _, err := v.scheduler().Wait(t.Context(), v.submit("a", 0)); !errors.Is(err, errRefused) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took < time.Second || took > 2*time.Second || v.looks["a"] != 2 {
			t.Errorf("%d looks in %v", v.looks["a"], took)
		}
	})
	simulate(t, func(t *testing.T, v *server) {
		v.lookFault = func(_ string, n int) error {
			if n == 1 {
				return errRefused
			}
			if n < 6 {
				return []error{errNotFound, errBroken}[n%2]
			}
			return nil
		}
		if _, err := v.scheduler().Wait(t.Context(), v.submit("a", 0)); err != nil {
			t.Errorf("a server that contradicts itself for a moment: %v", err)
		}
	})
	simulate(t, func(t *testing.T, v *server) {
		v.lookFault = func(_ string, n int) error { return []error{errNotFound, errRefused}[n%2] }
		start := time.Now()
		if _, err := v.scheduler().Wait(t.Context(), v.submit("a", 0)); err == nil || time.Since(start) > 6*time.Minute {
			t.Errorf("a server that contradicts itself for ever: %v after %v", err, time.Since(start))
		}
	})
}

func TestNoWaitAsksBeforeTheServerWantsItTo(t *testing.T) {
	for _, n := range []int{5, 40} {
		simulate(t, func(t *testing.T, v *server) {
			s, start := v.scheduler(), time.Now()
			begin, end := start.Add(time.Second), start.Add(30*time.Second)
			var group sync.WaitGroup
			for i := range n {
				group.Go(func() {
					if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), 10*time.Second)); err != nil {
						t.Error(err)
					}
				})
			}
			time.Sleep(time.Until(begin))
			v.mu.Lock()
			v.hold = end
			v.mu.Unlock()
			group.Wait()
			for _, at := range slices.Concat(v.looked, v.lists, v.opened) {
				if at.After(begin) && at.Before(end) {
					t.Fatalf("%d waits: a request %v too early", n, end.Sub(at))
				}
			}
		})
	}
}

func TestAHoldThatLastsTooLongEndsTheWait(t *testing.T) {
	fault := func(v *server, hold time.Duration) func(string, int) error {
		return func(string, int) error {
			v.mu.Lock()
			v.hold = time.Now().Add(hold)
			v.mu.Unlock()
			return errBroken
		}
	}
	simulate(t, func(t *testing.T, v *server) {
		v.lookFault = fault(v, 2*time.Minute)
		start := time.Now()
		if _, err := v.scheduler().Wait(t.Context(), v.submit("a", 0)); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "no good answer for 5m0s") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took.Round(time.Second) != 5*time.Minute || v.looks["a"] != 3 {
			t.Errorf("ended after %v and %d looks", took, v.looks["a"])
		}
	})
	simulate(t, func(t *testing.T, v *server) {
		v.lookFault = fault(v, 2*time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if _, err := v.scheduler().Wait(ctx, v.submit("a", 0)); !errors.Is(err, errBroken) || time.Since(start) > time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		time.AfterFunc(2*time.Second, func() { // brought by the answer to another
			v.mu.Lock()
			defer v.mu.Unlock()
			v.hold = time.Now().Add(2 * time.Minute)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, err := v.scheduler().Wait(ctx, v.submit("a", time.Hour))
		if err == nil || !strings.Contains(err.Error(), "past the deadline") || time.Since(start) > 3*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

func TestAWaitEndsWithItsContextAndSaysWhy(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		cause := errors.New("the user left")
		v.lookFault = func(string, int) error { return errBroken }
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			time.Sleep(3 * time.Second)
			cancel(cause)
		}()
		start := time.Now()
		_, err := v.scheduler().Wait(ctx, v.submit("a", time.Hour))
		if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || !strings.Contains(err.Error(), errBroken.Error()) {
			t.Errorf("got %v", err)
		}
		if time.Since(start) != 3*time.Second {
			t.Errorf("ended after %v", time.Since(start))
		}
	})
}
