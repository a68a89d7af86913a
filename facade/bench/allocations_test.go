//go:build go1.26

// Older compilers leave a few more on the heap.

package bench_test

import (
	"context"
	"math"
	"testing"
)

func TestAMethodAllocatesLittleMoreThanBareRequests(t *testing.T) {
	// The goal is 60 for a method. RunScriptSync misses it: it sends two requests, and the generated client, which makes requests and reads answers
	// in general ways, takes about 30 for each.
	const bound = 60
	srv := newServer()
	defer srv.Close()
	c := srv.Client()
	for _, m := range methods(c, bareClient(srv), completedJob(t, c)) {
		t.Run(m.name, func(t *testing.T) {
			bare, before := allocations(t, m.bare), srv.CountRequests("")
			ours := allocations(t, m.facade)
			requests := (srv.CountRequests("") - before) / allocationRuns
			if most := slack() * bound * requests; ours-bare > float64(most) {
				t.Errorf("%.0f allocations and %d requests, want at most %d allocations more than the %.0f of bare requests", ours, requests, most, bare)
			}
		})
	}
}

// allocationRuns is how often allocations calls: AllocsPerRun does once more than it is told to.
const allocationRuns = 5 * (20 + 1)

// allocations returns the lowest of several averages: what else goes on in the process, such as new connections, allocates too.
func allocations(t *testing.T, call func(context.Context) error) float64 {
	least := math.Inf(1)
	for range 5 {
		least = min(least, testing.AllocsPerRun(20, func() {
			if err := call(context.Background()); err != nil {
				t.Fatal(err)
			}
		}))
	}
	return least
}
