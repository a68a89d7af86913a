//go:build go1.25

package wait

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestAListingThatMissesJobsIsLeftAlone(t *testing.T) {
	for name, test := range map[string]struct {
		lag  func(id string) time.Duration
		late int  // how many of 150 may be more than two seconds late
		read bool // the listing is read all the same
	}{
		"all jobs": {func(string) time.Duration { return -1 }, 20, false},
		"every second job": {func(id string) time.Duration {
			return -time.Duration(id[len(id)-1] % 2)
		}, 20, false},
		"rows half a second late": {func(string) time.Duration {
			return 500 * time.Millisecond
		}, 20, false},
		"rows up to 0.6 s late": {func(string) time.Duration {
			return 100*time.Millisecond + rand.N(500*time.Millisecond)
		}, 20, false},
		"one job in fifty": {func(id string) time.Duration {
			if id == "25" || id == "75" || id == "125" {
				return -1
			}
			return 0
		}, 4, true},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.lag = test.lag
				v.others = 2
				late := waitAll(t, v, 150, upTo(4*time.Minute))
				n := 0
				for _, d := range late {
					if d > 2*time.Second {
						n++
					}
				}
				if test.read && len(v.lists) < 750 {
					t.Errorf("%d listings in four minutes", len(v.lists))
				}
				if n > test.late || late[149] > 32*time.Second {
					t.Errorf("%d of 150 were more than two seconds late, one %v", n, late[149])
				}
			})
		})
	}
}

func TestAListingThatSaysTooEarlyThatJobsHaveCompletedCostsLittle(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		v.lies = func(id string) bool { return id[0] == '1' }
		if late := waitAll(t, v, 100, always(2*time.Minute)); late[99] > 510*time.Millisecond {
			t.Errorf("%v late", late[99])
		}
		for id, n := range v.expects {
			if n > 13 {
				t.Errorf("job %s was taken for completed %d times in two minutes", id, n)
			}
		}
	})
}

func TestResultsThatAreThereDoNotDiscreditTheListing(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s := v.scheduler()
		each(101, func(i int) {
			if i < 100 {
				job := v.submit(fmt.Sprint(i), time.Minute+time.Duration(i)*time.Second)
				if late := v.wait(t, s, job); late > 510*time.Millisecond {
					t.Errorf("one of the others was %v late", late)
				}
				return
			}
			for i := range 10 {
				time.Sleep(2 * time.Second)
				job := v.submit(fmt.Sprint("there ", i), -time.Minute)
				job.Fresh = false
				if late := v.wait(t, s, job); late > 100*time.Millisecond {
					t.Errorf("a result that is there came after %v", late)
				}
			}
		})
	})
}

func TestAListingThatWasAwayForLongIsReliedOnAgain(t *testing.T) {
	for name, set := range map[string]func(*server){
		"refused": func(v *server) {
			v.listFault = func(int) error {
				if time.Since(v.started) < 3*time.Minute {
					return errRefused
				}
				return nil
			}
		},
		"empty": func(v *server) {
			v.jobs = nil
			v.lag = func(id string) time.Duration { return time.Duration(min(0, len(id)-3)) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				set(v)
				late := waitAll(t, v, 160, func(i int) time.Duration {
					if i < 100 {
						return time.Duration(i) * 2 * time.Second
					}
					return 8*time.Minute + 50*time.Second + time.Duration(i-100)*time.Second
				})
				if late[159] > 810*time.Millisecond { // a hundred and sixty look every 0.8 s
					t.Errorf("%v late", late[159])
				}
				if looks := v.looksFrom(9 * time.Minute); looks > 60*5 {
					t.Errorf("%d looks after it was back", looks)
				}
			})
		})
	}
}

func TestAJobThatAFeedShowsBeforeItsRecordDoesIsNoticedSoon(t *testing.T) {
	for _, n := range []int{1, 30} { // by its stream, and by the listing
		for _, behind := range []time.Duration{100 * time.Millisecond, time.Second} {
			simulate(t, func(t *testing.T, v *server) {
				v.behind = behind
				late := waitAll(t, v, n, upTo(20*time.Second))
				if most := late[n-1] - behind; most > 510*time.Millisecond {
					t.Errorf("%d waits: %v later than its record", n, most)
				}
			})
		}
	}
}

func TestAListingThatMissedJobsIsReliedOnAgainAfterFiveMinutes(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.others = 2
		v.lag = func(id string) time.Duration { return time.Duration(min(0, len(id)-2)) }
		late := waitAll(t, v, 40, func(i int) time.Duration {
			if i < 10 {
				return time.Duration(10+i) * time.Second
			}
			return 8*time.Minute + time.Duration(i)*time.Second
		})
		if late[29] > 510*time.Millisecond || late[39] > 32*time.Second {
			t.Errorf("one of the others was %v late, one of those that are missing %v", late[29], late[39])
		}
		if looks := v.looksFrom(7 * time.Minute); looks > 30*5 {
			t.Errorf("%d looks after five minutes", looks)
		}
	})
}

func TestAListingThatWasGoodForLongIsNotLeftAloneForLongAfterARefusal(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.listFault = func(int) error {
			age := time.Since(v.started)
			if age < 70*time.Second || age > 200*time.Second && age < 201*time.Second {
				return errRefused
			}
			return nil
		}
		waitAll(t, v, 30, always(240*time.Second))
		if looks := v.looksFrom(215 * time.Second); looks > 30*4 {
			t.Errorf("%d looks in 25 s", looks)
		}
	})
}

func TestJobsThatCompleteWhenTheirWaitsLookDoNotDiscreditTheListing(t *testing.T) {
	r := measure(t, 100, 3000, 5050*time.Millisecond, 5050*time.Millisecond, func(v *server) {
		v.lag = func(string) time.Duration { return 100 * time.Millisecond }
	})
	if p50 := r.percentile(50); p50 > 160*time.Millisecond {
		t.Errorf("jobs of 5.05 s are %v late at the median", p50)
	}
}
