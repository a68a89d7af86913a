package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.com/windmill/gen"
)

const (
	minPage, maxPage = 100, 1000
	// maxPages is how far a listing reads on where other jobs fill its pages, maxPagesByStart where they may all have been seen before.
	maxPages, maxPagesByStart = 10, 2
	// A job can appear in the listing later than the time at which it says that it completed: that is when the server began to write it. So
	// every listing overlaps the one before, and every so often one reaches further back. What comes later still is found by the waits' own looks.
	leastOverlap = time.Second
	mostOverlap  = 24 * time.Hour
	deepOverlap  = time.Minute
	deepEvery    = 32
	// listingPause is for how long the listing is left alone when the server does not let this token list, or leaves out its jobs.
	listingPause = time.Minute
	// slowListing is the time after which an answer has taken too long to rely on.
	slowListing = time.Second
)

// listing is what the waits know together of jobs/completed/list. The watcher's lock guards it.
type listing struct {
	busy    bool
	due     time.Time
	upTo    time.Time     // when the last whole one was begun, or zero
	open    window        // the one that is being read, if its last page was full
	count   int           // how many were begun since the first of the waits
	size    int           // of a page: as many as are likely to be there
	overlap time.Duration // grows when a job was not in a listing that should have had it: the clocks of server and database may differ
	pause   time.Time     // until when the listing is not used
	failed  time.Duration // the pause after the last failure
	slow    bool          // the last one took long, or the one under way does
	misses  int           // in a row: how many completed jobs it did not show that it should have
	byStart bool          // the server ignores completed_after, as older ones do
	missing map[string]int
}

func (l *listing) restart(now time.Time) {
	*l = listing{due: now.Add(listSpacing), size: minPage, overlap: max(l.overlap, leastOverlap), pause: l.pause, byStart: l.byStart}
}

// usable tells whether the server is asked for it, good whether it is relied on: otherwise each job is looked at by itself more often.
func (l *listing) usable(now time.Time) bool { return now.After(l.pause) }
func (l *listing) good(now time.Time) bool   { return l.usable(now) && !l.slow && l.misses < 3 }

// expect says that a job has completed which no listing has shown yet. The next one should.
func (l *listing) expect(id string) {
	if l.missing == nil {
		l.missing = make(map[string]int)
	}
	l.missing[id] = l.count
}

// window is what a listing asks for: the jobs that have completed, or were started, since from. It is read a page at a time; the newest jobs
// come first, so that those that complete meanwhile push others to the next page, and none away.
type window struct {
	begun, from time.Time // in our time
	byStart     bool
	page, size  int
	number      int // of the listing
}

// window is the next page to ask for.
func (l *listing) window(now time.Time, waits int, oldest func() time.Time) window {
	if l.open.page > 0 {
		l.open.page++
		return l.open
	}
	l.count++
	overlap, size := max(l.overlap, now.Sub(l.upTo)), max(l.size, min(waits, maxPage)) // overlap: as long as the time between two
	if l.count%deepEvery == 0 {
		// In one page if it can be, since what completes meanwhile is not seen before the last of them.
		overlap, size = max(overlap, deepOverlap), maxPage
	}
	from := l.upTo
	if from.IsZero() || l.byStart {
		from, overlap = oldest(), l.overlap
	}
	return window{now, from.Add(-overlap), l.byStart, 1, size, l.count}
}

// list asks for a page of the listing, and tells the waits whose jobs are on it.
func (w *watcher) list(ctx context.Context, ask window) {
	sent := time.Now()
	alarm := time.AfterFunc(slowListing, func() { w.listingIsSlow(ctx) })
	jobs, err := w.client.listCompleted(ctx, ask)
	alarm.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return // the last wait has left, and the listing may be another's by now
	}
	defer w.nudge()
	now := time.Now()
	l := &w.listing
	l.busy, l.open, l.slow = false, window{}, now.Sub(sent) > slowListing
	if refused := (*APIError)(nil); err != nil {
		l.failed = min(max(2*l.failed, rarestLook), listingPause)
		if errors.As(err, &refused) && !refused.lost {
			l.failed = listingPause
		} else {
			w.outage.strike(sent, now, min(asksToWait(err), maxRetryAfter))
		}
		l.pause = now.Add(l.failed)
		w.hurry()
		return
	}
	l.failed = 0
	for _, job := range jobs {
		delete(l.missing, job.ID)
		for x := w.waits[job.ID]; x != nil; x = x.twin {
			w.completed(x)
			l.misses = 0
		}
		if !ask.byStart && completedBefore(job, w.client.clock.at(ask.from).Add(-time.Minute)) {
			l.byStart = true
		}
	}
	if full := len(jobs) >= ask.size; full && l.byStart == ask.byStart {
		l.size = maxPage
		switch {
		case ask.byStart && ask.page >= maxPagesByStart:
			// More has been started since the oldest wait than it is fair to ask for again and again.
			l.pause = now.Add(listingPause)
			w.hurry()
		case ask.page < maxPages:
			l.open, l.due = ask, now
			return
		}
	}
	l.upTo = ask.begun
	if len(jobs) < l.size/4 && ask.page == 1 {
		l.size = max(l.size/2, minPage)
	}
	l.due = now.Add(max(listInterval(now.Sub(w.newest), l.byStart), 2*now.Sub(sent)))
	w.widen(ask, now)
}

// listingIsSlow lets the waits look by themselves while a listing does not come.
func (w *watcher) listingIsSlow(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() == nil {
		w.listing.slow = true
		w.hurry()
	}
}

// widen lets the next listing reach further back if this one did not show a job that had completed before it was begun.
func (w *watcher) widen(ask window, now time.Time) {
	l := &w.listing
	before := l.misses
	for id, number := range l.missing {
		if number < ask.number {
			delete(l.missing, id)
			l.misses++
		}
	}
	switch {
	case l.misses == before:
	case l.overlap < mostOverlap:
		l.overlap = min(8*l.overlap, mostOverlap)
		if !l.good(now) {
			w.hurry()
		}
	default:
		l.overlap, l.pause = leastOverlap, now.Add(listingPause)
		w.hurry()
	}
}

// completedBefore tells whether a listed job had certainly completed by t. Some servers leave out when it did.
func completedBefore(job gen.Job, t time.Time) bool {
	switch {
	case !job.CompletedAt.IsZero():
		return job.CompletedAt.Before(t)
	case !job.StartedAt.IsZero():
		return job.StartedAt.Add(time.Duration(job.DurationMs) * time.Millisecond).Before(t)
	}
	return false
}

// listCompleted reads a page of the listing.
func (c *Client) listCompleted(ctx context.Context, ask window) ([]gen.Job, error) {
	from := c.clock.at(ask.from)
	params := gen.ListCompletedJobsParams{PerPage: &ask.size, CompletedAfter: &from}
	if ask.byStart {
		params.CompletedAfter, params.CreatedOrStartedAfter = nil, &from
	}
	if ask.page > 1 {
		params.Page = &ask.page
	}
	req, err := gen.NewListCompletedJobsRequest(c.endpoint, c.workspace, &params)
	if err != nil {
		return nil, err
	}
	var jobs []gen.Job
	err = c.call(ctx, req, asking{patience: lookPatience, read: func(body []byte) error {
		if err := json.Unmarshal(body, &jobs); err != nil {
			return fmt.Errorf("it is not a list of jobs: %w", err)
		}
		return nil
	}})
	return jobs, err
}
