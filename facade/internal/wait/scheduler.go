package wait

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Scheduler is what the waits of one client share. Its lock is never held during a request.
type Scheduler struct {
	cfg Config

	mu      sync.Mutex
	waits   map[string][]*wait // by job: the first that is not [Job.Followed] looks for the others
	active  int                // how many look at jobs that are due
	scripts map[string]int     // of those, how many there are by script
	newest  time.Time          // when the youngest of their jobs could begin to run
	latency time.Duration      // of the last look
	queue   []*wait            // for turns; those that are no longer queued are passed over
	turn    time.Time          // when the next is
	hinted  chan struct{}      // one for each look under way that was hinted at
	listing listing
}

// New returns a Scheduler without waits.
func New(cfg Config) *Scheduler {
	cfg.fill()
	return &Scheduler{cfg: cfg}
}

func (s *Scheduler) join(job Job) *wait {
	now := time.Now()
	w := &wait{job: job, wake: make(chan struct{}, 1), joined: now, begun: now, due: job.Due, fresh: job.Fresh}
	w.jitter = rand.N(100 * time.Millisecond)
	if job.Fresh {
		w.last = now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waits) == 0 {
		// Made here and not in New, so that waits in a testing/synctest bubble have all that they wait for in there.
		s.waits, s.scripts, s.hinted = make(map[string][]*wait), make(map[string]int), make(chan struct{}, mostHinted)
	}
	s.waits[job.ID] = append(s.waits[job.ID], w)
	return w
}

// leads reports whether w looks itself, and does not wait for what another comes to.
func (s *Scheduler) leads(w *wait) bool {
	if w.job.Followed {
		return true
	}
	same := s.waits[w.job.ID]
	return same[slices.IndexFunc(same, func(x *wait) bool { return !x.job.Followed })] == w
}

// leave removes a wait. Those that left the looks to it take what it came to, or go on by themselves.
func (s *Scheduler) leave(w *wait) {
	s.mu.Lock()
	defer s.mu.Unlock()
	led := s.leads(w) && !w.job.Followed
	s.unqueue(w)
	s.activate(w, false)
	same := slices.DeleteFunc(s.waits[w.job.ID], func(x *wait) bool { return x == w })
	s.waits[w.job.ID] = same
	if len(same) == 0 {
		delete(s.waits, w.job.ID)
	}
	if len(s.waits) == 0 {
		s.waits, s.queue = nil, nil
	}
	if !led {
		return
	}
	for _, x := range same {
		if !x.job.Followed && !x.over && w.over && (w.report.Done || w.shared && !x.joined.After(w.began)) {
			x.over, x.report, x.err = true, w.report, w.err
		}
		wake(x)
	}
}

// plan returns when to look at w's job: if that is not later than now, it is w's turn. over says that there is nothing left to look for.
func (s *Scheduler) plan(ctx context.Context, w *wait) (at time.Time, over bool) {
	hold := s.cfg.Hold()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if w.over {
		return now, true
	}
	leads := s.leads(w)
	if !w.due.IsZero() && !w.due.After(now) {
		w.begun, w.due, w.fresh, w.looks = later(w.begun, w.due), time.Time{}, w.fresh || w.due.After(w.joined), 0
	}
	s.activate(w, leads && w.due.IsZero())
	if !leads {
		return now.Add(idle), false
	}
	at, limited := s.nextLook(w, now)
	held := hold.After(later(at, now))
	if held {
		at = hold.Add(w.jitter)
		if w.failures > 0 {
			if at, w.err = w.held(ctx, now, at); w.err != nil {
				w.over, w.shared = true, !now.Before(w.end)
				return now, true
			}
		}
	}
	if limited && !held && !at.After(now) {
		at = s.takeTurn(w, now)
	} else {
		s.unqueue(w)
	}
	if w.active {
		at = earlier(at, s.openStream(ctx, w, now, hold))
	}
	return at, false
}

// nextLook returns when w is to look if nothing forbids it. limited says that all waits share turns for such looks.
func (s *Scheduler) nextLook(w *wait, now time.Time) (at time.Time, limited bool) {
	switch {
	case w.failures > 0:
		return w.retry, true
	case w.last.IsZero():
		return now, false
	case w.hinted && !w.until.After(now):
		return now, false
	case !w.active:
		at, limited = earlier(w.last.Add(notDue), w.due), true
	default:
		at, limited = s.nextActive(w, now)
	}
	if w.hinted {
		at = earlier(at, w.until)
	}
	return at, limited
}

// nextActive is nextLook for a job that is due.
func (s *Scheduler) nextActive(w *wait, now time.Time) (at time.Time, limited bool) {
	if age, ok := early(w.looks); ok && w.fresh && s.active <= few && now.Sub(w.begun) < streamAfter {
		return w.begun.Add(age), false
	}
	from := later(w.last, w.begun)
	switch age := from.Sub(w.begun); {
	case w.live(now):
		return earlier(from.Add(streamedInterval(age)), w.alive), true
	case s.listing.covers(from):
		return from.Add(listedInterval(age)), true
	default:
		return from.Add(ownInterval(age, s.latency)), true
	}
}

// activate counts w among those that look at jobs that are due, or no longer.
func (s *Scheduler) activate(w *wait, active bool) {
	if active == w.active {
		return
	}
	w.active = active
	if active {
		s.active++
		s.scripts[w.job.Script]++
		s.newest = later(s.newest, w.begun)
	} else {
		s.active--
		if s.scripts[w.job.Script]--; s.scripts[w.job.Script] == 0 {
			delete(s.scripts, w.job.Script)
		}
		if s.active == few {
			s.wakeAll() // to open streams
		}
	}
	s.startListing()
}

// takeTurn returns now if w may look now, or else when it may. The first in the queue sleeps until the next turn, the others until they are first.
func (s *Scheduler) takeTurn(w *wait, now time.Time) time.Time {
	if !w.queued {
		w.queued = true
		s.queue = append(s.queue, w)
	}
	if s.first() != w {
		return now.Add(idle)
	}
	if s.turn.After(now) {
		return s.turn
	}
	spacing := turnSpacing
	if s.active > few && s.cfg.List != nil && !s.listing.paused.After(now) {
		spacing = safetySpacing
	}
	s.turn = now.Add(max(spacing, min(s.latency, slowestTurns)))
	s.unqueue(w)
	return now
}

// unqueue gives up w's place in the queue.
func (s *Scheduler) unqueue(w *wait) {
	if !w.queued {
		return
	}
	wasFirst := s.first() == w
	w.queued = false
	if next := s.first(); wasFirst && next != nil {
		wake(next)
	}
}

// first returns the first in the queue, or nil.
func (s *Scheduler) first() *wait {
	for len(s.queue) > 0 && !s.queue[0].queued {
		s.queue[0] = nil
		s.queue = s.queue[1:]
	}
	if len(s.queue) == 0 {
		return nil
	}
	return s.queue[0]
}

func (s *Scheduler) wakeAll() {
	for _, same := range s.waits {
		for _, w := range same {
			wake(w)
		}
	}
}

func wake(w *wait) {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// hint takes in that w's job is said to have completed.
func hint(w *wait) {
	w.hinted = true
	wake(w)
}
