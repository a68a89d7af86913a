//go:build go1.25

package wait

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

var (
	errBroken   = errors.New("connection reset")
	errStream   = errors.New("no such route")
	errNotFound = errors.New("not found")
	errRefused  = errors.New("unauthorized")
)

type row struct {
	id, script string
	at         time.Time // when it completed
	listed     time.Time // from when the listing shows it
}

// server is a Windmill in simulated time. Its fields may be set until the first request.
type server struct {
	latency     time.Duration
	listLatency time.Duration
	lag         func(id string) time.Duration // of the listing; negative: never listed
	early       time.Duration                 // how much earlier than it was the listing says that a job has completed
	behind      time.Duration                 // how much later than the listing and the streams a look shows that a job has completed
	ignoreAfter bool
	noTimes     bool
	odd         []time.Duration // others' jobs that each listing shows, by how long before what it was asked for they completed
	skew        time.Duration   // of the server's clock
	script      string          // what all jobs run; unknown to the waits if empty
	others      int             // others' jobs a second
	maxOutage   time.Duration

	lookFault   func(id string, n int) error // n counts the looks at the job, from 1
	listFault   func(n int) error
	streamFault func(n int) error
	noStream    bool
	mute        bool // the streams stay open and say nothing
	muteFrom    int  // so do those from the n-th on
	stalls      bool // the streams stay open and say nothing after their first event
	lies        func(id string) bool

	mu      sync.Mutex
	started time.Time
	jobs    map[string]*row
	rows    []*row
	hold    time.Time
	looks   map[string]int
	expects map[string]int
	looked  []time.Time
	lists   []time.Time
	listed  atomic.Int64 // rows
	opened  []time.Time
	open    int
	asked   int // how many looks are under way
	most    int // how many were
}

func newServer() *server {
	return &server{
		latency: 3 * time.Millisecond, listLatency: 5 * time.Millisecond, maxOutage: 5 * time.Minute, started: time.Now(),
		jobs: map[string]*row{}, looks: map[string]int{}, expects: map[string]int{},
	}
}

func (v *server) scheduler() *Scheduler {
	return New(Config{
		List: v.list,
		Verdict: func(err error) error {
			for _, verdict := range []error{errNotFound, errRefused} {
				if errors.Is(err, verdict) {
					return verdict
				}
			}
			return nil
		},
		Tolerance: func(error) time.Duration { return v.maxOutage },
		Hold: func() time.Time {
			v.mu.Lock()
			defer v.mu.Unlock()
			return v.hold
		},
		Log:    slog.New(slog.DiscardHandler),
		Reason: error.Error,
	})
}

// submit begins a job that runs for so long. Its listing row appears after the lag.
func (v *server) submit(id string, lasts time.Duration) *Job {
	v.mu.Lock()
	defer v.mu.Unlock()
	r := &row{id: id, script: v.script, at: time.Now().Add(lasts)}
	r.listed = r.at
	if v.lag != nil {
		lag := v.lag(id)
		r.listed = r.at.Add(lag)
		if lag < 0 {
			r.listed = r.at.Add(1000 * time.Hour)
		}
	}
	v.jobs[id] = r
	v.rows = append(v.rows, r)
	job := &Job{ID: id, Script: v.script, Fresh: true, Look: func(ctx context.Context, expect bool) (Report, error) { return v.look(ctx, id, expect) }}
	if !v.noStream {
		job.Stream = func(ctx context.Context, tell func(bool)) error { return v.stream(ctx, id, tell) }
	}
	return job
}

func pass(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(max(d, time.Nanosecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *server) look(ctx context.Context, id string, expect bool) (Report, error) {
	v.mu.Lock()
	v.looks[id]++
	n := v.looks[id]
	if expect {
		v.expects[id]++
	}
	v.looked = append(v.looked, time.Now())
	v.asked++
	v.most = max(v.most, v.asked)
	r := v.jobs[id]
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		v.asked--
		v.mu.Unlock()
	}()
	if err := pass(ctx, v.latency/2); err != nil {
		return Report{}, err
	}
	done := !r.at.Add(v.behind).After(time.Now())
	if err := pass(ctx, v.latency/2); err != nil {
		return Report{}, err
	}
	if v.lookFault != nil {
		if err := v.lookFault(id, n); err != nil {
			return Report{}, err
		}
	}
	return Report{Done: done, Value: id}, nil
}

func (v *server) stream(ctx context.Context, id string, tell func(bool)) error {
	v.mu.Lock()
	v.opened = append(v.opened, time.Now())
	n := len(v.opened)
	v.open++
	r := v.jobs[id]
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		v.open--
		v.mu.Unlock()
	}()
	if err := pass(ctx, v.latency); err != nil {
		return err
	}
	if v.streamFault != nil {
		if err := v.streamFault(n); err != nil {
			return err
		}
	}
	for start := time.Now(); time.Since(start) < time.Minute; {
		switch {
		case v.mute, v.muteFrom > 0 && n >= v.muteFrom, v.stalls && time.Since(start) > 0:
		case v.lies != nil && v.lies(id), !r.at.After(time.Now()):
			tell(true)
			return nil
		default:
			tell(false)
		}
		every := 500 * time.Millisecond
		switch age := time.Since(start); {
		case age < time.Second:
			every = 100 * time.Millisecond
		case age > 46*time.Second:
			every = 3 * time.Second
		}
		if err := pass(ctx, every); err != nil {
			return err
		}
	}
	return nil
}

func (v *server) list(ctx context.Context, q Query) ([]Completion, error) {
	v.mu.Lock()
	v.lists = append(v.lists, time.Now())
	n := len(v.lists)
	v.mu.Unlock()
	if err := pass(ctx, v.listLatency); err != nil {
		return nil, err
	}
	if len(q.Scripts) > 20 {
		return nil, errors.New("the address is too long")
	}
	if v.listFault != nil {
		if err := v.listFault(n); err != nil {
			return nil, err
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	var found []Completion
	for _, r := range v.rows {
		at := r.at.Add(v.skew)
		lie := v.lies != nil && v.lies(r.id)
		if lie {
			at = now.Add(v.skew)
		} else if r.listed.After(now) || !q.After.IsZero() && !v.ignoreAfter && !at.After(q.After) {
			continue
		}
		if len(q.Scripts) > 0 && !slices.Contains(q.Scripts, r.script) {
			continue
		}
		if v.noTimes {
			at = time.Time{}
		}
		found = append(found, Completion{r.id, at.Add(-v.early)})
	}
	if v.others > 0 && len(q.Scripts) == 0 {
		for i := int(now.Sub(v.started).Seconds() * float64(v.others)); i >= 0; i-- {
			at := v.started.Add(time.Duration(i) * time.Second / time.Duration(v.others)).Add(v.skew)
			if !at.After(q.After) || len(found) > mostPages*pageSize {
				break
			}
			found = append(found, Completion{fmt.Sprint("other ", i), at})
		}
	}
	for i, early := range v.odd {
		if !q.After.IsZero() {
			found = append(found, Completion{fmt.Sprint("odd ", i), q.After.Add(-early)})
		}
	}
	slices.SortFunc(found, func(a, b Completion) int { return b.At.Compare(a.At) })
	from := min((q.Page-1)*q.PerPage, len(found))
	found = found[from:min(from+q.PerPage, len(found))]
	v.listed.Add(int64(len(found)))
	return found, nil
}

// requests returns how many requests the server got.
func (v *server) requests() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.looked) + len(v.lists) + len(v.opened)
}

// streams returns how many streams are open.
func (v *server) streams() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.open
}
