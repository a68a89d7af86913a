//go:build go1.25

package wait

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// run is what waits for jobs have come to.
type run struct {
	late     []time.Duration
	requests int
	polls    int // requests of a client that asks for each job every 500 ms
	rows     int
	took     time.Duration
}

func (r run) percentile(p int) time.Duration {
	return r.late[min(len(r.late)*p/100, len(r.late)-1)]
}

// measure waits for n jobs at a time, again and again until there are enough, of durations up to most. They are the same whenever it is called.
func measure(t *testing.T, n, jobs int, most time.Duration, set func(*server)) run {
	t.Helper()
	var r run
	draw := rand.New(rand.NewPCG(uint64(n), uint64(most)))
	durations := make([]time.Duration, jobs)
	for i := range durations {
		durations[i] = most/10 + time.Duration(draw.Int64N(int64(most*9/10)))
	}
	synctest.Test(t, func(t *testing.T) {
		v := newServer()
		if set != nil {
			set(v)
		}
		s := v.scheduler()
		var mu sync.Mutex
		var group sync.WaitGroup
		start := time.Now()
		for i := range n {
			group.Go(func() {
				for j := i; j < jobs; j += n {
					id := fmt.Sprint("job ", j)
					d := durations[j]
					began := time.Now()
					if _, err := s.Wait(t.Context(), v.submit(id, d)); err != nil {
						t.Errorf("%s: %v", id, err)
					}
					mu.Lock()
					if len(r.late) == jobs-n {
						mu.Unlock()
						continue
					}
					r.requests, r.rows = v.requests(), int(v.listed.Load())
					r.late = append(r.late, time.Since(began.Add(d)))
					r.polls += int(d/(500*time.Millisecond)) + 2
					mu.Unlock()
				}
			})
		}
		group.Wait()
		r.took = time.Since(start)
		synctest.Wait()
		if v.open > 0 || len(s.waits) > 0 || s.active != 0 || s.listing.stop != nil {
			t.Error("something is left")
		}
	})
	slices.Sort(r.late)
	return r
}

func TestWaitsAreAnsweredSoonerThanByAPoller(t *testing.T) {
	for _, n := range []int{1, 10, 100, 1000} {
		for _, most := range []time.Duration{200 * time.Millisecond, 2 * time.Second, 20 * time.Second, 200 * time.Second} {
			jobs := max(1000, 4*n)
			if most < time.Second {
				jobs = max(1000, 10*n) // they complete in waves, of which there have to be some
			}
			r := measure(t, n, jobs, most, func(v *server) { v.others, v.script = 1000, "f/demo/a" })
			bytes := (float64(r.requests) + 1.2*float64(r.rows)) / float64(r.polls)
			t.Logf("%4d waits, jobs of up to %v: %.1f requests a job (poller %.1f), p50 %v, p99 %v, bytes %.2f of the poller's", n, most, float64(r.requests)/float64(len(r.late)),
				float64(r.polls)/float64(len(r.late)), r.percentile(50), r.percentile(99), bytes)
			// The poller's are half of this and this, and those of the server's own stream are.
			if p50, p99 := r.percentile(50), r.percentile(99); p50 > 290*time.Millisecond || p99 > 510*time.Millisecond {
				t.Errorf("%d waits for jobs of up to %v are %v late at the median and %v at p99", n, most, p50, p99)
			}
			if most >= 20*time.Second && (r.requests*2 > r.polls || bytes > 0.5) {
				t.Errorf("%d waits for jobs of up to %v sent %d requests, a poller sends %d, and took %.2f of its bytes", n, most, r.requests, r.polls, bytes)
			}
		}
	}
}
