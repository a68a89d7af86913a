//go:build go1.25

package wait

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// world is a random server, and random waits.
type world struct {
	seed  uint64
	waits []randomWait
	bad   bool // looks at some jobs always fail

	latency  time.Duration
	flaky    bool          // all requests fail for a moment every two seconds
	down, up time.Duration // the server is away from when to when
}

// broken reports whether the server is away at that age.
func (w *world) broken(age time.Duration) bool {
	return w.flaky && age%(2*time.Second) < 150*time.Millisecond || age >= w.down && age < w.up
}

// seen returns when a client that asks every 500 ms has seen what is so from then on: after so
// long without a failure.
func (w *world) seen(age time.Duration) time.Duration {
	const step = 10 * time.Millisecond
	whole := interval + 3*w.latency + 100*time.Millisecond
	for healthy := time.Duration(0); healthy < whole; age += step {
		if healthy += step; w.broken(age) {
			healthy = 0
		}
	}
	return age
}

// randomWait is a wait for a job.
type randomWait struct {
	id       string
	begins   time.Duration
	due      time.Duration
	lasts    time.Duration
	fresh    bool
	deadline time.Duration
	bad      bool
}

// outcome is what a wait has come to.
type outcome struct {
	took, late time.Duration
	err        error
}

func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &world{seed: seed, bad: r.IntN(4) == 0, flaky: r.IntN(3) == 0}
	w.latency = time.Duration(r.ExpFloat64() * float64(20*time.Millisecond))
	w.down = time.Duration(r.IntN(60)) * time.Second
	w.up = w.down + time.Duration(r.IntN(120))*time.Second
	w.waits = make([]randomWait, []int{1, 3, 12, 60}[r.IntN(4)])
	for i := range w.waits {
		x := randomWait{
			id: fmt.Sprintf("%03d", i), begins: time.Duration(r.IntN(30000)) * time.Millisecond,
			lasts: time.Duration(r.ExpFloat64() * r.Float64() * float64(time.Minute)),
			bad:   w.bad && r.IntN(10) == 0,
		}
		if r.IntN(5) == 0 {
			x.due = time.Duration(r.IntN(300)) * time.Second
		}
		if x.fresh = x.due == 0 && r.IntN(4) > 0; r.IntN(6) == 0 {
			x.deadline = time.Duration(r.IntN(100_000)) * time.Millisecond
		}
		w.waits[i] = x
	}
	return w
}

// server returns the same server each time. What fails there depends on the time alone.
func (w *world) server() *server {
	v, r := newServer(), rand.New(rand.NewPCG(w.seed, 2))
	v.latency = w.latency
	v.listLatency = time.Duration(r.ExpFloat64() * float64(50*time.Millisecond))
	v.noStream, v.mute, v.ignoreAfter = r.IntN(5) == 0, r.IntN(8) == 0, r.IntN(8) == 0
	v.noTimes = r.IntN(8) == 0
	v.skew = time.Duration(r.NormFloat64() * float64(time.Hour))
	v.others = []int{0, 0, 10, 300}[r.IntN(4)]
	v.bunch = []time.Duration{0, 0, 0, 4 * time.Second, 8 * time.Second}[r.IntN(5)]
	lag := time.Duration(r.IntN(3)) * 100 * time.Millisecond
	v.lag = func(id string) time.Duration { return lag * time.Duration(id[2]-'0') / 10 }
	lies := r.IntN(6) == 0
	v.lies = func(id string) bool { return lies && id[2] == '3' }
	start := time.Now()
	broken := func() error {
		if w.broken(time.Since(start)) {
			return errBroken
		}
		return nil
	}
	v.lookFault = func(id string, _ int) error {
		for _, x := range w.waits {
			if x.bad && x.id == id {
				return errBroken
			}
		}
		return broken()
	}
	v.listFault = func(int) error { return broken() }
	v.streamFault = func(int) error { return broken() }
	return v
}

// play lets the waits meet the server. It returns what each has come to, and how many requests
// the server got.
func (w *world) play(
	t *testing.T, await func(ctx context.Context, v *server, job *Job) error,
) (outcomes []outcome, requests int) {
	outcomes = make([]outcome, len(w.waits))
	simulate(t, func(t *testing.T, v *server) {
		*v = *w.server()
		var group sync.WaitGroup
		for i, x := range w.waits {
			group.Go(func() {
				time.Sleep(x.begins)
				job := v.schedule(x.id, x.due, x.lasts)
				job.Fresh = x.fresh
				ctx := t.Context()
				if x.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, x.deadline)
					defer cancel()
				}
				start := time.Now()
				err := await(ctx, v, job)
				took := time.Since(start)
				outcomes[i] = outcome{took, took - x.due - x.lasts, err}
			})
		}
		group.Wait()
		requests = v.requests()
	})
	return outcomes, requests
}

// FuzzNoWaitIsLaterThanAskingEvery500ms lets random waits meet a random server, together and each
// with a client of its own. None may be later, and all together may not send more requests, than
// clients that ask every 500 ms; and each must come to the same together and alone.
func FuzzNoWaitIsLaterThanAskingEvery500ms(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		w := newWorld(seed)
		var shared *Scheduler
		together, requests := w.play(t, func(ctx context.Context, v *server, job *Job) error {
			if shared == nil {
				shared = v.scheduler()
			}
			_, err := shared.Wait(ctx, job)
			return err
		})
		alone, _ := w.play(t, func(ctx context.Context, v *server, job *Job) error {
			_, err := v.scheduler().Wait(ctx, job)
			return err
		})
		if len(shared.waits) > 0 || shared.running != 0 || shared.listing.stop != nil {
			t.Errorf("something is left: %d running", shared.running)
		}
		most := 0
		for _, x := range w.waits {
			most += 8 + int((w.seen(x.begins+x.due+x.lasts)-x.begins)/interval)*11/10
		}
		if !w.bad && requests > most {
			t.Errorf("%d requests for %d waits, want at most %d", requests, len(w.waits), most)
		}
		for i, x := range w.waits {
			w.check(t, x, "together", together[i])
			w.check(t, x, "alone", alone[i])
			w.compare(t, x, together[i], alone[i])
		}
	})
}

func (w *world) check(t *testing.T, x randomWait, how string, got outcome) {
	t.Helper()
	end := x.begins + x.due + x.lasts
	most := w.seen(end) - x.begins // is how long the wait may take
	switch {
	case errors.Is(got.err, context.DeadlineExceeded):
		if got.took != x.deadline {
			t.Errorf("%s %s: deadline %v, the wait took %v", x.id, how, x.deadline, got.took)
		}
		if !x.bad && most < x.deadline {
			t.Errorf("%s %s: no result in %v, want one in %v", x.id, how, got.took, most)
		}
	case x.bad:
		if !errors.Is(got.err, errBroken) || got.took < 5*time.Minute || got.took > 7*time.Minute {
			t.Errorf("%s %s: got %v after %v", x.id, how, got.err, got.took)
		}
	case got.err != nil:
		t.Errorf("%s %s: %v", x.id, how, got.err)
	case got.took < x.due+x.lasts:
		t.Errorf("%s %s: %v too early", x.id, how, -got.late)
	case got.took > most:
		t.Errorf("%s %s: %v late, want at most %v", x.id, how, got.late, most-x.due-x.lasts)
	}
}

// compare compares a wait with the same wait alone. It must come to the same, and may be later by
// as much as a client that asks every 500 ms.
func (w *world) compare(t *testing.T, x randomWait, together, alone outcome) {
	t.Helper()
	most := w.seen(x.begins+alone.took) - x.begins
	switch {
	case x.deadline > 0 && x.deadline <= most: // it may come before the result or after it
	case (together.err == nil) != (alone.err == nil):
		t.Errorf("%s: %v together, %v alone", x.id, together.err, alone.err)
	case !x.bad && together.took > most:
		t.Errorf("%s: %v together, %v alone", x.id, together.took, alone.took)
	}
}
