//go:build go1.25

package wait

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// FuzzEveryWaitEndsRightly lets random waits meet a random server.
func FuzzEveryWaitEndsRightly(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		simulate(t, func(t *testing.T, v *server) {
			r := rand.New(rand.NewPCG(seed, 1))
			bad := randomServer(r, v)
			s := v.scheduler()
			n := []int{1, 3, 12, 60}[r.IntN(4)]
			var group sync.WaitGroup
			waits := make([]randomWait, n)
			for i := range waits {
				waits[i] = newRandomWait(r, v, i)
			}
			for _, w := range waits {
				group.Go(func() { w.check(t, s, bad) })
			}
			group.Wait()
			all := slices.Concat(v.looked, v.lists)
			slices.SortFunc(all, time.Time.Compare)
			// A wait has its early looks, its first, one for its result, and those for hints in vain, beside twenty a second for all.
			if most := mostIn(all, time.Minute); most > 20*60+20*n {
				t.Errorf("%d requests in a minute for %d waits", most, n)
			}
			if s.waits != nil || s.active != 0 || len(s.scripts) != 0 || s.listing.stop != nil {
				t.Errorf("something is left: %d active", s.active)
			}
		})
	})
}

// randomServer sets v, and returns which jobs cannot be looked at.
func randomServer(r *rand.Rand, v *server) (bad func(id string) bool) {
	v.latency = time.Duration(r.ExpFloat64() * float64(20*time.Millisecond))
	v.listLatency = time.Duration(r.ExpFloat64() * float64(100*time.Millisecond))
	v.noStream, v.mute, v.ignoreAfter, v.noTimes = r.IntN(5) == 0, r.IntN(8) == 0, r.IntN(8) == 0, r.IntN(8) == 0
	v.skew = time.Duration(r.NormFloat64() * float64(time.Hour))
	v.others = []int{0, 0, 10, 500}[r.IntN(4)]
	v.script = []string{"", "f/demo/a"}[r.IntN(2)]
	chance, lies, lag := r.Float64(), r.IntN(6) == 0, r.IntN(3)
	v.lag = func(id string) time.Duration {
		return []time.Duration{0, 100 * time.Millisecond, -1}[lag] * time.Duration(len(id)-2)
	}
	v.lies = func(id string) bool { return lies && id[len(id)-1] == '3' }
	flaky := chance < 0.3
	bad = func(id string) bool { return chance > 0.5 && id[len(id)-1] == '7' }
	var mu sync.Mutex
	draw := func(p float64) bool {
		mu.Lock()
		defer mu.Unlock()
		return r.Float64() < p
	}
	down := time.Now().Add(time.Duration(r.IntN(60)) * time.Second)
	up := down.Add(time.Duration(r.IntN(120)) * time.Second)
	broken := func() error {
		if now := time.Now(); flaky && draw(0.2) || now.After(down) && now.Before(up) {
			return errBroken
		}
		return nil
	}
	v.lookFault = func(id string, _ int) error {
		if bad(id) {
			return errBroken
		}
		return broken()
	}
	v.listFault = func(int) error { return broken() }
	v.streamFault = func(int) error { return broken() }
	return bad
}

// randomWait is a wait for a job, and when it ends.
type randomWait struct {
	v        *server
	id       string
	begins   time.Duration
	lasts    time.Duration
	fresh    bool
	due      time.Duration
	deadline time.Duration
}

func newRandomWait(r *rand.Rand, v *server, i int) randomWait {
	w := randomWait{v: v, id: fmt.Sprintf("%03d", i), fresh: r.IntN(4) > 0, begins: time.Duration(r.IntN(30)) * time.Second}
	w.lasts = time.Duration(r.ExpFloat64() * float64(time.Minute) * r.Float64())
	if r.IntN(5) == 0 {
		w.due = time.Duration(r.IntN(300)) * time.Second
	}
	if r.IntN(4) == 0 {
		w.deadline = time.Duration(r.IntN(100_000)) * time.Millisecond
	}
	return w
}

func (w randomWait) check(t *testing.T, s *Scheduler, bad func(id string) bool) {
	time.Sleep(w.begins)
	start := time.Now()
	end := start.Add(w.due + w.lasts)
	job := w.v.submit(w.id, w.due+w.lasts)
	job.Fresh = w.fresh
	if w.due > 0 {
		job.Due = start.Add(w.due)
	}
	ctx := t.Context()
	if w.deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.deadline)
		defer cancel()
	}
	_, err := s.Wait(ctx, job)
	switch took := time.Since(start); {
	case errors.Is(err, context.DeadlineExceeded):
		if took != w.deadline {
			t.Errorf("%s: the deadline was %v, the wait took %v", w.id, w.deadline, took)
		}
	case bad(w.id):
		if !errors.Is(err, errBroken) || took < 5*time.Minute {
			t.Errorf("%s: got %v after %v", w.id, err, took)
		}
	case err != nil:
		t.Errorf("%s: %v", w.id, err)
	case time.Since(end) > 4*time.Minute: // an outage of two minutes, and a safety look after it
		t.Errorf("%s: %v late", w.id, time.Since(end))
	case took < w.due+w.lasts:
		t.Errorf("%s: %v too early", w.id, time.Until(end))
	}
}

// FuzzNoWaitIsDisturbedByOthers lets the same waits meet the same server alone, and among others whose looks fail or hang.
func FuzzNoWaitIsDisturbedByOthers(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		var alone, among []time.Duration
		for _, test := range []struct {
			others int
			late   *[]time.Duration
		}{{0, &alone}, {50, &among}} {
			simulate(t, func(t *testing.T, v *server) {
				r := rand.New(rand.NewPCG(seed, 2))
				v.script = "f/demo/a"
				v.submit("older", -time.Second)
				troubles := []func(){func() {}, func() { time.Sleep(20 * time.Second) }, func() { time.Sleep(time.Duration(seed) * time.Second) }}
				errs := []error{errBroken, errNotFound, errRefused}
				trouble, err := troubles[r.IntN(3)], errs[r.IntN(3)]
				v.lookFault = func(id string, _ int) error {
					if id[0] != 'x' {
						return nil
					}
					trouble()
					return err
				}
				durations := make([]time.Duration, 12)
				for i := range durations {
					durations[i] = time.Duration(r.ExpFloat64() * float64(20*time.Second))
				}
				ctx, cancel := context.WithCancel(t.Context())
				s := v.scheduler()
				var healthy, disturbed sync.WaitGroup
				for i := range test.others {
					disturbed.Go(func() {
						_, _ = s.Wait(ctx, v.submit(fmt.Sprint("x", i), time.Duration(i)*200*time.Millisecond))
					})
				}
				*test.late = make([]time.Duration, len(durations))
				for i, lasts := range durations {
					healthy.Go(func() {
						end := time.Now().Add(lasts)
						if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts)); err != nil {
							t.Errorf("a job of %v: %v", lasts, err)
						}
						(*test.late)[i] = time.Since(end)
					})
				}
				healthy.Wait()
				cancel()
				disturbed.Wait()
			})
		}
		for i := range alone {
			if among[i] > alone[i]+1500*time.Millisecond {
				t.Errorf("job %d is noticed %v late, and %v among others that are in trouble", i, alone[i], among[i])
			}
		}
	})
}
