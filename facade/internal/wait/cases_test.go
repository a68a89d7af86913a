//go:build go1.25

package wait

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
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

func TestAJobOfUpToTwoSecondsIsNoticedWithinATenthOfASecond(t *testing.T) {
	for lasts := 150 * time.Millisecond; lasts < 2*time.Second; lasts += 70 * time.Millisecond {
		simulate(t, func(t *testing.T, v *server) {
			if late := lateness(t, v, lasts); late > 125*time.Millisecond {
				t.Errorf("a job of %v was noticed %v late", lasts, late)
			}
		})
	}
}

func TestAStreamThatFallsSilentIsNotReliedOn(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.stalls = true
		if late := lateness(t, v, 40*time.Second); late > time.Second {
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
	simulate(t, func(t *testing.T, v *server) {
		v.noStream, v.latency = true, 2*time.Second
		lateness(t, v, time.Minute)
		if n := v.looks["job of 1m0s"]; n > 20 {
			t.Errorf("%d looks in a minute at a server that takes 2 s for each", n)
		}
	})
}

func TestRowsThatAppearLateInTheListingAreSeen(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lag = func(string) time.Duration { return rand.N(90 * time.Millisecond) }
		late := waitAll(t, v, 200, 20*time.Second)
		if p99 := late[len(late)*99/100]; p99 > 700*time.Millisecond {
			t.Errorf("one result in a hundred was %v late", p99)
		}
	})
}

func TestThousandsOfJobsThatCompleteTogetherAreSeen(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		const n = 3000
		s, end := v.scheduler(), time.Now().Add(3*time.Second)
		v.script = "f/demo/a"
		var group sync.WaitGroup
		for i := range n + 1 {
			group.Go(func() {
				lasts := 3 * time.Second
				if i == n {
					lasts = time.Second // so that the listing has a row to go on from
				}
				if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if late := time.Since(end); late > 3*time.Second {
			t.Errorf("the last of %d results was %v late", n, late)
		}
	})
}

func TestAListingIsReadRarelyWhere(t *testing.T) {
	for name, test := range map[string]struct {
		set            func(*server)
		listings, rows int
	}{
		"it is refused": {func(v *server) { v.listFault = func(int) error { return errRefused } }, 20, 0},
		"it ignores the bound": {func(v *server) {
			v.ignoreAfter, v.skew = true, -time.Hour
			for i := range 3000 {
				v.submit(fmt.Sprint("old ", i), -time.Hour)
			}
		}, 100, 5000},
		"others fill it": {func(v *server) { v.others = 1000 }, 300, 20_000},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newServer()
				test.set(v)
				late := waitAll(t, v, 100, 2*time.Minute)
				if most := late[len(late)-1]; most > 10*time.Second { // a hundred waits share twenty looks a second
					t.Errorf("%v late", most)
				}
				if n, rows := len(v.lists), int(v.listed.Load()); n > test.listings || rows > test.rows {
					t.Errorf("%d listings and %d rows in two minutes, want at most %d and %d", n, rows, test.listings, test.rows)
				}
			})
		})
	}
}
