//go:build go1.25

package wait

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lateness waits for a fresh job, and returns how much later than it the wait ended.
func lateness(t *testing.T, v *server, lasts time.Duration) time.Duration {
	t.Helper()
	end := time.Now().Add(lasts)
	if _, err := v.scheduler().Wait(t.Context(), v.submit(fmt.Sprint(lasts), lasts)); err != nil {
		t.Errorf("a job of %v: %v", lasts, err)
	}
	return time.Since(end)
}

// waitAll waits for n jobs at a time, and returns how late the results were, the earliest first.
func waitAll(
	t *testing.T, v *server, n int, lasts func(i int) time.Duration,
) (late []time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	s := v.scheduler()
	for i := range n {
		group.Go(func() {
			end := time.Now().Add(lasts(i))
			if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint(i), lasts(i))); err != nil {
				t.Errorf("job %d: %v", i, err)
			}
			mu.Lock()
			defer mu.Unlock()
			late = append(late, time.Since(end))
		})
	}
	group.Wait()
	slices.Sort(late)
	return late
}

// upTo returns durations between a tenth of most and most.
func upTo(most time.Duration) func(int) time.Duration {
	r := rand.New(rand.NewPCG(uint64(most), 0))
	durations := make([]time.Duration, 3000)
	for i := range durations {
		durations[i] = most/10 + time.Duration(r.Int64N(int64(most*9/10)))
	}
	return func(i int) time.Duration { return durations[i] }
}

func always(d time.Duration) func(int) time.Duration {
	return func(int) time.Duration { return d }
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

// away returns a fault from one age to another.
func away(v *server, from, to time.Duration) func() error {
	return func() error {
		if age := time.Since(v.started); age >= from && age < to {
			return errBroken
		}
		return nil
	}
}

// breakAll lets all requests fail from one age to another.
func breakAll(v *server, from, to time.Duration) {
	broken := away(v, from, to)
	v.lookFault = func(string, int) error { return broken() }
	v.listFault = func(int) error { return broken() }
	v.streamFault = func(int) error { return broken() }
}

// logTo returns a logger that writes its warnings to w.
func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
