package wait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// longestGap is the longest time between two failures that counts. In a longer one the process may have been stopped.
const longestGap = 2 * time.Minute

// leastFailures is how many failures are an outage, however long they take.
const leastFailures = 3

// trouble is what has gone wrong with a wait's looks since the last good answer.
type trouble struct {
	failures  int
	began     time.Time     // when the first failure was known
	failed    time.Time     // when the last was
	outage    time.Duration // how long it has lasted, as far as that is sure
	tolerance time.Duration // of the last failure
	longest   time.Duration // tolerance of any
	alike     int           // how many failures in a row had the tolerance of the last one
	before    time.Duration // how long the outage had lasted before these
	retry     time.Time     // when to look again
	last      error
	verdict   error // what the last look said for good
}

// failed takes in a look that got no good answer.
func (s *Scheduler) failed(ctx context.Context, w *wait, err error, expect bool) {
	verdict, tolerance := s.cfg.Verdict(err), s.cfg.Tolerance(err)
	if verdict != nil && errors.Is(verdict, w.verdict) {
		s.finish(w, Report{}, err, true)
		return
	}
	now := time.Now()
	t := &w.trouble
	t.longest = max(t.longest, tolerance)
	if t.failures++; t.failures == 1 {
		t.began = now
	} else {
		t.outage += min(now.Sub(t.failed), t.longest/2, longestGap)
	}
	if tolerance != t.tolerance {
		t.alike, t.before = 0, t.outage
	}
	t.alike++
	t.tolerance, t.failed, t.last, t.verdict = tolerance, now, err, verdict
	if t.failures >= leastFailures && t.outage >= t.longest || t.alike >= leastFailures && t.outage-t.before >= tolerance {
		s.finish(w, Report{}, t.noAnswer(now), true)
		return
	}
	pause := backoff(t.failures)
	if verdict != nil {
		pause = max(pause, verdictApart)
	}
	t.retry = now.Add(pause)
	s.mu.Lock()
	w.hinted = w.hinted || expect // the hint still stands
	s.mu.Unlock()
	s.cfg.Log.WarnContext(ctx, "windmill: looking at a job again", "job", w.job.ID, "error", s.cfg.Reason(err))
}

// held returns when a wait ends its sleep, where the server asks to be left alone until then. It returns an error if the wait need not wait
// for that. shared says that others who wait for the job would come to the same.
func (t *trouble) held(ctx context.Context, now, until time.Time) (at time.Time, shared bool, err error) {
	at = until
	if t.failures >= leastFailures {
		at = earlier(until, t.failed.Add(t.longest-t.outage))
	}
	if !at.After(now) {
		return now, true, t.noAnswer(now)
	}
	if deadline, ok := ctx.Deadline(); ok && until.After(deadline) {
		err = fmt.Errorf("the server asks to wait for %v (Retry-After), which is past the deadline", until.Sub(now).Round(time.Second))
		if t.last != nil {
			err = fmt.Errorf("%w: %w", err, t.last)
		}
		return now, false, err
	}
	return at, false, nil
}

func (t *trouble) noAnswer(now time.Time) error {
	return fmt.Errorf("no good answer for %v: %w", now.Sub(t.began).Round(100*time.Millisecond), t.last)
}
