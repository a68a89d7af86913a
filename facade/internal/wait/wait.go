// Package wait says when to look at a job that is waited for, so that its end is noticed soon and at little cost.
//
// Every wait runs in its caller's goroutine: it sleeps until its next look, looks, and begins again, until the job has completed, its context
// is over, or the server has given no good answer for too long. All that is known of failures belongs to one wait. The waits of a
// [Scheduler] share no more than hints, which bring looks forward, and limits, which keep the server's load low:
//
//   - A few waits look at their jobs once, and then follow the jobs' event streams, which are opened a tenth of a second after the jobs have begun.
//   - Many are answered by the listing of completed jobs, while that is cheaper than to look at each.
//   - In both cases a wait still looks by itself, ever less often, in case the hint does not come. Where there is neither stream nor
//     listing, it looks about twice a second, or less where many waits share twenty looks a second.
//   - A job that is not due yet is looked at once a minute, or less where hundreds share five looks a second.
//
// The package knows nothing of HTTP: it is given functions.
package wait

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Config is what a [Scheduler] has to know of the server. All of it is needed.
type Config struct {
	// List lists completed jobs, the newest first.
	List func(ctx context.Context, q Query) ([]Completion, error)
	// Verdict returns what err says for good, as the API's own word (a comparable sentinel), or nil.
	Verdict func(err error) error
	// Tolerance returns how long a wait goes on while looks fail like this, one after the other, and three at least.
	Tolerance func(err error) time.Duration
	// Hold returns until when the server asked to be left alone. A time that has passed means no hold.
	Hold func() time.Time
	// Log is told of failed looks.
	Log *slog.Logger
	// Reason returns what went wrong with a look, without the request, for the log.
	Reason func(err error) string
}

// Query says which completed jobs to list.
type Query struct {
	After         time.Time // only those that completed later; zero means no bound
	Scripts       []string  // only those of these scripts; empty means all
	Page, PerPage int       // from 1
}

// Completion is a completed job in the listing.
type Completion struct {
	ID string
	At time.Time // by the server's clock, zero if it did not say
}

// Job is what to wait for.
type Job struct {
	ID     string
	Script string    // what the listing can be narrowed to, empty if unknown
	Fresh  bool      // the job was submitted this instant
	Due    time.Time // when a fresh one may run at the earliest; zero means now

	// Look asks for the job once. With expect set, it is believed to have completed.
	Look func(ctx context.Context, expect bool) (Report, error)
	// Stream follows the job's event stream until that or ctx ends, and calls tell for each sign of life. Nil means that there is none.
	Stream func(ctx context.Context, tell func(completed bool)) error
	// Followed says that somebody reads the stream, so that it is opened however many waits there are.
	Followed bool
}

// Report is what a look has found.
type Report struct {
	Done    bool
	Started bool      // the job runs, so that it is due, whatever was said before
	Due     time.Time // when the job may run at the earliest, if known
	Value   any       // for the caller, untouched
}

// wait is one call of [Scheduler.Wait]. The scheduler's lock guards what others change.
type wait struct {
	job    *Job
	wake   chan struct{} // tells the wait to plan its next look anew
	joined time.Time

	begun  time.Time // since when the job can be running
	due    time.Time // when it can begin to run, while that is ahead
	last   time.Time // when the last look ended; zero for a job that nothing is known of
	active bool      // it leads, and the job is due
	trouble
	doubt
	stream

	over   bool // report and err are what the wait came to
	report Report
	err    error
	shared bool // err is true for all that wait for the job
}

// Wait returns the report of the first look that finds the job done. It returns an error when ctx ends, when the server says the same for
// good twice, or when it gives no good answer for longer than is tolerated.
func (s *Scheduler) Wait(ctx context.Context, job *Job) (Report, error) {
	w := s.join(job)
	w.ctx, w.cancel = context.WithCancel(ctx)
	defer w.endStream()
	defer s.leave(w)
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		at, turns, over := s.plan(ctx, w)
		switch delay := time.Until(at); {
		case over:
			return w.report, w.err
		case delay <= 0:
			// A call of its own, so that a wait that sleeps has little on its stack.
			s.look(ctx, w)
			continue
		default:
			timer.Reset(delay)
		}
		select {
		case <-turns:
			if s.take(turns) {
				s.look(ctx, w)
			}
		case <-timer.C:
		case <-w.wake:
		case <-ctx.Done():
			return Report{}, contextError(ctx, w.trouble.last)
		}
	}
}

// look looks at the job once, and takes in what comes of it.
func (s *Scheduler) look(ctx context.Context, w *wait) {
	s.mu.Lock()
	expect, hinted := w.hinted, s.hinted
	w.hinted = false
	s.mu.Unlock()
	if expect {
		select {
		case hinted <- struct{}{}:
			defer func() { <-hinted }()
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
	start := time.Now()
	report, err := w.job.Look(ctx, expect)
	switch {
	case err == nil:
		s.answered(w, report, expect, time.Since(start))
	case ctx.Err() != nil:
		s.finish(w, Report{}, contextError(ctx, w.trouble.last), false)
	default:
		s.failed(ctx, w, err, expect)
	}
}

// answered takes in a good answer.
func (s *Scheduler) answered(w *wait, report Report, expect bool, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	w.trouble = trouble{}
	if report.Done {
		w.over, w.report = true, report
		s.latency = min(s.latency, took) // that of a result may be long only because it is large
		if !expect && !w.last.IsZero() {
			s.listing.miss()
		}
		return
	}
	s.latency = took
	w.last = now
	if report.Started {
		w.due = time.Time{}
	} else if !report.Due.IsZero() && (!w.job.Fresh || w.job.Due.IsZero()) { // else the clock that it was scheduled by is ours
		w.due = report.Due
	}
	if expect {
		w.disappointed(now)
	}
}

// finish ends the wait. shared says that others who wait for the job would come to the same.
func (s *Scheduler) finish(w *wait, report Report, err error, shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.over, w.report, w.err, w.shared = true, report, err, shared
}

// contextError returns the error of a wait whose context is over. last is what went wrong before, if anything did.
func contextError(ctx context.Context, last error) error {
	err := ctx.Err()
	if cause := context.Cause(ctx); !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	if last != nil {
		err = fmt.Errorf("%w (the last look failed: %s)", err, last.Error())
	}
	return err
}

// doubt is what a wait knows of the hints that it was given.
type doubt struct {
	hinted bool      // the job is said to have completed
	vain   int       // how many looks found that it had not
	until  time.Time // before then hints are not followed
}

// disappointed takes in a look that was made for a hint in vain. Another follows soon, as the server's halves may differ for a moment; then
// hints are followed ever later.
func (d *doubt) disappointed(now time.Time) {
	pause := min(hintRecheck<<min(d.vain, 10), longestPause)
	d.vain++
	d.until = now.Add(pause)
	d.hinted = d.hinted || d.vain == 1
}
