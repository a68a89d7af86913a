package wait

import (
	"context"
	"maps"
	"slices"
	"time"
)

const (
	leastListing, mostListing = 70 * time.Millisecond, 450 * time.Millisecond
	// overlap is how much later than the time that it says a job may appear in the listing. Where its result is large, say, it may be later
	// still: now and then, a listing goes back by longOverlap.
	overlap, longOverlap = 100 * time.Millisecond, 2 * time.Second

	pageSize    = 1000
	mostPages   = 10
	mostScripts = 10
	// mostEarly is how many rows may lie minutes before what was asked for, as an odd one may, where a listing is not one of all jobs there ever were.
	mostEarly = 10
	// ownLook is the time between two looks at a job without the listing.
	ownLook = 500 * time.Millisecond
	// costlyPause, badPause are for how long the listing is left alone when it costs too much, and when it lacks jobs, cannot be bounded or panics.
	costlyPause, badPause = 10 * time.Second, 5 * time.Minute
	// listingPatience is the least time after which the waits do not rely on a listing that does not come.
	listingPatience = 2 * time.Second
)

// listing is what the waits know together of the jobs that have completed.
type listing struct {
	stop   context.CancelFunc // nil while there are few waits
	works  bool               // the waits rely on it
	reads  int                // how many there were since the last turn of a wait
	after  time.Time          // the newest completion seen, by the server's clock
	seen   time.Time          // when it was first seen, by ours
	began  time.Time          // when the last one began
	last   time.Time          // when it ended
	least  time.Duration      // the least time to the next
	wide   time.Time          // when the next may go back by longOverlap
	paused time.Time          // until when it is left alone
	pause  time.Duration      // after the last failure
	misses int                // how many waits that rely on it found their jobs completed by themselves, since it showed one
	missed time.Time          // when the first of them did
}

// startListing begins to list when there are many waits, and stops when there are few.
func (s *Scheduler) startListing() {
	l := &s.listing
	switch many := s.active > few; {
	case many && l.stop == nil:
		var ctx context.Context
		ctx, l.stop = context.WithCancel(context.Background())
		go Guard(func() { s.list(ctx) }, s.listingEnded)
	case !many && l.stop != nil:
		l.stop()
		l.stop, l.works = nil, false
	}
}

// listingEnded takes in that nobody lists any more. If that is so because of a panic or [runtime.Goexit], the next wait to plan ends
// likewise. The others go on by themselves, as each listing could end one more of them.
func (s *Scheduler) listingEnded(again func()) {
	if again == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.again = again
	s.pauseListing(badPause)
	s.wakeAll()
}

// list lists until ctx ends.
func (s *Scheduler) list(ctx context.Context) {
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for ctx.Err() == nil {
		if delay := time.Until(s.nextListing()); delay > 0 {
			timer.Reset(min(delay, leastListing)) // a younger wait brings the next listing forward
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
			continue
		}
		query, patience := s.query()
		start := time.Now()
		rows, err := s.read(ctx, query, patience)
		if pause := s.listed(ctx, query, rows, err, time.Since(start)); pause > 0 {
			s.cfg.Log.WarnContext(ctx, "windmill: listing completed jobs again later", "pause", pause, "error", err)
		}
	}
}

func (s *Scheduler) nextListing() time.Time {
	hold := s.cfg.Hold()
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.listing
	interval := clamp(time.Since(s.newest)*3/100, leastListing, mostListing)
	return later(l.last.Add(max(interval, l.least)), later(l.paused, hold))
}

// query returns what to list: what has completed since the last listing or, in the first, as many as there are waits.
func (s *Scheduler) query() (q Query, patience time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q = Query{Page: 1, PerPage: min(s.affordable()+s.active, pageSize)}
	if s.listing.after.IsZero() {
		q.PerPage = min(s.active, pageSize)
	} else {
		late := overlap
		if time.Now().After(s.listing.wide) {
			late = longOverlap
		}
		q.After = s.listing.bound(late)
	}
	if _, unknown := s.scripts[""]; !unknown && len(s.scripts) <= mostScripts {
		q.Scripts = slices.Sorted(maps.Keys(s.scripts))
	}
	return q, max(listingPatience, 3*s.latency)
}

// bound returns from when on to list: what the last listing could not show yet where rows are so late, and what has completed since.
func (l *listing) bound(late time.Duration) time.Time {
	return l.after.Add(-max(late-l.began.Sub(l.seen), 0))
}

// read reads the pages of a listing.
func (s *Scheduler) read(ctx context.Context, q Query, patience time.Duration) ([]Completion, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var rows []Completion
	for ; q.Page <= mostPages; q.Page++ {
		page, err := s.cfg.List(ctx, q)
		if err != nil {
			return nil, err
		}
		rows = append(rows, page...)
		if len(page) < q.PerPage || q.PerPage < pageSize {
			break
		}
	}
	return rows, nil
}

// affordable returns how many others' jobs a listing may show before it is left alone. A row has 1.2 times the bytes of an answer about one
// job, of which each wait would get two a second.
func (s *Scheduler) affordable() int {
	return int(s.ownRound()/(ownLook/10)) * s.active / 12
}

// cost returns in which time looks at each job would cost as much as a listing of so many rows.
func (s *Scheduler) cost(rows int) time.Duration {
	return ownLook * time.Duration(10+12*rows) / 10 / time.Duration(s.active)
}

// ownRound returns the time in which all waits look by themselves once.
func (s *Scheduler) ownRound() time.Duration {
	return max(ownLook, time.Duration(s.active)*turnSpacing)
}

// listed takes in a listing. It returns for how long one that failed is left alone.
func (s *Scheduler) listed(ctx context.Context, q Query, rows []Completion, err error, took time.Duration) (pause time.Duration) {
	hold := time.Until(s.cfg.Hold())
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.listing
	l.reads += 1 + len(rows)/pageSize
	if ctx.Err() != nil {
		return 0 // there may be another by now
	}
	recent := l.bound(overlap)
	l.last = time.Now()
	l.began = l.last.Add(-took)
	if err != nil {
		l.pause = clamp(2*l.pause, 2*firstPause, longestPause)
		pause = max(l.pause, heldPause*hold)
		s.pauseListing(pause)
		return pause
	}
	l.pause = 0
	foreign, again, early := s.listedRows(q, rows, recent)
	l.least = max(2*took, s.cost(foreign))
	l.wide = later(l.wide, l.last).Add(s.cost(foreign)) // it is no time for that where news of others cost as much as is allowed
	if again > 0 {
		l.wide = l.wide.Add(max(ownLook, s.cost(3*again)))
	}
	switch {
	case early > mostEarly, l.misses >= 3 && time.Since(l.missed) > longOverlap:
		s.pauseListing(badPause)
	case !q.After.IsZero() && len(rows)-again >= q.PerPage && q.PerPage < pageSize:
		s.pauseListing(costlyPause)
	case q.After.IsZero() && !l.after.IsZero():
		l.last, l.least = time.Time{}, 0 // what has completed meanwhile
	default:
		// One that is empty may be one that shows nothing, and by themselves the waits may be quicker.
		s.relyOnListing(!l.after.IsZero() && l.least <= s.ownRound())
	}
	return 0
}

// listedRows takes in the rows of a listing. It returns how many are of no use: news of others' jobs, what is shown again because the listing
// goes back further than recent, and what lies minutes before what was asked for.
func (s *Scheduler) listedRows(q Query, rows []Completion, recent time.Time) (foreign, again, early int) {
	l := &s.listing
	newest := l.after
	for _, row := range rows {
		same := s.waits[row.ID]
		for _, w := range same {
			hint(w)
			l.misses = 0
		}
		switch {
		case len(same) > 0:
		case row.At.After(q.After) && !row.At.After(recent):
			again++
		default:
			foreign++
		}
		if row.At.Add(time.Minute).Before(q.After) {
			early++
		}
		newest = later(newest, row.At)
	}
	if newest.After(l.after) {
		l.after, l.seen = newest, l.last
	}
	return foreign, again, early
}

// miss takes in that a wait found its job completed by itself.
func (l *listing) miss() {
	if !l.works {
		return
	}
	if l.misses++; l.misses == 1 {
		l.missed = time.Now()
	}
}

// pauseListing leaves the listing alone for a while, and lets it begin anew then.
func (s *Scheduler) pauseListing(pause time.Duration) {
	l := &s.listing
	l.paused, l.after, l.misses = time.Now().Add(pause), time.Time{}, 0
	s.relyOnListing(false)
}

// relyOnListing takes in whether the waits rely on the listing. If they no longer do, they look by themselves.
func (s *Scheduler) relyOnListing(works bool) {
	if s.listing.works && !works {
		s.wakeAll()
	}
	s.listing.works = works
}
