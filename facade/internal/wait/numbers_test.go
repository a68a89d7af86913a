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
}

func (r run) percentile(p int) time.Duration {
	return r.late[min(len(r.late)*p/100, len(r.late)-1)]
}

// bytes returns how many bytes were received, where a poller receives 1. A row is a little larger
// than an answer about one job.
func (r run) bytes() float64 {
	return (float64(r.requests) + 1.2*float64(r.rows)) / float64(r.polls)
}

func (r run) String() string {
	n := float64(len(r.late))
	return fmt.Sprintf("late p50 %v, p99 %v; %.1f requests a job (polling %.1f), bytes %.2f",
		r.percentile(50).Round(time.Millisecond), r.percentile(99).Round(time.Millisecond),
		float64(r.requests)/n, float64(r.polls)/n, r.bytes())
}

// measure waits for n jobs at a time that last from least to most, until there were so many.
func measure(
	t *testing.T, n, jobs int, least, most time.Duration, set func(*server),
) (r run) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := newServer()
		if set != nil {
			set(v)
		}
		s := v.scheduler()
		draw := rand.New(rand.NewPCG(uint64(n), uint64(most)))
		var mu sync.Mutex
		each(n, func(i int) {
			for j := i; j < jobs; j += n {
				mu.Lock()
				lasts := least + time.Duration(draw.Int64N(int64(most-least)+1))
				mu.Unlock()
				late := v.wait(t, s, v.submit(fmt.Sprint(j), lasts))
				mu.Lock()
				r.late = append(r.late, late)
				r.polls += int(lasts/interval) + 1
				mu.Unlock()
			}
		})
		synctest.Wait()
		r.requests, r.rows = v.requests(), v.rows
		if v.open > 0 || len(s.waits) > 0 || s.running != 0 || s.listing.stop != nil {
			t.Error("something is left")
		}
	})
	slices.Sort(r.late)
	return r
}

func TestWaitsAreAnsweredSoonAndAtLittleCost(t *testing.T) {
	noFeed := func(v *server) {
		v.noStream = true
		v.listFault = func(int) error { return errRefused }
	}
	older := func(v *server) { v.submit("older", -time.Second) }
	others := func(n int) func(*server) { return func(v *server) { v.others = n } }
	const ms, sec = time.Millisecond, time.Second
	for name, test := range map[string]struct {
		n, jobs     int
		least, most time.Duration
		set         func(*server)
		p50, p99    int     // ms
		requests    float64 // a job
		bytes       float64
	}{
		"1 of up to 200 ms":           {1, 300, 20 * ms, 200 * ms, nil, 60, 110, 2.1, 2.1},
		"1 of up to 2 s":              {1, 300, 200 * ms, 2 * sec, nil, 60, 110, 2.7, 1.1},
		"1 of up to 45 s":             {1, 1000, sec, 44 * sec, nil, 270, 510, 7, 0.2},
		"1 of 10 min":                 {1, 400, 540 * sec, 660 * sec, nil, 270, 510, 42, 0.1},
		"1 of an hour":                {1, 5, 3600 * sec, 3600 * sec, nil, 510, 510, 220, 0.1},
		"100 of 10 min":               {100, 100, 600 * sec, 600 * sec, older, 510, 510, 60, 0.1},
		"1 without a feed":            {1, 100, 20 * ms, 10 * sec, noFeed, 280, 510, 12, 1.1},
		"10 of up to 10 s":            {10, 300, 20 * ms, 10 * sec, nil, 250, 510, 4.5, 0.5},
		"12 of up to 10 s":            {12, 500, 20 * ms, 10 * sec, nil, 60, 510, 7, 1.5},
		"10 of up to 200 ms":          {10, 300, 20 * ms, 200 * ms, nil, 60, 110, 2.1, 2.1},
		"100 of up to 200 ms":         {100, 2000, 20 * ms, 200 * ms, nil, 60, 510, 2, 7},
		"100 of up to 20 s":           {100, 1000, 20 * ms, 20 * sec, nil, 60, 510, 5, 0.7},
		"100 of up to 200 s":          {100, 500, 20 * sec, 200 * sec, nil, 100, 510, 40, 0.3},
		"100 without a feed":          {100, 1000, 20 * ms, 20 * sec, noFeed, 280, 510, 21, 1.05},
		"100, others 20 a second":     {100, 1000, 20 * ms, 20 * sec, others(20), 80, 510, 5, 1.1},
		"100, others 50 a second":     {100, 1000, 20 * ms, 20 * sec, others(50), 200, 510, 6, 1.1},
		"100, others 200 a second":    {100, 1000, 20 * ms, 20 * sec, others(200), 280, 510, 21, 1.1},
		"100, others 1000 a second":   {100, 1000, 20 * ms, 20 * sec, others(1000), 280, 510, 21, 1.1},
		"12, others 5 a second":       {12, 300, 20 * ms, 20 * sec, others(5), 200, 510, 8, 1.1},
		"1000 of up to 20 s":          {1000, 2000, 20 * ms, 20 * sec, nil, 60, 510, 3, 0.5},
		"1000 without a feed":         {1000, 2000, 20 * ms, 20 * sec, noFeed, 2500, 5200, 5, 0.3},
		"100 behind a bunching proxy": {100, 500, 20 * ms, 20 * sec, bunches(8 * sec), 60, 510, 5, 0.8},
		"5 behind a bunching proxy":   {5, 100, 20 * ms, 20 * sec, bunches(8 * sec), 280, 510, 26, 1.3},
	} {
		t.Run(name, func(t *testing.T) {
			r := measure(t, test.n, test.jobs, test.least, test.most, test.set)
			t.Log(r)
			p50, p99 := time.Duration(test.p50)*ms, time.Duration(test.p99)*ms
			if r.percentile(50) > p50 || r.percentile(99) > p99 {
				t.Errorf("%v late at the median and %v at p99, want at most %v and %v",
					r.percentile(50), r.percentile(99), p50, p99)
			}
			if n := float64(r.requests) / float64(len(r.late)); n > test.requests {
				t.Errorf("%.1f requests a job, want at most %.1f", n, test.requests)
			}
			if b := r.bytes(); b > test.bytes {
				t.Errorf("%.2f of the bytes of polling, want at most %.2f", b, test.bytes)
			}
		})
	}
}
