package wait

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// finalApart is the least time between two looks that say the same final thing.
	finalApart = time.Second
	// minFailures is how many failures in a row a wait tolerates at least.
	minFailures = 3
)

// failed records a look that has failed, and plans the next. If it returns an error, the wait ends
// with it.
func (s *Scheduler) failed(ctx context.Context, w *wait, err error) error {
	f := s.cfg.Classify(err)
	if f.Final != nil && errors.Is(f.Final, w.final) {
		return err
	}
	s.mu.Lock()
	now, pause := time.Now(), s.interval(w)
	if w.failures++; w.failures == 1 {
		pause = rand.N(interval) // so that clients do not look together
	} else {
		tolerance := max(f.Tolerance, interval)
		// In a longer gap than this, the process may have been stopped.
		gap := min(now.Sub(w.failed), tolerance/2)
		w.outage += gap
		// If this failure is tolerated for longer than those before, that holds for all of them.
		w.spent = min(w.spent+float64(gap)/float64(tolerance), float64(w.outage)/float64(tolerance))
	}
	w.err, w.final, w.failed, w.retry = err, f.Final, now, now.Add(pause)
	if w.hold = later(w.hold, now.Add(f.RetryAfter)); f.Final != nil {
		w.hold = later(w.hold, now.Add(finalApart))
	}
	s.mu.Unlock()
	switch {
	case w.failures >= minFailures && w.spent >= 1:
		return fmt.Errorf("no good response for %v: %w", w.outage.Round(100*time.Millisecond), err)
	case w.failures == 1:
		s.cfg.Log.WarnContext(ctx, "windmill: a look at a job has failed", "job", w.job.ID,
			"error", f.Reason)
	}
	return nil
}
