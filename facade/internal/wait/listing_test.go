//go:build go1.25

package wait

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// waitAll waits for n jobs of durations up to most at a time, and returns how late the results were.
func waitAll(t *testing.T, v *server, n int, most time.Duration) []time.Duration {
	t.Helper()
	var mu sync.Mutex
	var late []time.Duration
	var group sync.WaitGroup
	s := v.scheduler()
	for i := range n {
		group.Go(func() {
			lasts := most/10 + rand.N(most*9/10)
			start := time.Now()
			if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			late = append(late, time.Since(start)-lasts)
		})
	}
	group.Wait()
	slices.Sort(late)
	return late
}

// mostIn returns how many of times lie in the same stretch of that length, at most.
func mostIn(times []time.Time, length time.Duration) (most int) {
	from := 0
	for i, at := range times {
		for at.Sub(times[from]) >= length {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func refusedForHalfAMinute(v *server) {
	v.listFault = func(n int) error {
		if n <= 4 {
			return errRefused
		}
		return nil
	}
}

func TestManyWaitsAskTwentyTimesASecondWhateverTheListingDoes(t *testing.T) {
	for name, set := range map[string]func(*server){
		"works":                     func(*server) {},
		"is refused":                func(v *server) { v.listFault = func(int) error { return errRefused } },
		"is refused for a while":    refusedForHalfAMinute,
		"fails now and then":        func(v *server) { v.listFault = func(n int) error { return []error{nil, nil, errBroken}[n%3] } },
		"ignores the bound":         func(v *server) { v.ignoreAfter, v.skew = true, -time.Hour },
		"says no times":             func(v *server) { v.ignoreAfter, v.noTimes = true, true },
		"is slow":                   func(v *server) { v.listLatency = 5 * time.Second },
		"lacks every row":           func(v *server) { v.lag = func(string) time.Duration { return -1 } },
		"is an hour late":           func(v *server) { v.lag = func(string) time.Duration { return time.Hour } },
		"has another clock":         func(v *server) { v.skew = -100 * time.Hour },
		"says jobs have completed":  func(v *server) { v.lies = func(id string) bool { return id[0] == '1' }; v.noStream = true },
		"is full of others' jobs":   func(v *server) { v.others = 1000 },
		"belongs to a slow server":  func(v *server) { v.latency, v.listLatency = time.Second, time.Second },
		"lags by a tenth of second": func(v *server) { v.lag = func(string) time.Duration { return rand.N(100 * time.Millisecond) } },
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				const n = 100
				set(v)
				late := waitAll(t, v, n, 2*time.Minute)
				bound := 12 * time.Second // a hundred waits share twenty looks a second
				if v.lies != nil {
					bound = 45 * time.Second // a wait that was lied to relies on its safety look
				}
				if most := late[len(late)-1]; most > bound {
					t.Errorf("%v late", most)
				}
				p50 := late[len(late)/2]
				t.Logf("%d looks, %d listings, %d rows, p50 %v", len(v.looked), len(v.lists), v.listed.Load(), p50)
				switch name {
				case "works", "is refused for a while", "has another clock", "lags by a tenth of second", "says jobs have completed":
					if p50 > 500*time.Millisecond {
						t.Errorf("%v late at the median", p50)
					}
				default:
					if p50 > 8*time.Second {
						t.Errorf("%v late at the median", p50)
					}
				}
				const length = 10 * time.Second
				all := slices.Concat(v.looked, v.lists)
				slices.SortFunc(all, time.Time.Compare)
				// Those that fetch results, the early ones of the first waits, and those that were hinted at in vain come on top.
				if most := mostIn(all, length); most > 20*10+n/2 {
					t.Errorf("%d requests in %v", most, length)
				}
			})
		})
	}
}

func TestAListingThatLacksJobsIsLeftAlone(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lag = func(string) time.Duration { return -1 }
		v.submit("older", -time.Second) // never listed either
		v.lag = func(id string) time.Duration {
			if id == "seen" {
				return 0
			}
			return -1
		}
		v.submit("seen", 0)
		waitAll(t, v, 100, 4*time.Minute)
		if n := len(v.lists); n > 400 {
			t.Errorf("%d listings in four minutes", n)
		}
	})
}

func TestTheListingIsNarrowedToTheScriptsWaitedFor(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.script, v.others = "f/demo/a", 1000
		waitAll(t, v, 100, 20*time.Second)
		if v.listed.Load() > 1000 {
			t.Errorf("%d rows", v.listed.Load())
		}
	})
}

func TestThoseWhoAreLeftOpenStreamsWhenTheOthersAreDone(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s := v.scheduler()
		var group sync.WaitGroup
		for i := range 30 {
			group.Go(func() {
				lasts := 2 * time.Second
				if i%3 == 0 {
					lasts = 20 * time.Second
				}
				if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(4 * time.Second)
		if n := v.streams(); n != 10 {
			t.Errorf("%d streams are open", n)
		}
		group.Wait()
	})
}

func TestAStreamThatIsReadIsOpenedAmongManyWaits(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s := v.scheduler()
		var group sync.WaitGroup
		for i := range 30 {
			group.Go(func() {
				job := v.submit(fmt.Sprint(i), 10*time.Second)
				job.Followed = i == 29
				if _, err := s.Wait(t.Context(), job); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(5 * time.Second)
		if n := v.streams(); n != 1 {
			t.Errorf("%d streams are open", n)
		}
		group.Wait()
	})
}
