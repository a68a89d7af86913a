//go:build go1.25

package wait

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestManyWaitsAreNotLaterThanPollingWhenTheListing(t *testing.T) {
	refuse := func(v *server) { v.listFault = func(int) error { return errRefused } }
	for name, test := range map[string]struct {
		set   func(*server)
		p50   int // ms
		most  int // ms
		lists int // in a minute and a half
	}{
		"works":      {func(*server) {}, 200, 510, 1000},
		"is refused": {refuse, 350, 510, 10},
		"is refused for a while": {func(v *server) {
			v.listFault = func(n int) error { return []error{errRefused, nil}[min(n/3, 1)] }
		}, 350, 510, 1000},
		"is refused after a while": {func(v *server) {
			v.listFault = func(n int) error { return []error{nil, errRefused}[min(n/150, 1)] }
		}, 350, 510, 1000},
		"fails": {func(v *server) {
			v.listFault = func(int) error { return errBroken }
		}, 350, 510, 130},
		"fails now and then": {func(v *server) {
			v.listFault = func(n int) error { return []error{nil, nil, nil, nil, errBroken}[n%5] }
		}, 350, 510, 1000},
		"ignores the bound": {func(v *server) {
			v.ignoreAfter, v.skew = true, -time.Hour
			for i := range 3000 {
				v.submit(fmt.Sprint("old ", i), -time.Hour-time.Duration(i)*time.Second)
			}
		}, 350, 510, 30},
		"ignores it and says no times": {func(v *server) {
			v.ignoreAfter, v.noTimes = true, true
		}, 350, 510, 1000},
		"is slow": {func(v *server) { v.listLatency = time.Second }, 350, 510, 60},
		"hangs":   {func(v *server) { v.listLatency = time.Hour }, 350, 510, 60},
		"shows nothing": {func(v *server) {
			v.jobs, v.lag = nil, func(string) time.Duration { return -1 }
		}, 350, 510, 2000},
		"has a clock of its own": {func(v *server) { v.skew = -100 * time.Hour }, 200, 510, 1000},
		"has times that are a little early": {func(v *server) {
			v.early = 200 * time.Millisecond
		}, 200, 510, 1000},
		"is full of others' jobs": {func(v *server) { v.others = 1000 }, 350, 510, 60},
		"shows rows up to 300 ms late": {func(v *server) {
			v.lag = func(id string) time.Duration {
				return time.Duration(id[len(id)-1]-'0') * 33 * time.Millisecond
			}
		}, 350, 700, 1000},
		"is that of a slow server": {func(v *server) {
			v.latency, v.listLatency = 100*time.Millisecond, 100*time.Millisecond
		}, 400, 700, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{20, 100} {
				simulate(t, func(t *testing.T, v *server) {
					test.set(v)
					durations := upTo(90 * time.Second)
					polls := 0
					for i := range n {
						polls += 1 + int(durations(i)/interval)
					}
					late := waitAll(t, v, n, durations)
					if p50 := late[n/2]; p50 > time.Duration(test.p50)*time.Millisecond {
						t.Errorf("%d waits: %v late at the median", n, p50)
					}
					if most := late[n-1]; most > time.Duration(test.most)*time.Millisecond {
						t.Errorf("%d waits: %v late", n, most)
					}
					if lists := len(v.lists); lists > test.lists {
						t.Errorf("%d waits: %d listings", n, lists)
					}
					if all := v.requests(); all > polls*21/20 {
						t.Errorf("%d waits: %d requests, %d by polling", n, all, polls)
					}
					bytes := float64(v.requests()) + 1.2*float64(v.rows)
					if bytes > 1.1*float64(polls) {
						t.Errorf("%d waits: %.0f answers and rows, %d by polling", n, bytes, polls)
					}
				})
			}
		})
	}
}

func TestJobsThatCompleteTogetherAreNoticedTogether(t *testing.T) {
	for _, n := range []int{11, 100, 3000} {
		simulate(t, func(t *testing.T, v *server) {
			late := waitAll(t, v, n, func(i int) time.Duration {
				return time.Duration(1+i%4) * 5 * time.Second
			})
			if late[n-1] > 510*time.Millisecond {
				t.Errorf("%d waits: %v late", n, late[n-1])
			}
			if looks := len(v.looked); looks > 4*n {
				t.Errorf("%d waits: %d looks", n, looks)
			}
		})
	}
}

func TestAShortJobAmongOldOnesIsNoticedSoon(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s := v.scheduler()
		each(21, func(i int) {
			if i < 20 {
				v.wait(t, s, v.submit(fmt.Sprint(i), 10*time.Minute))
				return
			}
			for i := range 20 {
				time.Sleep(16*time.Second + 37*time.Millisecond)
				job := v.submit(fmt.Sprint("short ", i), 150*time.Millisecond)
				if late := v.wait(t, s, job); late > 300*time.Millisecond {
					t.Errorf("%v late", late)
				}
			}
		})
	})
}

func TestManyWaitsThatLoseTheListingDoNotLookTogether(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.listFault = func(int) error {
			if time.Since(v.started) > 31*time.Second {
				return errRefused
			}
			return nil
		}
		waitAll(t, v, 1000, always(time.Minute))
		from, _ := slices.BinarySearchFunc(v.looked, v.started.Add(31*time.Second), time.Time.Compare)
		to, _ := slices.BinarySearchFunc(v.looked, v.started.Add(59*time.Second), time.Time.Compare)
		one, five := mostIn(v.looked[from:to], time.Second), mostIn(v.looked[from:to], 5*time.Second)
		if one > 500 || five > 1100 {
			t.Errorf("%d looks in a second, %d in five", one, five)
		}
	})
}

func TestAListingThatIsNoLongerNeededIsNoTrouble(t *testing.T) {
	for lasts := 5 * time.Second; lasts < 6*time.Second; lasts += 100 * time.Millisecond {
		simulate(t, func(t *testing.T, v *server) {
			v.listLatency = 300 * time.Millisecond
			var log strings.Builder
			s := v.scheduler()
			s.cfg.Log = logTo(&log)
			each(11, func(i int) { v.wait(t, s, v.submit(fmt.Sprint(i), lasts)) })
			if log.Len() > 0 {
				t.Errorf("logged: %s", &log)
			}
		})
	}
}
