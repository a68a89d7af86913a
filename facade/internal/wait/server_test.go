//go:build go1.25

package wait

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	errBroken   = errors.New("connection reset")
	errStream   = errors.New("no such route")
	errNotFound = errors.New("not found")
	errRefused  = errors.New("unauthorized")
)

// busy is an error of a server that asks to be left alone.
type busy time.Duration

func (b busy) Error() string { return "busy for " + time.Duration(b).String() }

// row is a job of the server.
type row struct {
	id     string
	due    time.Time
	at     time.Time // when it completes
	listed time.Time // from when the listing shows it
}

// server is a Windmill in simulated time. Its fields may be set until the first request.
type server struct {
	latency     time.Duration
	listLatency time.Duration
	lag         func(id string) time.Duration // of the listing; negative: never listed
	behind      time.Duration                 // how much later a look shows an end than the feeds
	early       time.Duration                 // how much too early the times of the listing are
	ignoreAfter bool
	noTimes     bool
	skew        time.Duration // of the server's clock
	others      int           // others' jobs a second
	lies        func(id string) bool
	says        func(r *Report) // changes what a look finds

	lookFault   func(id string, n int) error // n counts the looks at the job, from 1
	listFault   func(n int) error
	streamFault func(n int) error
	noStream    bool
	mute        bool                         // the streams stay open and say nothing
	muteFrom    int                          // so do those from the n-th on
	stalls      bool                         // so do all, after their first two events
	cut         func(age time.Duration) bool // whether a stream breaks, by the server's age
	bunch       time.Duration                // a proxy hands on events in bunches, so far apart
	tolerance   time.Duration

	mu      sync.Mutex
	started time.Time
	jobs    []*row
	ends    map[string]time.Time // of the jobs
	looks   map[string]int
	expects map[string]int
	looked  []time.Time
	lists   []time.Time
	rows    int // that were listed
	opened  []time.Time
	open    int
}

func newServer() *server {
	return &server{
		latency: 3 * time.Millisecond, listLatency: 5 * time.Millisecond,
		tolerance: 5 * time.Minute, started: time.Now(),
		looks: map[string]int{}, expects: map[string]int{}, ends: map[string]time.Time{},
	}
}

// simulate runs f in simulated time, with a server on which a job has completed before. It checks
// that nothing is left behind.
func simulate(t *testing.T, f func(t *testing.T, v *server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := newServer()
		v.submit("older", -time.Second)
		f(t, v)
		synctest.Wait()
		if v.open > 0 {
			t.Errorf("%d streams are left open", v.open)
		}
	})
}

func (v *server) scheduler() *Scheduler {
	return New(Config{
		List: v.list, Classify: v.classify, Log: slog.New(slog.DiscardHandler),
		ContextError: func(ctx context.Context, last error) error {
			return errors.Join(ctx.Err(), last)
		},
	})
}

func (v *server) classify(err error) Failure {
	f := Failure{Tolerance: v.tolerance, Reason: err.Error()}
	var b busy
	if errors.As(err, &b) {
		f.RetryAfter = time.Duration(b)
	}
	for _, final := range []error{errNotFound, errRefused} {
		if errors.Is(err, final) {
			f.Final = final
		}
	}
	return f
}

// submit starts a job that runs for so long.
func (v *server) submit(id string, lasts time.Duration) *Job {
	job := v.schedule(id, 0, lasts)
	job.Fresh = true
	return job
}

// schedule schedules a job that runs for so long, after a while.
func (v *server) schedule(id string, due, lasts time.Duration) *Job {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	r := &row{id: id, due: now.Add(due), at: now.Add(due + lasts)}
	r.listed = r.at
	if v.lag != nil {
		if lag := v.lag(id); lag < 0 {
			r.listed = r.at.Add(1000 * time.Hour)
		} else {
			r.listed = r.at.Add(lag)
		}
	}
	v.jobs, v.ends[id] = append(v.jobs, r), r.at
	job := &Job{ID: id, Look: func(ctx context.Context, expect bool) (Report, error) {
		return v.look(ctx, r, expect)
	}}
	if !v.noStream {
		job.Stream = func(ctx context.Context, alive func(bool)) error {
			return v.stream(ctx, r, alive)
		}
	}
	return job
}

func (v *server) look(ctx context.Context, r *row, expect bool) (Report, error) {
	v.mu.Lock()
	v.looks[r.id]++
	n := v.looks[r.id]
	if expect {
		v.expects[r.id]++
	}
	v.looked = append(v.looked, time.Now())
	v.mu.Unlock()
	if err := pass(ctx, v.latency/2); err != nil {
		return Report{}, err
	}
	now := time.Now()
	report := Report{Done: !r.at.Add(v.behind).After(now), Value: r.id}
	if report.Started = !r.due.After(now); !report.Started {
		report.Due = r.due
	}
	if v.says != nil {
		v.says(&report)
	}
	if err := pass(ctx, v.latency/2); err != nil {
		return Report{}, err
	}
	if v.lookFault != nil {
		if err := v.lookFault(r.id, n); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}

func (v *server) list(ctx context.Context, q Query) ([]Completion, error) {
	v.mu.Lock()
	v.lists = append(v.lists, time.Now())
	n := len(v.lists)
	v.mu.Unlock()
	if err := pass(ctx, v.listLatency); err != nil {
		return nil, err
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
	for _, r := range v.jobs {
		at := r.at.Add(v.skew)
		if v.lies != nil && v.lies(r.id) {
			at = now.Add(v.skew)
		} else if r.listed.After(now) || !v.ignoreAfter && !at.After(q.After) {
			continue
		}
		found = append(found, Completion{r.id, at.Add(-v.early)})
	}
	if v.others > 0 {
		each := time.Second / time.Duration(v.others)
		for i := int(now.Sub(v.started) / each); i >= 0 && len(found) < q.Page*q.PerPage; i-- {
			at := v.started.Add(time.Duration(i) * each).Add(v.skew)
			if !at.After(q.After) {
				break
			}
			found = append(found, Completion{fmt.Sprint("other ", i), at})
		}
	}
	slices.SortFunc(found, func(a, b Completion) int { return b.At.Compare(a.At) })
	from := min((q.Page-1)*q.PerPage, len(found))
	found = found[from:min(from+q.PerPage, len(found))]
	if v.rows += len(found); v.noTimes {
		for i := range found {
			found[i].At = time.Time{}
		}
	}
	return found, nil
}

// requests returns how many requests the server got.
func (v *server) requests() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.looked) + len(v.lists) + len(v.opened)
}

// looksFrom returns how many looks there were from an age of the server on.
func (v *server) looksFrom(age time.Duration) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n, _ := slices.BinarySearchFunc(v.looked, v.started.Add(age), time.Time.Compare)
	return len(v.looked) - n
}

// streams returns how many streams are open.
func (v *server) streams() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.open
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
