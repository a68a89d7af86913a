package wait

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const (
	// maxStreams is how many running jobs are followed by their streams. More are listed.
	maxStreams = 10
	// firstLook is the age of a job at its first look, where few are waited for. By then its stream
	// has proved itself, and makes the look unnecessary.
	firstLook = 200 * time.Millisecond
	// interval is the time between two looks, and spacing the least for each running job.
	interval, spacing = 500 * time.Millisecond, 5 * time.Millisecond
	// minFed and maxFed bound the time between two looks while a feed is relied on.
	minFed, maxFed = 5 * time.Second, 30 * time.Second
	// notDue is the time between two looks at a job that is not due: it can only be canceled.
	notDue = time.Minute
	// ignoreTime is how long a wait ignores feeds after a wrong hint.
	ignoreTime = 10 * time.Second
)

// Scheduler is what the waits of one client share. Its lock is not held during a request.
type Scheduler struct {
	cfg Config

	mu      sync.Mutex
	waits   map[string][]*wait // by job
	running int                // how many waits are for running jobs
	listing listing
}

// New returns a Scheduler without waits.
func New(cfg Config) *Scheduler { return &Scheduler{cfg: cfg, waits: map[string][]*wait{}} }

func (s *Scheduler) join(job *Job) *wait {
	now := time.Now()
	w := &wait{job: job, phase: rand.Float64(), wake: make(chan struct{}, 1), begun: now}
	if job.Fresh {
		w.last = now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits[job.ID] = append(s.waits[job.ID], w)
	return w
}

func (s *Scheduler) leave(w *wait) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setRunning(w, false)
	id := w.job.ID
	s.waits[id] = slices.DeleteFunc(s.waits[id], func(x *wait) bool { return x == w })
	if len(s.waits[id]) == 0 {
		delete(s.waits, id)
	}
}

// setRunning counts w among the waits for running jobs, or no longer. It starts the listing when
// there are many, and stops it after the last.
func (s *Scheduler) setRunning(w *wait, running bool) {
	l := &s.listing
	switch {
	case running == w.running:
		return
	case running:
		s.running++
		l.youngest = w.begun
	default:
		s.running--
	}
	w.running = running
	switch {
	case s.running > maxStreams && l.stop == nil:
		var ctx context.Context
		ctx, l.stop = context.WithCancel(context.Background())
		go s.list(ctx)
	case s.running == 0 && l.stop != nil:
		l.stop()
		*l = listing{}
	}
}

// plan returns when w is to look at its job, and whether the job is believed to have completed. It
// begins to follow the job's stream if it is time for that.
func (s *Scheduler) plan(ctx context.Context, w *wait) (at time.Time, expect bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if !w.due.IsZero() && !w.due.After(now) {
		w.begun, w.due = w.due, time.Time{}
	}
	s.setRunning(w, w.due.IsZero())
	if !w.following && s.follows(w, now) {
		w.following = true
		w.streams.Add(1)
		go s.follow(ctx, w)
	}
	return later(s.nextLook(w, now), w.hold), w.hinted
}

// nextLook returns when w looks at its job if no Retry-After forbids it.
func (s *Scheduler) nextLook(w *wait, now time.Time) time.Time {
	switch {
	case w.failures > 0:
		return w.retry
	case w.hinted, w.last.IsZero():
		return now
	case !w.running:
		gone := (w.last.Sub(w.begun) + w.part(notDue)) % notDue
		return earlier(w.last.Add(notDue-gone), w.due)
	}
	base := later(w.last, w.begun)
	age := base.Sub(w.begun)
	own := s.interval(w)
	safety := clamp(age, minFed, maxFed) + w.part(own)
	switch {
	case age > 0:
	case s.running <= maxStreams:
		own = firstLook
	default: // the first look of many is at a moment of its own
		own = interval + w.part(own-interval)
	}
	if w.ignore.After(now) {
		return base.Add(own)
	}
	fed := later(w.streamed, s.listed(w)) // until when w relies on a feed
	return later(base.Add(own), earlier(fed, base.Add(safety)))
}

// interval returns the time between two looks of w, which is one of many.
func (s *Scheduler) interval(w *wait) time.Duration {
	many := s.running
	if !w.running {
		many = len(s.waits)
	}
	return max(interval, spacing*time.Duration(many))
}

// succeeded records a look that has succeeded.
func (s *Scheduler) succeeded(w *wait, report Report, expect bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch ignored := w.ignore.After(now); {
	case report.Done && !expect && !ignored && s.listing.ours != nil:
		s.listing.ours[w.job.ID] = now
	case expect:
		w.ignore = now.Add(ignoreTime)
	}
	w.last, w.hinted = now, w.hinted && !expect
	w.failures, w.outage, w.spent, w.err, w.final = 0, 0, 0, nil, nil
	// A time that is nearly now may be said again and again, by a clock that counts in seconds.
	if w.due = report.Due; report.Started || !w.due.After(now.Add(interval)) {
		w.due = time.Time{}
	}
}

// hint records that a feed has said that w's job has completed. It brings the next look forward.
func hint(w *wait) {
	if w.hinted || w.ignore.After(time.Now()) {
		return
	}
	w.hinted, w.retry = true, time.Time{}
	wake(w)
}

func wake(w *wait) {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// part returns the part of d that is w's own.
func (w *wait) part(d time.Duration) time.Duration { return time.Duration(w.phase * float64(d)) }

func clamp[T cmp.Ordered](x, least, most T) T { return min(max(x, least), most) }

func earlier(times ...time.Time) time.Time { return slices.MinFunc(times, time.Time.Compare) }

func later(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
