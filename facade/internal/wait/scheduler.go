package wait

import (
	"context"
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
	turns   chan struct{}      // holds one when a look that is limited may begin; those who wait for it get it in the order in which they came
	early   chan struct{}      // the same for looks at jobs that are not due, which take no more than a quarter of the turns
	hinted  chan struct{}      // one for each look under way that was hinted at
	listing listing
	streams time.Time // until when none is opened
	again   func()    // what ended the listing, if it did not return, until a wait has ended likewise
}

// New returns a Scheduler without waits.
func New(cfg Config) *Scheduler {
	return &Scheduler{cfg: cfg}
}

func (s *Scheduler) join(job *Job) *wait {
	now := time.Now()
	w := &wait{job: job, wake: make(chan struct{}, 1), joined: now, begun: now}
	if job.Fresh {
		w.last, w.due = now, job.Due
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waits) == 0 {
		// Made here and not in New, so that waits in a testing/synctest bubble have all that they wait for in there.
		s.waits, s.scripts = make(map[string][]*wait), make(map[string]int)
		s.hinted, s.turns, s.early = make(chan struct{}, mostHinted), make(chan struct{}, 1), make(chan struct{}, 1)
		s.turns <- struct{}{}
		s.early <- struct{}{}
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
	s.activate(w, false)
	same := slices.DeleteFunc(s.waits[w.job.ID], func(x *wait) bool { return x == w })
	s.waits[w.job.ID] = same
	if len(same) == 0 {
		delete(s.waits, w.job.ID)
	}
	if len(s.waits) == 0 {
		s.waits = nil
	}
	if !led {
		return
	}
	for _, x := range same {
		if !x.job.Followed && !x.over && w.over && (w.report.Done || w.shared && !x.joined.After(w.began)) {
			x.over, x.report, x.err = true, w.report, w.err
		} else if !x.job.Followed {
			x.last, x.next = later(x.last, w.last), time.Now().Add(streamAfter) // it goes on where w was
		}
		wake(x)
	}
}

// plan returns when to look at w's job: if that is not later than now, it is w's turn. Until then w looks if turns, where it is not nil, gives
// it one. over says that there is nothing left to look for.
func (s *Scheduler) plan(ctx context.Context, w *wait) (at time.Time, turns chan struct{}, over bool) {
	hold := s.cfg.Hold()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if again := s.again; again != nil {
		s.again = nil
		again()
	}
	if w.over || w.again != nil {
		return now, nil, true
	}
	leads := s.leads(w)
	if !w.due.IsZero() && !w.due.After(now) {
		w.begun, w.due = later(w.begun, w.due), time.Time{}
	}
	s.activate(w, leads && w.due.IsZero())
	if !leads {
		return now.Add(idle), nil, false
	}
	at, limited := s.nextLook(w, now)
	switch {
	case hold.After(later(at, now)):
		if at, w.shared, w.err = w.held(ctx, now, hold); w.err != nil {
			w.over = true
			return now, nil, true
		}
	case limited && !at.After(now) && !w.due.IsZero():
		at, turns = w.due, s.early
	case limited && !at.After(now):
		at, turns = now.Add(idle), s.turns
	}
	if w.active {
		at = earlier(at, s.openStream(w, now, hold))
	}
	return at, turns, false
}

// nextLook returns when w is to look if nothing forbids it. limited says that all waits share turns for such looks.
func (s *Scheduler) nextLook(w *wait, now time.Time) (at time.Time, limited bool) {
	age := w.last.Sub(w.begun)
	switch {
	case w.failures > 0:
		return w.retry, !w.hinted || w.failures > 1 // a gateway may swallow a result once
	case w.last.IsZero(), w.hinted && !w.until.After(now):
		return now, false
	case !w.active:
		at = earlier(w.last.Add(notDue), w.due)
	case w.job.Fresh && w.last.Equal(w.joined) && s.active <= few:
		return w.begun.Add(firstLook), false
	case w.alive.After(now):
		at = earlier(w.last.Add(streamedInterval(age)), w.alive)
	case s.listing.works:
		at = w.last.Add(listedInterval(age))
	default:
		at = w.last.Add(ownInterval(age))
	}
	if w.hinted {
		at = earlier(at, w.until)
	}
	return at, true
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
		s.newest = w.begun
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

// take takes in that a wait has got its turn: the next comes after a while, since twenty requests a second, listings among them, are enough for
// all waits. It reports whether the wait may look, as the server may ask to be left alone by now.
func (s *Scheduler) take(turns chan struct{}) bool {
	hold := s.cfg.Hold()
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := 1 + s.listing.reads
	s.listing.reads = 0
	if turns == s.early {
		requests, s.listing.reads = 4, requests // to the others it is one more
	}
	spacing := max(time.Duration(requests)*turnSpacing, s.latency)
	time.AfterFunc(min(spacing, slowestTurns), func() { turns <- struct{}{} })
	return !hold.After(time.Now())
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
