//go:build go1.25

package wait

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// waitTogether waits for n jobs at a time, and fails if one is noticed much later than it completes.
func waitTogether(t *testing.T, v *server, n int, most time.Duration, lasts func(i int) time.Duration) {
	t.Helper()
	var group sync.WaitGroup
	s := v.scheduler()
	for i := range n {
		group.Go(func() {
			end := time.Now().Add(lasts(i))
			if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts(i))); err != nil || time.Since(end) > most {
				t.Errorf("a job of %v: %v, %v late", lasts(i), err, time.Since(end))
			}
		})
	}
	group.Wait()
}

func TestJobsThatCompletedJustBeforeTheListingIsReliedOnAreNoticed(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.listLatency = time.Second
		waitTogether(t, v, 100, 6*time.Second, func(i int) time.Duration {
			if i%2 == 0 {
				return time.Minute
			}
			return 12*time.Second + time.Duration(i)*20*time.Millisecond
		})
	})
}

func TestJobsThatCompleteTogetherLeaveTheListingReliedOn(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		waitTogether(t, v, 100, time.Second, func(i int) time.Duration { return time.Duration(1+i%20) * 5 * time.Second })
	})
}

func TestJobsOfManyScriptsAreListed(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s := v.scheduler()
		v.submit("older", -time.Second)
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() {
				job := v.submit(fmt.Sprint(i), 20*time.Second)
				job.Script = fmt.Sprint("f/demo/", i)
				end := time.Now().Add(20 * time.Second)
				if _, err := s.Wait(t.Context(), job); err != nil || time.Since(end) > 600*time.Millisecond {
					t.Errorf("%v, %v late", err, time.Since(end))
				}
			})
		}
		group.Wait()
	})
}

func TestAJobThatTheListingShowsBeforeItsRecordDoesIsNoticedSoon(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.behind = 300 * time.Millisecond
		for _, late := range waitAll(t, v, 30, 20*time.Second) {
			if late > 2*time.Second {
				t.Errorf("%v late", late)
			}
		}
	})
}

func TestAListingThatHangsHoldsNoResultBack(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		v.listFault = func(n int) error {
			if n == 20 {
				v.listLatency = time.Hour
			}
			return nil
		}
		if late := waitAll(t, v, 30, 2*time.Minute); late[len(late)-1] > 5*time.Second {
			t.Errorf("%v late", late[len(late)-1])
		}
	})
}

func TestAGatewayThatSwallowsResultsOnceDoesNotDelayOtherResults(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		swallowed := map[string]bool{}
		v.lookFault = func(id string, _ int) error {
			v.mu.Lock()
			defer v.mu.Unlock()
			if v.expects[id] == 0 || swallowed[id] {
				return nil
			}
			swallowed[id] = true
			return errBroken
		}
		s := v.scheduler()
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() {
				lasts := []time.Duration{3 * time.Second, 20 * time.Second}[i%2]
				end := time.Now().Add(lasts)
				if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil {
					t.Error(err)
				}
				if late := time.Since(end); late > time.Second {
					t.Errorf("a job of %v: %v late", lasts, late)
				}
			})
		}
		group.Wait()
	})
}

func TestAShortJobAmongOldOnesIsNoticedSoon(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s := v.scheduler()
		v.submit("older", -time.Second)
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), 10*time.Minute)); err != nil {
					t.Error(err)
				}
			})
		}
		for i := range 20 {
			time.Sleep(16*time.Second + 37*time.Millisecond)
			start, lasts := time.Now(), 150*time.Millisecond
			if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint("short ", i), lasts)); err != nil {
				t.Error(err)
			}
			if late := time.Since(start) - lasts; late > 200*time.Millisecond {
				t.Errorf("%v late", late)
			}
		}
		group.Wait()
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
		if v.most > 100 {
			t.Errorf("%d requests at once", v.most)
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
		"it is slow":     {func(v *server) { v.listLatency = time.Second }, 45, 1000},
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

func TestResultsThatCannotBeReadAreAskedForTwentyTimesASecond(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		const n = 1000
		v.submit("older", -time.Second)
		begin := time.Now()
		v.lookFault = func(string, int) error {
			if time.Since(begin) > 10*time.Second && time.Since(begin) < time.Minute {
				return errBroken
			}
			return nil
		}
		waitTogether(t, v, n, 2*time.Minute, func(int) time.Duration { return 10 * time.Second })
		// Each is asked for again at once, since a gateway may swallow one.
		if all := len(v.looked); all > 2*n+20*int(time.Since(begin).Seconds()) {
			t.Errorf("%d looks in %v", all, time.Since(begin))
		}
	})
}

func TestResultsOfOtherJobsThatAreThereDoNotDiscreditTheListing(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		s := v.scheduler()
		var group sync.WaitGroup
		var late [100]time.Duration
		for i := range late {
			group.Go(func() {
				lasts := time.Minute + time.Duration(i)*time.Second
				end := time.Now().Add(lasts)
				if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil {
					t.Error(err)
				}
				late[i] = time.Since(end)
			})
		}
		for i := range 10 {
			time.Sleep(2 * time.Second)
			job := v.submit(fmt.Sprint("there ", i), -time.Minute)
			job.Fresh = false
			begin := time.Now()
			if _, err := s.Wait(t.Context(), job); err != nil || time.Since(begin) > 100*time.Millisecond {
				t.Errorf("a result that is there: %v after %v", err, time.Since(begin))
			}
		}
		group.Wait()
		if most := slices.Max(late[:]); most > time.Second {
			t.Errorf("one of the others was %v late", most)
		}
	})
}

func TestASlowListingIsReliedOnOnlyWhereItIsTheQuickerWay(t *testing.T) {
	for n, most := range map[int]time.Duration{12: 800 * time.Millisecond, 40: 2500 * time.Millisecond} {
		simulate(t, func(t *testing.T, v *server) {
			v.submit("older", -time.Second)
			v.listFault = func(n int) error {
				if n == 10 {
					v.listLatency = 1900 * time.Millisecond
				}
				return nil
			}
			if late := waitAll(t, v, n, 2*time.Minute); late[n-1] > most { // they share twenty looks a second
				t.Errorf("one of %d results was %v late", n, late[n-1])
			}
		})
	}
}

func TestManyWaitsOfASlowServerAreAnsweredByItsListing(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.latency, v.listLatency = time.Second, 2500*time.Millisecond
		v.submit("older", -time.Second)
		if late := waitAll(t, v, 300, 2*time.Minute); late[150] > 10*time.Second {
			t.Errorf("%v late at the median", late[150])
		}
	})
}

func TestAListingThatWasAwayForLongIsReliedOnAgain(t *testing.T) {
	for name, set := range map[string]func(*server){
		"refused": func(v *server) {
			back := time.Now().Add(10 * time.Minute)
			v.listFault = func(int) error {
				if time.Now().Before(back) {
					return errRefused
				}
				return nil
			}
		},
		"empty": func(v *server) { v.lag = func(id string) time.Duration { return time.Duration(min(0, len(id)-3)) } },
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				set(v)
				s := v.scheduler()
				var group sync.WaitGroup
				for i := range 200 {
					group.Go(func() {
						lasts, most := time.Duration(i)*6*time.Second, 30*time.Second
						if i >= 100 {
							lasts, most = 12*time.Minute+time.Duration(i)*time.Second, time.Second
						}
						end := time.Now().Add(lasts)
						if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil || time.Since(end) > most {
							t.Errorf("a job of %v: %v, %v late", lasts, err, time.Since(end))
						}
					})
				}
				group.Wait()
			})
		})
	}
}

func TestAFailureOfTheListingNowAndThenDelaysLittle(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		v.listFault = func(n int) error { return []error{nil, nil, nil, nil, errBroken}[n%5] }
		if late := waitAll(t, v, 200, 4*time.Minute); late[100] > time.Second {
			t.Errorf("%v late at the median", late[100])
		}
	})
}

func TestJobsThatCompleteWhileTheListingIsAwayAreShownByItLater(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		v.listFault = func(n int) error {
			if n <= 2 {
				return errBroken
			}
			return nil
		}
		waitTogether(t, v, 1000, 5*time.Second, func(i int) time.Duration { return 4 * time.Second }) // it is back after six
	})
}

func TestTheListingCostsOldWaitsLittle(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		waitTogether(t, v, 100, time.Second, func(int) time.Duration { return 10 * time.Minute })
		if n := len(v.looked); n > 100*30 {
			t.Errorf("%d looks at a hundred jobs", n)
		}
	})
}

func TestThoseWhoAreLeftLookByThemselvesWhereThereIsNoStream(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		v.submit("older", -time.Second)
		waitTogether(t, v, 30, 700*time.Millisecond, func(i int) time.Duration {
			if i < 25 {
				return 5 * time.Second
			}
			return time.Duration(i) * time.Second
		})
	})
}

func TestAListingWhoseTimesAreALittleEarlyIsReliedOn(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.early = 20 * time.Millisecond // a job has run when it is done, and completed when that is written
		v.submit("older", -time.Second)
		waitTogether(t, v, 100, time.Second, func(i int) time.Duration { return time.Duration(1+i) * 500 * time.Millisecond })
	})
}

func TestElevenWaitsAreAnsweredByTheListing(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		time.AfterFunc(19*time.Second, func() {
			if n := v.streams(); n > 0 {
				t.Errorf("%d streams are open", n)
			}
		})
		waitTogether(t, v, 11, 600*time.Millisecond, func(int) time.Duration { return 20 * time.Second })
	})
}

func TestAListingIsReliedOnAgainWhenItHasMissedMuch(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.others = 5
		v.listFault = func(n int) error {
			if n > 20 && n <= 24 {
				return errBroken
			}
			return nil
		}
		waitTogether(t, v, 12, time.Second, func(int) time.Duration { return 5 * time.Minute })
		if n := len(v.looked); n > 1500 {
			t.Errorf("%d looks at twelve jobs", n)
		}
	})
}

func TestAJobThatTheListingLacksIsNoticedInHalfAMinute(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lag = func(id string) time.Duration {
			if id == "50" {
				return -1
			}
			return 0
		}
		waitTogether(t, v, 100, 35*time.Second, func(i int) time.Duration { return 10*time.Minute + time.Duration(i)*time.Second })
	})
}

func TestTheWaitsLookByThemselvesWhenTheListingFailsAfterALongTime(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		s := v.scheduler()
		var away atomic.Bool
		v.listFault = func(int) error {
			if away.Load() {
				return errRefused
			}
			return nil
		}
		var group sync.WaitGroup
		for i := range 50 {
			group.Go(func() {
				for j := range 300 {
					if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i, "-", j), time.Second)); err != nil {
						t.Error(err)
					}
				}
				time.AfterFunc(10*time.Second, func() { away.Store(true) })
				lasts := 30 * time.Second
				end := time.Now().Add(lasts)
				if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil || time.Since(end) > 6*time.Second {
					t.Errorf("%v, %v late", err, time.Since(end))
				}
			})
		}
		group.Wait()
	})
}

func TestAListingThatIsNoLongerNeededIsNoTrouble(t *testing.T) {
	for lasts := 5 * time.Second; lasts < 6*time.Second; lasts += 100 * time.Millisecond {
		simulate(t, func(t *testing.T, v *server) {
			v.listLatency = 300 * time.Millisecond
			v.submit("older", -time.Second)
			var logged bytes.Buffer
			s := v.scheduler()
			s.cfg.Log = slog.New(slog.NewTextHandler(&logged, nil))
			var group sync.WaitGroup
			for i := range 11 {
				group.Go(func() {
					lasts := lasts
					if i > 0 {
						lasts = 20 * time.Second
					}
					if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if logged.Len() > 0 {
				t.Errorf("logged: %s", &logged)
			}
		})
	}
}
