package wait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// longestLook is longer than a look may hang. A longer time between two failures than that is one in which the process was stopped.
const longestLook = 80 * time.Second

// trouble is what has gone wrong with a wait's looks since the last good answer.
type trouble struct {
	failures int
	began    time.Time     // when the first failure was known
	failed   time.Time     // when the last was
	outage   time.Duration // how long it has lasted
	planned  time.Duration // from the last failure to the next look
	retry    time.Time     // when to look again
	end      time.Time     // when a hold has lasted too long
	last     error
	verdict  error // what the last look said for good
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
	if t.failures++; t.failures == 1 {
		t.began = now
	} else {
		t.outage += min(now.Sub(t.failed), t.planned+longestLook)
	}
	t.failed, t.last, t.verdict = now, err, verdict
	if t.failures >= 3 && t.outage >= tolerance {
		s.finish(w, Report{}, t.noAnswer(now), true)
		return
	}
	t.planned = backoff(t.failures)
	if verdict != nil {
		t.planned = max(t.planned, verdictApart)
	}
	t.retry, t.end = now.Add(t.planned), now.Add(tolerance-t.outage)
	s.mu.Lock()
	w.hinted = w.hinted || expect // the hint still stands
	s.mu.Unlock()
	s.cfg.Log.WarnContext(ctx, "windmill: looking at a job again", "job", w.job.ID, "error", s.cfg.Reason(err))
}

// held returns when a wait ends its sleep, where the server asks to be left alone until then. It returns an error if the wait need not wait
// for that.
func (t *trouble) held(ctx context.Context, now, until time.Time) (time.Time, error) {
	if deadline, ok := ctx.Deadline(); ok && until.After(deadline) {
		err := fmt.Errorf("the server asks to wait for %v (Retry-After), which is past the deadline", until.Sub(now).Round(time.Second))
		if t.last != nil {
			err = fmt.Errorf("%w: %w", err, t.last)
		}
		return now, err
	}
	if t.failures == 0 {
		return until, nil
	}
	if !now.Before(t.end) {
		return now, t.noAnswer(now)
	}
	t.planned = until.Sub(t.failed)
	return earlier(until, t.end), nil
}

func (t *trouble) noAnswer(now time.Time) error {
	lasted := t.outage + min(now.Sub(t.failed), t.planned+longestLook)
	return fmt.Errorf("no good answer for %v: %w", lasted.Round(100*time.Millisecond), t.last)
}
