package bench_test

import (
	"context"
	"testing"
)

// mostAllocations is by how many allocations a method may exceed its bare requests.
const mostAllocations = 15

func TestMethodsAllocateHardlyMoreThanTheirRequests(t *testing.T) {
	srv := newServer()
	defer srv.Close()
	c := srv.Client()
	for _, m := range methods(c, bareClient(srv), completedJob(t, c)) {
		t.Run(m.name, func(t *testing.T) {
			facade := allocations(t, m.facade)
			bare := allocations(t, m.bare)
			t.Logf("%.0f, bare %.0f", facade, bare)
			if more := facade - bare; more > slack*mostAllocations {
				t.Errorf("%.0f allocations, and %.0f in the bare requests: %.0f more, want at most %d", facade, bare, more, slack*mostAllocations)
			}
		})
	}
}

func allocations(t *testing.T, call func(context.Context) error) float64 {
	return testing.AllocsPerRun(200, func() {
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
