//go:build go1.25

package wait

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// lateness waits for a fresh job of a server, and returns how much later than it the wait ended.
func lateness(t *testing.T, v *server, lasts time.Duration) time.Duration {
	t.Helper()
	end := time.Now().Add(lasts)
	if _, err := v.scheduler().Wait(t.Context(), v.submit(fmt.Sprint("job of ", lasts), lasts)); err != nil {
		t.Error(err)
	}
	return time.Since(end)
}

func TestAJobOfAnInstantIsNoticedAtOnce(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		if late := lateness(t, v, 5*time.Millisecond); late > 20*time.Millisecond {
			t.Errorf("%v late", late)
		}
	})
}

func TestAJobOfUpToTwoSecondsIsNoticedWithinATenthOfASecond(t *testing.T) {
	for lasts := 150 * time.Millisecond; lasts < 2*time.Second; lasts += 70 * time.Millisecond {
		simulate(t, func(t *testing.T, v *server) {
			if late := lateness(t, v, lasts); late > 125*time.Millisecond {
				t.Errorf("a job of %v was noticed %v late", lasts, late)
			}
		})
	}
}

func TestAShortJobIsNoticedInAQuarterOfASecondWithoutItsStream(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		for lasts := 100 * time.Millisecond; lasts < 4*time.Second; lasts += 130 * time.Millisecond {
			if late := lateness(t, v, lasts); late > 300*time.Millisecond {
				t.Errorf("a job of %v was noticed %v late", lasts, late)
			}
		}
	})
}

func TestAStreamThatFallsSilentIsNotReliedOn(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.stalls = true
		if late := lateness(t, v, 33*time.Second); late > time.Second {
			t.Errorf("%v late", late)
		}
	})
}

func TestTwoFailuresAreNoOutageHoweverShortOneMayBe(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.maxOutage = time.Millisecond
		v.lookFault = func(_ string, n int) error {
			if n == 2 || n == 3 {
				return errBroken
			}
			return nil
		}
		lateness(t, v, 10*time.Second)
	})
}

func TestAnOutageIsAskedAboutEverLessOften(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		v.lookFault = func(string, int) error { return errBroken }
		if _, err := v.scheduler().Wait(t.Context(), v.submit("a", time.Hour)); err == nil {
			t.Error("the wait did not end with the outage")
		}
		if n := v.looks["a"]; n > 100 {
			t.Errorf("%d looks in five minutes", n)
		}
	})
}

func TestASlowServerIsAskedLessOften(t *testing.T) {
	for _, n := range []int{1, 100} {
		simulate(t, func(t *testing.T, v *server) {
			v.noStream, v.latency = true, 2*time.Second
			v.listFault = func(int) error { return errRefused }
			waitAll(t, v, n, time.Minute)
			if asked := len(v.looked) - 2*n; asked > 150 {
				t.Errorf("%d waits asked %d times in a minute at a server that takes 2 s for each", n, asked)
			}
		})
	}
}

func TestAnOutageIsNotAskedAboutByAllAtTheSameMoment(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		up := time.Now().Add(20 * time.Second)
		v.noStream = true
		v.lookFault = func(string, int) error {
			if time.Now().Before(up) {
				return errBroken
			}
			return nil
		}
		var group sync.WaitGroup
		for i := range 50 { // programs
			group.Go(func() {
				if _, err := v.scheduler().Wait(t.Context(), v.submit(fmt.Sprint(i), time.Second)); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(2 * time.Second)
		v.mu.Lock()
		before := len(v.looked)
		v.mu.Unlock()
		group.Wait()
		if n := mostIn(v.looked[before:], 10*time.Millisecond); n > 15 {
			t.Errorf("%d of 50 programs ask in the same hundredth of a second", n)
		}
	})
}

func TestAStreamThatSaysNothingAfterItWasOpenedAnewIsNotReliedOn(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.muteFrom = 3
		if late := lateness(t, v, 50*time.Second); late > time.Second {
			t.Errorf("%v late", late)
		}
	})
}

func TestAStreamThatAGatewayCutsAfterHalfAMinuteIsOpenedAnewAtOnce(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		job := v.submit("a", 10*time.Minute)
		stream := job.Stream
		job.Stream = func(ctx context.Context, tell func(bool)) error {
			short, cancel := context.WithTimeout(ctx, 29*time.Second)
			defer cancel()
			return stream(short, tell)
		}
		if _, err := v.scheduler().Wait(t.Context(), job); err != nil {
			t.Error(err)
		}
		if n := v.requests(); n > 50 {
			t.Errorf("%d requests in ten minutes", n)
		}
	})
}

func TestManyJobsThatAreScheduledAreNotLookedAtTogether(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		s, due := v.scheduler(), time.Now().Add(5*time.Minute)
		var group sync.WaitGroup
		for i := range 300 {
			group.Go(func() {
				lasts := 50*time.Millisecond + time.Duration(i)*10*time.Millisecond
				job := v.submit(fmt.Sprint(i), 5*time.Minute+lasts)
				job.Due = due
				if _, err := s.Wait(t.Context(), job); err != nil || time.Since(due) > lasts+300*time.Millisecond {
					t.Errorf("a job of %v: %v, %v late", lasts, err, time.Since(due)-lasts)
				}
			})
		}
		time.Sleep(time.Until(due.Add(-time.Second)))
		v.mu.Lock()
		n := mostIn(v.looked, time.Second)
		v.mu.Unlock()
		if n > 25 {
			t.Errorf("%d looks in a second", n)
		}
		time.Sleep(2 * time.Second)
		if n := v.streams(); n > 0 {
			t.Errorf("%d streams are open", n)
		}
		group.Wait()
	})
}

func TestAJobThatRunsBeforeItsTimeIsFollowedFromThenOn(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		job, start := v.submit("a", 10*time.Minute+30*time.Second), time.Now()
		look := job.Look
		job.Look = func(ctx context.Context, expect bool) (Report, error) {
			report, err := look(ctx, expect)
			report.Due = start.Add(4 * time.Hour) // by the server's clock, which is ahead
			report.Started = time.Since(start) > 5*time.Minute
			return report, err
		}
		if _, err := v.scheduler().Wait(t.Context(), job); err != nil {
			t.Error(err)
		}
		if late := time.Since(start) - 10*time.Minute - 30*time.Second; late > time.Second {
			t.Errorf("%v late", late)
		}
	})
}

func TestAStreamThatIsAliveAndDoesNotTellTheEndDelaysAResultByLittle(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		job, end := v.submit("a", 25*time.Minute), time.Now().Add(25*time.Minute)
		job.Stream = func(ctx context.Context, tell func(bool)) error {
			tell(false)
			for pass(ctx, 10*time.Second) == nil {
				tell(false)
			}
			return ctx.Err()
		}
		if _, err := v.scheduler().Wait(t.Context(), job); err != nil || time.Since(end) > 90*time.Second {
			t.Errorf("%v, %v late", err, time.Since(end))
		}
		if n := len(v.looked); n > 30 {
			t.Errorf("%d looks", n)
		}
	})
}

func TestAStreamThatBreaksIsNotReliedOn(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		job, end := v.submit("a", 7500*time.Millisecond), time.Now().Add(7500*time.Millisecond)
		start := time.Now()
		job.Stream = func(ctx context.Context, tell func(bool)) error {
			for time.Since(start) < 4*time.Second {
				tell(false)
				if err := pass(ctx, 100*time.Millisecond); err != nil {
					return err
				}
			}
			return errBroken
		}
		if _, err := v.scheduler().Wait(t.Context(), job); err != nil || time.Since(end) > 600*time.Millisecond {
			t.Errorf("%v, %v late", err, time.Since(end))
		}
	})
}

func TestAStreamThatIsRefusedNowAndThenIsOpenedAgainSoon(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.streamFault = func(n int) error { return []error{nil, errBroken}[n%2] }
		lateness(t, v, 10*time.Minute)
		if n := v.requests(); n > 100 {
			t.Errorf("%d requests in ten minutes", n)
		}
	})
}

func TestAnOutageInWhichLooksHangEndsTheWaitInTime(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		v.lookFault = func(string, int) error {
			time.Sleep(time.Minute)
			return errBroken
		}
		start := time.Now()
		if _, err := v.scheduler().Wait(t.Context(), v.submit("a", 0)); !errors.Is(err, errBroken) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took > 8*time.Minute {
			t.Errorf("given up after %v", took)
		}
	})
}
