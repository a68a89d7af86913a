//go:build go1.25

package wait

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestRowsOfAnOddTimeDelayNoResult(t *testing.T) {
	for name, odd := range map[string][]time.Duration{
		"seconds before the listing begins": {2 * time.Second},
		"hours before it":                   {5 * time.Hour},
		"some of each":                      {5 * time.Hour, 2 * time.Second, 10 * time.Second, 100 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.others, v.odd = 2, odd
				if late := waitAll(t, v, 300, 2*time.Minute); late[150] > 500*time.Millisecond || late[299] > time.Second {
					t.Errorf("%v late at the median, %v at most", late[150], late[299])
				}
			})
		})
	}
}

func TestRowsThatAppearLateInTheListingAreSeenSoon(t *testing.T) {
	for _, test := range []struct {
		lag   time.Duration // at most
		every int           // one of so many rows is late
		p99   time.Duration
	}{
		{90 * time.Millisecond, 1, 700 * time.Millisecond},
		// The time between two listings, and that between two which go back far.
		{200 * time.Millisecond, 1, 1200 * time.Millisecond},
		{400 * time.Millisecond, 1, 1400 * time.Millisecond},
		{time.Second, 1, 2 * time.Second},
		{300 * time.Millisecond, 20, 1300 * time.Millisecond},
		{time.Second, 20, 2 * time.Second},
	} {
		for _, n := range []int{100, 1000} {
			t.Run(fmt.Sprintf("one of %d by up to %v, %d waits", test.every, test.lag, n), func(t *testing.T) {
				simulate(t, func(t *testing.T, v *server) {
					v.submit("older", -time.Second)
					v.lag = func(string) time.Duration {
						if rand.N(test.every) > 0 {
							return 0
						}
						return test.lag/2 + rand.N(test.lag/2)
					}
					late := waitAll(t, v, n, time.Minute)
					if p99 := late[n*99/100]; p99 > test.p99 {
						t.Errorf("one result in a hundred was %v late, want at most %v", p99, test.p99)
					}
				})
			})
		}
	}
}
