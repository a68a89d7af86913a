package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const (
	echo     = "f/soak/echo"
	fails    = "f/soak/fails"
	big      = "f/soak/big"
	doubtful = "f/soak/doubtful"
	resource = "f/soak/database"
	password = "correct horse"
)

// order is what a script is told to do.
type order struct {
	Key   string        `json:"key"` // of the call, to count how often it was obeyed
	Sleep time.Duration `json:"sleep"`
	Lines int           `json:"lines"` // of log
}

// world is a server and the client under test.
type world struct {
	srv       *facadetest.Server
	client    *facade.Client
	transport *http.Transport
	faults    *faults
	doubts    *submissions
	bulk      json.RawMessage

	mu   sync.Mutex
	runs map[string][]string // the jobs that have run, by key
}

func newWorld(seed uint64) *world {
	w := &world{
		srv:    facadetest.NewServer(facadetest.Workers(1000), facadetest.KeepRequests(0)),
		faults: newFaults(seed),
		doubts: newSubmissions(seed),
		runs:   map[string][]string{},
		bulk:   json.RawMessage(`["` + strings.Repeat(`a rather long text, \"quoted\", `, 100_000) + `", 9007199254740993]`),
	}
	w.srv.SetVariable("f/soak/password", password)
	w.srv.SetResource(resource, map[string]any{"host": "db.example.com", "password": "$var:f/soak/password"})
	w.srv.Script(echo, w.obey(func(o order) (any, error) { return o, nil }))
	w.srv.Script(doubtful, w.obey(func(o order) (any, error) { return o, nil }))
	w.srv.Script(fails, w.obey(func(o order) (any, error) { return nil, errors.New("no luck with " + o.Key) }))
	w.srv.Script(big, w.obey(func(order) (any, error) { return w.bulk, nil }))
	w.srv.InjectFunc("runScriptByPath", w.doubts.decide) // before the others, which would take its place
	w.srv.InjectFunc("", w.faults.decide)
	w.transport = http.DefaultTransport.(*http.Transport).Clone()
	w.transport.MaxIdleConnsPerHost = 32
	w.client = w.srv.Client(facade.WithHTTPClient(&http.Client{Transport: w.transport}))
	return w
}

func (w *world) close() {
	w.transport.CloseIdleConnections()
	w.srv.Close()
}

// obey makes a script of what is returned in the end.
func (w *world) obey(end func(order) (any, error)) func(context.Context, *facadetest.Job) (any, error) {
	return func(ctx context.Context, job *facadetest.Job) (any, error) {
		var o order
		if err := job.Decode(&o); err != nil {
			return nil, err
		}
		w.mu.Lock()
		w.runs[o.Key] = append(w.runs[o.Key], job.ID)
		w.mu.Unlock()
		for i := range o.Lines {
			job.Logf("%s", logLine(o.Key, i))
		}
		timer := time.NewTimer(o.Sleep)
		defer timer.Stop()
		select {
		case <-timer.C:
			return end(o)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func logLine(key string, i int) string { return fmt.Sprintf("soak %s: line %d, äöü €", key, i) }

// take returns the jobs in which a call's script ran, and forgets them.
func (w *world) take(key string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	jobs := w.runs[key]
	delete(w.runs, key)
	return jobs
}

// reset forgets what has run. It is for a time at which no call is under way.
func (w *world) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.runs)
	w.doubts.reset()
}

// faults are what goes wrong on the way: one request in eight, and for two seconds in thirty all of them.
type faults struct {
	mu     sync.Mutex
	chance *rand.Rand
	began  time.Time
	n      int
	// outlasted counts the cancellations for which the faults went on for too long.
	outlasted int
}

func newFaults(seed uint64) *faults {
	return &faults{chance: rand.New(rand.NewPCG(seed, 0)), began: time.Now()}
}

func (f *faults) noteOutlasted() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outlasted++
}

func (f *faults) count() (failed, outlasted int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n, f.outlasted
}

func (f *faults) decide(*http.Request) facadetest.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	outage := time.Since(f.began)%(30*time.Second) > 28*time.Second
	if !outage && f.chance.IntN(8) > 0 {
		return facadetest.Fault{}
	}
	f.n++
	switch f.chance.IntN(8) {
	case 0:
		return facadetest.Respond(http.StatusServiceUnavailable, nil, "")
	case 1:
		return facadetest.HTML(http.StatusBadGateway)
	case 2:
		return facadetest.ResetBefore()
	case 3:
		return facadetest.Respond(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, "slow down")
	}
	if outage {
		return facadetest.Respond(http.StatusBadRequest, nil, "SqlErr: pool timed out while waiting for an open connection")
	}
	switch f.chance.IntN(4) {
	case 0:
		return facadetest.ResetAfter()
	case 1:
		return facadetest.CutBody(f.chance.IntN(100))
	case 2:
		return facadetest.DelayBefore(time.Duration(f.chance.IntN(200)) * time.Millisecond)
	}
	return facadetest.DelayAfter(time.Duration(f.chance.IntN(200)) * time.Millisecond)
}
