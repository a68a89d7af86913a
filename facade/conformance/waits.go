package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"example.com/windmill/facade"
)

const (
	// askInterval is how often a client without this library asks for each job.
	askInterval = 500 * time.Millisecond
	// By how much results may be later than by asking, in the median and at most, since the server
	// may be busy.
	medianTolerance = 500 * time.Millisecond
	worstTolerance  = 5 * time.Second
)

// waits is a promise: results are no later than by asking for each job every 500 ms, and take no
// more requests. Both ways are measured, one after the other.
type waits struct {
	rounds, atOnce int
	byHash         bool
	noListing      bool          // a gateway refuses the listing of completed jobs
	delay          time.Duration // the runs are scheduled
}

// way is a way to run a script and get its result.
type way func(context.Context, *facade.Client, string, ...facade.RunOption) (json.RawMessage, error)

func (w waits) try(ctx context.Context, s *session) (string, error) {
	library, err := w.measure(ctx, s, wait)
	if err != nil {
		return "", err
	}
	asking, err := w.measure(ctx, s, ask)
	if err != nil {
		return "", fmt.Errorf("asking every %v: %w", askInterval, err)
	}
	seen := fmt.Sprintf("%d waits %v; asking every %v: %v",
		w.rounds*w.atOnce, library, askInterval, asking)
	if how := library.worse(asking, w.rounds); how != "" {
		return "", fmt.Errorf("%s than by asking: %s", how, seen)
	}
	return seen, nil
}

func wait(
	ctx context.Context, c *facade.Client, script string, opts ...facade.RunOption,
) (json.RawMessage, error) {
	return c.RunScriptSync(ctx, script, nil, opts...)
}

// ask asks for the result every 500 ms, as the official clients do.
func ask(
	ctx context.Context, c *facade.Client, script string, opts ...facade.RunOption,
) (json.RawMessage, error) {
	id, err := c.RunScriptAsync(ctx, script, nil, opts...)
	if err != nil {
		return nil, err
	}
	for {
		var job struct {
			Completed bool
			Result    json.RawMessage
		}
		err := get(ctx, c, "jobs_u/completed/get_result_maybe/"+id, &job)
		if err != nil || job.Completed {
			return job.Result, err
		}
		pause(ctx, askInterval)
	}
}

// measured is what a number of waits took.
type measured struct {
	late     []time.Duration // of each result, after the end of its job; sorted
	requests int
}

func (m measured) median() time.Duration { return m.late[len(m.late)/2] }
func (m measured) worst() time.Duration  { return m.late[len(m.late)-1] }

func (m measured) String() string {
	return fmt.Sprintf("%.2fs late in the median, %.2fs at most, %d requests",
		m.median().Seconds(), m.worst().Seconds(), m.requests)
}

// worse returns how these waits were worse than by asking, or "". A wait that is alone may take a
// few early requests more.
func (m measured) worse(asking measured, rounds int) string {
	switch {
	case m.median() > asking.median()+medianTolerance, m.worst() > asking.worst()+worstTolerance:
		return "later"
	case m.requests > asking.requests*5/4+5*rounds:
		return "more requests"
	}
	return ""
}

// ran is a run whose result was returned.
type ran struct {
	id              string
	begun, returned time.Time
	err             error
}

// measure runs the script and waits for the results in one way.
func (w waits) measure(ctx context.Context, s *session, by way) (measured, error) {
	through := &gateway{next: s.transport, noListing: w.noListing}
	c, err := s.newClient(s.client.Token(), through)
	if err != nil {
		return measured{}, err
	}
	var runs []ran
	for range w.rounds {
		round := make(chan ran, w.atOnce)
		for range w.atOnce {
			go func() { round <- w.run(ctx, s, c, by) }()
		}
		for range w.atOnce {
			runs = append(runs, <-round)
		}
	}
	m := measured{requests: int(through.requests.Load())}
	m.late, err = w.lateness(ctx, s, runs)
	return m, err
}

// run runs the script once.
func (w waits) run(ctx context.Context, s *session, c *facade.Client, by way) ran {
	r := ran{id: facade.NewJobID(), begun: time.Now()}
	script, opts := s.at("quick"), []facade.RunOption{facade.JobID(r.id)}
	if w.byHash {
		script = s.hashes["quick"][0]
	}
	if w.delay > 0 {
		opts = append(opts, facade.ScheduledIn(w.delay))
	}
	result, err := facade.As[string](by(ctx, c, script, opts...))
	r.returned, r.err = time.Now(), err
	if err == nil && !strings.HasPrefix(result, r.id+" ") {
		r.err = want("the result of job "+r.id, "its own", result)
	}
	return r
}

// lateness returns, sorted, how long after the ends of their jobs results were returned.
func (w waits) lateness(ctx context.Context, s *session, runs []ran) ([]time.Duration, error) {
	ahead := 1000 * time.Hour // the server's clock: a job is created right after its run is begun
	var late []time.Duration
	for _, r := range runs {
		if r.err != nil {
			return nil, r.err
		}
		var job struct {
			CreatedAt time.Time `json:"created_at"`
			StartedAt time.Time `json:"started_at"`
			Duration  int64     `json:"duration_ms"`
		}
		if err := get(ctx, s.client, "jobs_u/get/"+r.id+"?no_logs=true&no_code=true", &job); err != nil {
			return nil, err
		}
		if early := w.delay - job.StartedAt.Sub(job.CreatedAt); early > 0 {
			return nil, fmt.Errorf("job %s started %v before its time", r.id, early)
		}
		ahead = min(ahead, job.CreatedAt.Sub(r.begun))
		ended := job.StartedAt.Add(time.Duration(job.Duration) * time.Millisecond)
		late = append(late, r.returned.Sub(ended))
	}
	for i := range late {
		late[i] = max(0, late[i]+ahead) // ahead is not exact
	}
	slices.Sort(late)
	return late, nil
}

// gateway counts requests, and can refuse the listing of completed jobs.
type gateway struct {
	next      http.RoundTripper
	noListing bool
	requests  atomic.Int64
}

func (g *gateway) RoundTrip(req *http.Request) (*http.Response, error) {
	g.requests.Add(1)
	if !g.noListing || !strings.HasSuffix(req.URL.Path, "/jobs/completed/list") {
		return g.next.RoundTrip(req)
	}
	const page = "<html><body>403 Forbidden</body></html>"
	return &http.Response{
		StatusCode: http.StatusForbidden, Request: req,
		Header: http.Header{"Content-Type": {"text/html"}}, ContentLength: int64(len(page)),
		Body: io.NopCloser(strings.NewReader(page)),
	}, nil
}
