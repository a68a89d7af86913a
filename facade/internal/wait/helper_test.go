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

// each calls f n times at once, and waits for all.
func each(n int, f func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { f(i) })
	}
	group.Wait()
}

// wait waits for a job that must get its result, and returns how late it came.
func (v *server) wait(t *testing.T, s *Scheduler, job *Job) time.Duration {
	t.Helper()
	begin := time.Now()
	if report, err := s.Wait(t.Context(), job); err != nil || report.Value != job.ID {
		t.Errorf("job %s: got %v, %v", job.ID, report.Value, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return time.Since(later(begin, v.ends[job.ID]))
}

// lateness waits for a fresh job, and returns how much later than it the wait ended.
func lateness(t *testing.T, v *server, lasts time.Duration) time.Duration {
	t.Helper()
	return v.wait(t, v.scheduler(), v.submit(fmt.Sprint(lasts), lasts))
}

// waitAll waits for n jobs at a time, and returns how late the results were, the earliest first.
func waitAll(
	t *testing.T, v *server, n int, lasts func(i int) time.Duration,
) []time.Duration {
	t.Helper()
	s, late := v.scheduler(), make([]time.Duration, n)
	each(n, func(i int) { late[i] = v.wait(t, s, v.submit(fmt.Sprint(i), lasts(i))) })
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
