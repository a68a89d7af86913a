package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// burst is what is known of many waits at a time.
type burst struct {
	ids      []string
	returned []time.Time     // when the result was there
	waited   []time.Duration // since the run was begun
	requests int
	listings int
}

// missing tells how many of the jobs are not in a listing.
func (b *burst) missing(jobs map[string]listed) int {
	n := 0
	for _, id := range b.ids {
		if _, ok := jobs[id]; !ok {
			n++
		}
	}
	return n
}

func (b *burst) allIn(jobs map[string]listed) bool { return b.missing(jobs) == 0 }

// manyWaits: many waits at a time have their own results soon after the jobs' ends, and share their requests.
func manyWaits(ctx context.Context, s *session) (string, error) {
	b, err := s.runMany(ctx)
	if err != nil {
		return "", err
	}
	s.burst = b
	naive := naiveRequests(b.waited)
	if b.requests > naive {
		return "", fmt.Errorf("%d waits took %d requests; asking for each every 500ms takes %d", len(b.ids), b.requests, naive)
	}
	late, err := s.lateness(ctx, b)
	return fmt.Sprintf("%d waits, %d requests, where asking for each every 500ms takes %d; %s", len(b.ids), b.requests, naive, late), err
}

// lateness tells how long after the jobs' ends their results were there, by the server's clock.
func (s *session) lateness(ctx context.Context, b *burst) (string, error) {
	jobs, err := s.settledOnces(ctx, b.allIn)
	if notAllowed(err) {
		return "lateness not known, as this token may not list jobs", nil
	}
	if err != nil {
		return "", err
	}
	ahead, err := s.serverAhead(ctx)
	if lacksRoute(err) {
		return "lateness not known, as the server does not tell its time", nil
	}
	if err != nil {
		return "", err
	}
	var late []time.Duration
	for n, id := range b.ids {
		if job, ok := jobs[id]; ok {
			ended := job.StartedAt.Add(time.Duration(job.Duration) * time.Millisecond)
			late = append(late, max(0, b.returned[n].Add(ahead).Sub(ended))) // clocks are compared only so well
		}
	}
	if len(late) == 0 {
		return "lateness not known, as the server does not list the jobs", nil
	}
	slices.Sort(late)
	median, worst := late[len(late)/2], late[len(late)-1]
	if worst > lateResult {
		return "", fmt.Errorf("a result came %.1fs after its job's end, want %v at most", worst.Seconds(), lateResult)
	}
	return fmt.Sprintf("late by %.2fs in the median, %.2fs at most", median.Seconds(), worst.Seconds()), nil
}

// naiveRequests is how many requests it takes to start each job and ask for it every 500 milliseconds. The first answers count as one more.
func naiveRequests(waited []time.Duration) int {
	n := 0
	for _, d := range waited {
		n += 3 + int(d/(500*time.Millisecond))
	}
	return n
}

func (s *session) runMany(ctx context.Context) (*burst, error) {
	type end struct {
		n    int
		at   time.Time
		took time.Duration
		err  error
	}
	n := s.cfg.waits
	b := &burst{returned: make([]time.Time, n), waited: make([]time.Duration, n)}
	requests, listings := s.traffic.counts()
	ends := make(chan end, n)
	for i := range n {
		id := uuid.NewString()
		b.ids = append(b.ids, id)
		go func() {
			start := time.Now()
			got, err := facade.As[string](s.client.RunScriptSync(ctx, at("once"), nil, facade.JobID(id)))
			if err == nil && !strings.HasPrefix(got, id+" ") {
				err = fmt.Errorf("job %s has the result %q, which is not its own", id, got)
			}
			ends <- end{i, time.Now(), time.Since(start), err}
		}()
	}
	var errs []error
	for range n {
		e := <-ends
		b.returned[e.n], b.waited[e.n] = e.at, e.took
		if e.err != nil {
			errs = append(errs, e.err)
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("%d of %d waits failed, one with: %w", len(errs), n, errs[0])
	}
	r, l := s.traffic.counts()
	b.requests, b.listings = r-requests, l-listings
	return b, nil
}

// serverAhead tells by how much the server's clock is ahead of ours, as the quickest of a few answers has it.
func (s *session) serverAhead(ctx context.Context) (time.Duration, error) {
	var ahead, quickest time.Duration
	for n := range 5 {
		start := time.Now()
		body, err := s.sendTo(ctx, http.MethodGet, "/jobs/db_clock", nil)
		took := time.Since(start)
		if err != nil {
			return 0, err
		}
		var ms int64
		if err := json.Unmarshal(body, &ms); err != nil {
			return 0, err
		}
		if n == 0 || took < quickest {
			quickest, ahead = took, time.UnixMilli(ms).Sub(start.Add(took/2))
		}
	}
	return ahead, nil
}

// listing: the listing of completed jobs shows every one of the jobs that have, and the waits have used it.
func listing(ctx context.Context, s *session) (string, error) {
	if s.burst == nil {
		b, err := s.runMany(ctx)
		if err != nil {
			return "", err
		}
		s.burst = b
	}
	jobs, err := s.settledOnces(ctx, s.burst.allIn)
	if err != nil {
		return "", err
	}
	if missing := s.burst.missing(jobs); missing > 0 {
		return "", fmt.Errorf("it does not show %d of %d completed jobs", missing, len(s.burst.ids))
	}
	if s.burst.listings == 0 && slices.Max(s.burst.waited) > usedAfter {
		return "", errors.New("the waits have not used it")
	}
	return fmt.Sprintf("it shows all %d jobs, and was read %d times for their waits", len(s.burst.ids), s.burst.listings), nil
}
