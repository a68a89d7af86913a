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
	pageSize = 200
	maxPages = 5
	// A job can appear in the listing later than the time at which it says that it completed: that is when the server began to write it. So
	// every listing overlaps the one before, and every so often one reaches further back. What comes later still is found by the waits' own looks.
	leastOverlap = 3 * time.Second
	mostOverlap  = 24 * time.Hour
	deepOverlap  = time.Minute
	deepEvery    = 32
	// listingPause is for how long the listing is left alone when the server does not let this token list, or leaves out its jobs.
	listingPause = time.Minute
)

// listing is what the waits know together of jobs/completed/list. The watcher's lock guards it.
type listing struct {
	busy    bool
	due     time.Time
	upTo    time.Time     // when the last one was sent, or zero
	count   int           // since the first of the waits
	overlap time.Duration // grows when a job was not in a listing that should have had it: the clocks of server and database may differ
	pause   time.Time     // until when the listing is not used
	byStart bool          // the server ignores completed_after, as those before 2026 do
	missing map[string]int
}

func (l *listing) restart(now time.Time) {
	*l = listing{due: now.Add(listSpacing), overlap: max(l.overlap, leastOverlap), pause: l.pause, byStart: l.byStart}
}

func (l *listing) usable(now time.Time) bool { return now.After(l.pause) }

// expect says that a job has completed which no listing has shown yet. The next one should.
func (l *listing) expect(id string) {
	if l.missing == nil {
		l.missing = make(map[string]int)
	}
	l.missing[id] = l.count
}

// window is what one listing asks for, in our time.
type window struct {
	sent, from time.Time
	byStart    bool
	count      int
}

func (l *listing) page(now time.Time, oldest func() time.Time) window {
	l.count++
	overlap := l.overlap
	if l.count%deepEvery == 0 {
		overlap = max(overlap, deepOverlap)
	}
	from := l.upTo
	if from.IsZero() || l.byStart {
		from = oldest()
	}
	return window{now, from.Add(-overlap), l.byStart, l.count}
}

// list asks once which jobs have completed, and tells the waits for them.
func (w *watcher) list(ctx context.Context, ask window) {
	jobs, err := w.client.listCompleted(ctx, ask)
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return // the last wait has left, and the listing may be another's by now
	}
	now := time.Now()
	l := &w.listing
	l.busy = false
	defer w.nudge()
	refused := (*APIError)(nil)
	switch {
	case errors.As(err, &refused) && !refused.lost:
		l.pause = now.Add(listingPause)
		w.hurry()
		return
	case err != nil:
		w.outage.strike(ask.sent, now)
		return
	}
	w.latency = now.Sub(ask.sent)
	l.upTo = ask.sent
	l.due = now.Add(max(listInterval(now.Sub(w.newest)), 2*w.latency))
	if ask.byStart {
		l.due = now.Add(4 * listInterval(now.Sub(w.newest)))
	}
	after := w.client.clock.at(ask.from)
	for _, job := range jobs {
		delete(l.missing, job.ID)
		for _, x := range w.waits[job.ID] {
			w.completed(x)
		}
		if !ask.byStart && completedBefore(job, after.Add(-time.Minute)) {
			l.byStart = true
		}
	}
	w.widen(ask, now)
}

// widen lets the next listing reach further back if this one did not show a job that had completed before it was sent.
func (w *watcher) widen(ask window, now time.Time) {
	l := &w.listing
	missed := false
	for id, count := range l.missing {
		if count < ask.count {
			delete(l.missing, id)
			missed = true
		}
	}
	switch {
	case !missed:
	case l.overlap < mostOverlap:
		l.overlap = min(8*l.overlap, mostOverlap)
	default:
		l.overlap, l.pause = leastOverlap, now.Add(listingPause)
		w.hurry()
	}
}

// completedBefore tells whether a listed job had certainly completed by t. Some servers leave out when it did.
func completedBefore(job gen.Job, t time.Time) bool {
	switch {
	case job.CompletedAt != nil:
		return job.CompletedAt.Before(t)
	case job.StartedAt != nil && job.DurationMs != nil:
		return job.StartedAt.Add(time.Duration(*job.DurationMs) * time.Millisecond).Before(t)
	}
	return false
}

// listCompleted reads the listing, newest jobs first, a few pages of it if other jobs fill them.
func (c *Client) listCompleted(ctx context.Context, ask window) ([]gen.Job, error) {
	from, size := c.clock.at(ask.from), pageSize
	var all []gen.Job
	for page := 1; page <= maxPages; page++ {
		params := gen.ListCompletedJobsParams{PerPage: &size, CompletedAfter: &from}
		if ask.byStart {
			params = gen.ListCompletedJobsParams{PerPage: &size, CreatedOrStartedAfter: &from}
		}
		if page > 1 {
			params.Page = &page
		}
		req, err := gen.NewListCompletedJobsRequest(c.endpoint(), c.workspace, &params)
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
		if err != nil {
			return nil, err
		}
		all = append(all, jobs...)
		if len(jobs) < size {
			break
		}
	}
	return all, nil
}
