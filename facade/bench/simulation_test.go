//go:build go1.25

package bench_test

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

// halfTrip is how long a request and its answer are on the way, each, or a little longer.
const halfTrip = time.Millisecond

// runner runs a script and waits for its result.
type runner func(ctx context.Context, script string, args any) (json.RawMessage, error)

// clients are the ways to wait that are compared.
func clients() []string { return []string{"facade", "poller"} }

// world is a server in simulated time, and a client of it.
type world struct {
	run      runner
	start    time.Time
	requests atomic.Int64 // all that have arrived

	mu     sync.Mutex
	delays []time.Duration // from a job's end to its result in the caller's hands
	shares []float64       // the same, as a share of how long the job took
}

// simulate runs f in a world in which nothing takes time but jobs, waiting, and the way to the server and back.
func simulate(t *testing.T, client string, f func(t *testing.T, w *world)) *world {
	w := &world{}
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer(facadetest.KeepRequests(0), facadetest.Workers(20_000))
		defer srv.Close()
		srv.Script(script, sleeps)
		srv.InjectFunc("", func(*http.Request) facadetest.Fault { return facadetest.DelayBefore(w.trip()) })
		srv.InjectFunc("", func(*http.Request) facadetest.Fault { return facadetest.DelayAfter(w.trip()) })
		srv.InjectFunc("", func(*http.Request) facadetest.Fault { w.requests.Add(1); return facadetest.Fault{} })
		c, poller := srv.Client(), bareClient(srv)
		w.run = poller.poll
		if client == "facade" {
			w.run = func(ctx context.Context, script string, args any) (json.RawMessage, error) {
				return c.RunScriptSync(ctx, script, args)
			}
		}
		w.start = time.Now()
		f(t, w)
	})
	slices.Sort(w.delays)
	slices.Sort(w.shares)
	return w
}

// trip differs a little from one moment to the next, though not from run to run: if much happened at the same instant, chance
// would decide what comes first.
func (w *world) trip() time.Duration {
	return halfTrip + time.Since(w.start)*7919%(halfTrip/4)
}

// sleeps is a script that takes as long as it is told to. Its result is the time at which it ended.
func sleeps(ctx context.Context, job *facadetest.Job) (any, error) {
	var args struct{ Duration time.Duration }
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	timer := time.NewTimer(args.Duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return time.Now().UnixNano(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wait runs a script that takes so long, and notes how late its result is.
func (w *world) wait(t *testing.T, job time.Duration) {
	result, err := w.run(t.Context(), script, map[string]any{"Duration": job})
	now := time.Now()
	if err != nil {
		t.Errorf("a job of %v: %v", job, err)
		return
	}
	ended, err := strconv.ParseInt(string(result), 10, 64)
	if err != nil {
		t.Errorf("a job of %v: the result is %s, want a time", job, result)
		return
	}
	delay := now.Sub(time.Unix(0, ended))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.delays = append(w.delays, delay)
	w.shares = append(w.shares, float64(delay)/float64(job))
}

// delay is how late the results were, for a quantile such as 0.5.
func (w *world) delay(quantile float64) time.Duration {
	return w.delays[int(math.Ceil(quantile*float64(len(w.delays))))-1]
}

// status is how many requests there were besides those that one cannot do without: one that starts each job, and one that
// fetches each result.
func (w *world) status() int64 { return w.requests.Load() - 2*int64(len(w.delays)) }

// spread is n durations around d, evenly from 0.8 to 1.2 of it: a single one would only show in which phase of the waiting it ends.
func spread(d time.Duration, n int) []time.Duration {
	jobs := make([]time.Duration, n)
	for i := range jobs {
		jobs[i] = d*8/10 + d*4/10*time.Duration(2*i+1)/time.Duration(2*n)
	}
	return jobs
}

// crowd lets n callers run one script after another for ten seconds; a few callers for longer, so that there is something to count. The
// scripts take from a tenth of a second to ten, half of them less than one.
func (w *world) crowd(t *testing.T, n int) (lasted time.Duration) {
	long := 300 * time.Second
	if printing() {
		long *= 10
	}
	long = max(long/time.Duration(n), 10*time.Second)
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(n), uint64(i)))
			time.Sleep(time.Duration(chance.Int64N(int64(time.Second))))
			for time.Since(w.start) < long {
				job := time.Duration(float64(100*time.Millisecond) * math.Pow(100, chance.Float64()))
				w.wait(t, job)
			}
		})
	}
	callers.Wait()
	return time.Since(w.start)
}

// siege lets n callers wait for jobs that do not end, and counts the requests of ten seconds after a while.
func (w *world) siege(t *testing.T, n int, while time.Duration) (perSecond float64) {
	const seconds = 10
	ctx, cancel := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() {
			time.Sleep(time.Second * time.Duration(i) / time.Duration(n))
			if _, err := w.run(ctx, script, map[string]any{"Duration": 24 * time.Hour}); err == nil {
				t.Error("a job of a day ended within minutes")
			}
		})
	}
	time.Sleep(while)
	before := w.requests.Load()
	time.Sleep(seconds * time.Second)
	perSecond = float64(w.requests.Load()-before) / seconds
	cancel()
	callers.Wait()
	return perSecond
}
