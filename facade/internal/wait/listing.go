package wait

import (
	"context"
	"time"
)

const (
	// minListing and maxListing bound the pause between two listings.
	minListing, maxListing = 80 * time.Millisecond, 250 * time.Millisecond
	// longestCycle is the longest time from one listing to the next that is quicker than looking.
	longestCycle = 450 * time.Millisecond
	listTimeout  = 2 * time.Second
	// A job may be listed overlap after the time of its completion. One that a look has found done,
	// and that is not listed within unlisted, is missing.
	overlap, unlisted = 200 * time.Millisecond, time.Second
	maxRows           = 10_000 // the server lists no more
	// Each missing job counts for missed, each row of a wait's job for one less. At tooMany the
	// listing is left alone.
	missed, tooMany = 50, 100
	// minAlone and maxAlone bound how long the listing is left alone. After a failure that may
	// pass that is failedPause, where jobs are missing missingPause.
	minAlone, maxAlone        = 10 * time.Second, time.Minute
	failedPause, missingPause = time.Second, 5 * time.Minute
)

// listing is what the waits know together of the jobs that have completed.
type listing struct {
	stop     context.CancelFunc // ends list; nil if that does not run
	youngest time.Time          // when the youngest of the jobs could begin to run
	start    time.Time          // when the last good listing began
	since    time.Time          // since when it has shown all completions, without a gap
	after    time.Time          // the newest completion seen, by the server's clock
	// ours are the jobs of waits in the last listing, and when those were found done that have not
	// been listed yet.
	ours   map[string]time.Time
	misses int
	pause  time.Duration // of the last time that it was left alone
}

// listed returns until when w relies on the listing. It does not if its last look is older than
// what the listing has shown without a gap. Of more than a hundred waits, some rely on it for
// longer than others, so that they do not look together when it fails.
func (s *Scheduler) listed(w *wait) time.Time {
	l := &s.listing
	if l.since.IsZero() || w.last.Before(l.since) {
		return time.Time{}
	}
	return l.start.Add(longestCycle + w.part(s.interval(w)-interval))
}

// list lists completed jobs until ctx ends.
func (s *Scheduler) list(ctx context.Context) {
	var pause time.Duration
	for sleep(ctx, pause) {
		q, needed := s.query()
		if !needed {
			pause = longestCycle
			continue
		}
		start := time.Now()
		limited, cancel := context.WithTimeout(ctx, listTimeout)
		rows, err := s.cfg.List(limited, q)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			pause = s.listingFailed(ctx, err)
		default:
			pause = s.record(rows, len(rows) < q.PerPage, start)
		}
	}
}

// query returns what to list, and whether that is needed. The first listing has no bound: it shows
// the latest completions, and the server's clock.
func (s *Scheduler) query() (q Query, needed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q = Query{Page: 1, PerPage: min(2*s.running, maxRows)}
	if !s.listing.after.IsZero() {
		q.After = s.listing.after.Add(-overlap)
	}
	return q, s.running > maxStreams
}

// listingFailed returns how long to leave a listing alone that has failed.
func (s *Scheduler) listingFailed(ctx context.Context, err error) time.Duration {
	f, pause := s.cfg.Classify(err), failedPause
	s.mu.Lock()
	first := s.listing.pause == 0
	if s.listing.pause = max(s.listing.pause, pause); f.Final != nil {
		pause = s.listing.leaveAlone(minAlone)
	}
	s.mu.Unlock()
	pause = max(pause, f.RetryAfter)
	if first {
		s.cfg.Log.WarnContext(ctx, "windmill: listing completed jobs again later", "pause", pause,
			"error", f.Reason)
	}
	return pause
}

// record records a listing, and returns the pause before the next.
func (s *Scheduler) record(rows []Completion, whole bool, start time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.listing
	others := s.hintAll(rows, start)
	if start.Sub(l.start) > longestCycle {
		others = 0 // those of a longer time say little of the next
	}
	// One that has never shown a job may be one that shows nothing.
	if l.start = start; !l.after.IsZero() && (!whole || l.since.IsZero()) {
		l.since = start
	}
	if start.Sub(l.since) > minAlone {
		l.pause = 0
	}
	// A row is about as large as a response about one job, and in an interval each wait would get
	// one of these. Half as much again leaves room for looks.
	cost := interval * time.Duration(1+others*3/2) / time.Duration(max(s.running, 1))
	took := time.Since(start)
	pause := max(clamp(time.Since(l.youngest)*3/100, minListing, maxListing), took, cost)
	switch {
	case l.misses >= tooMany:
		return l.leaveAlone(missingPause)
	case took+pause > longestCycle, l.after.IsZero() && len(rows) > 0:
		return l.leaveAlone(max(minAlone, 40*cost)) // so that trying again costs little
	}
	return pause
}

// hintAll hints the waits whose jobs are listed. It returns how many rows are for others' jobs.
func (s *Scheduler) hintAll(rows []Completion, start time.Time) (others int) {
	l := &s.listing
	ours := map[string]time.Time{}
	for _, row := range rows {
		l.after = later(l.after, row.At)
		_, known := l.ours[row.ID]
		for _, w := range s.waits[row.ID] {
			hint(w)
			known = true
		}
		if !known {
			others++
			continue
		}
		ours[row.ID] = time.Time{}
		l.misses = max(l.misses-1, 0)
	}
	for id, found := range l.ours {
		switch _, listed := ours[id]; {
		case listed, found.IsZero():
		case start.Sub(found) > unlisted:
			l.misses += missed
		default:
			ours[id] = found
		}
	}
	l.ours = ours
	return others
}

// leaveAlone forgets what was listed, and returns how long to leave the listing alone.
func (l *listing) leaveAlone(least time.Duration) time.Duration {
	l.pause = clamp(2*l.pause, least, max(least, maxAlone))
	l.since, l.after, l.ours, l.misses = time.Time{}, time.Time{}, nil, 0
	return l.pause
}
