//go:build go1.25

package wait

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestAJobOfUpToTwoSecondsIsNoticedSoon(t *testing.T) {
	for lasts := 5 * time.Millisecond; lasts < 2*time.Second; lasts += 73 * time.Millisecond {
		simulate(t, func(t *testing.T, v *server) {
			if late := lateness(t, v, lasts); late > 125*time.Millisecond {
				t.Errorf("a job of %v was noticed %v late", lasts, late)
			}
		})
	}
}

func TestAShortJobIsNoticedSoonWhereThereIsNoStream(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		if late := lateness(t, v, 100*time.Millisecond); late > 110*time.Millisecond {
			t.Errorf("%v late", late)
		}
	})
}

func TestAResultThatIsThereIsReturnedAtOnce(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		job := v.submit("a", -time.Minute)
		job.Fresh = false
		late := v.wait(t, v.scheduler(), job)
		if n := v.requests(); late > 2*v.latency || n != 1 {
			t.Errorf("%d requests in %v", n, late)
		}
	})
}

func TestAWaitEndsWithItsContextAtOnce(t *testing.T) {
	for name, set := range map[string]func(*server){
		"while it sleeps":           func(*server) {},
		"while a look hangs":        func(v *server) { v.latency = time.Hour },
		"while its stream is mute":  func(v *server) { v.mute = true },
		"while its looks fail":      func(v *server) { breakAll(v, 0, time.Hour) },
		"while it has to keep away": func(v *server) { v.lookFault = fails(busy(time.Minute)) },
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				set(v)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				start := time.Now()
				_, err := v.scheduler().Wait(ctx, v.submit("a", time.Hour))
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
					t.Errorf("got %v after %v", err, time.Since(start))
				}
			})
		})
	}
}

func TestAWaitWhoseContextHasEndedAsksNothing(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := v.scheduler().Wait(ctx, v.submit("a", 0))
		if !errors.Is(err, context.Canceled) || v.requests() != 0 {
			t.Errorf("got %v after %d requests", err, v.requests())
		}
	})
}

func TestTheErrorOfAWaitWhoseContextHasEndedNamesTheLastFailure(t *testing.T) {
	for name, test := range map[string]struct {
		until time.Duration // until when looks fail
		hangs int           // which look hangs
		want  bool
	}{
		"the last look failed":                      {time.Hour, 0, true},
		"the last look got a good answer":           {2 * time.Second, 0, false},
		"no look has failed":                        {0, 0, false},
		"the last look hangs after one that failed": {2 * time.Hour, 4, true},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.noStream = true
				v.lookFault = func(_ string, n int) error {
					if n == test.hangs {
						time.Sleep(time.Hour)
					}
					return away(v, 0, test.until)()
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, err := v.scheduler().Wait(ctx, v.submit("a", time.Hour))
				if errors.Is(err, errBroken) != test.want {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func fails(err error) func(string, int) error { return func(string, int) error { return err } }
