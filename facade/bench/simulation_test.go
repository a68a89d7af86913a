//go:build go1.25

package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// halfTrip is about how long a request is on its way, and its response.
const halfTrip = time.Millisecond

// simulation is a server in simulated time and a client of it. Nothing takes time but jobs, waiting, and the way to the server and back.
type simulation struct {
	run      func(ctx context.Context, delay time.Duration, args any) (json.RawMessage, error)
	srv      *facadetest.Server
	start    time.Time
	requests atomic.Int64
	bytes    atomic.Int64 // on all connections, in both directions

	failed atomic.Bool // a wait has, and those that are left need not be

	mu   sync.Mutex
	late []time.Duration // from the end of each job to its result in the caller's hands
	over float64         // the most requests for a job beyond mostRequests
}

// simulate runs f in a new simulation, with the facade or with a poller.
func simulate(t *testing.T, client string, f func(t *testing.T, s *simulation)) *simulation {
	s := &simulation{over: math.Inf(-1)}
	synctest.Test(t, func(t *testing.T) {
		s.srv = facadetest.NewServer(facadetest.KeepRequests(0), facadetest.Workers(20_000))
		defer s.srv.Close()
		s.srv.Script(script, sleep)
		s.srv.InjectFunc("", func(*http.Request) facadetest.Fault { return facadetest.DelayBefore(s.trip()) })
		s.srv.InjectFunc("", func(*http.Request) facadetest.Fault { return facadetest.DelayAfter(s.trip()) })
		s.srv.InjectFunc("", func(*http.Request) facadetest.Fault { s.requests.Add(1); return facadetest.Fault{} })
		hc := s.countingClient(t)
		defer hc.CloseIdleConnections()
		s.run = s.poller(hc)
		if client == "facade" {
			s.run = s.facade(hc)
		}
		s.start = time.Now()
		f(t, s)
	})
	slices.Sort(s.late)
	return s
}

func (s *simulation) facade(hc *http.Client) func(context.Context, time.Duration, any) (json.RawMessage, error) {
	c := s.srv.Client(facade.WithHTTPClient(hc))
	return func(ctx context.Context, delay time.Duration, args any) (json.RawMessage, error) {
		if delay == 0 {
			return c.RunScriptSync(ctx, script, args)
		}
		return c.RunScriptSync(ctx, script, args, facade.ScheduledIn(delay))
	}
}

func (s *simulation) poller(hc *http.Client) func(context.Context, time.Duration, any) (json.RawMessage, error) {
	c := newBare(s.srv.URL, s.srv.Workspace, s.srv.Token, hc)
	return func(ctx context.Context, delay time.Duration, args any) (json.RawMessage, error) {
		query := ""
		if delay > 0 {
			query = fmt.Sprintf("?scheduled_in_secs=%.0f", delay.Seconds())
		}
		return c.poll(ctx, script, query, args)
	}
}

// countingClient returns a client whose connections count their bytes.
func (s *simulation) countingClient(t *testing.T) *http.Client {
	transport, ok := s.srv.HTTPClient().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the server's client has no *http.Transport whose connections could be counted")
	}
	transport = transport.Clone()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		return countingConn{conn, &s.bytes}, err
	}
	return &http.Client{Transport: transport}
}

type countingConn struct {
	net.Conn
	bytes *atomic.Int64
}

func (c countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

func (c countingConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}

// trip varies with the time, and is the same in every run: if much happened in the same instant, chance would decide what comes first.
func (s *simulation) trip() time.Duration {
	return halfTrip + time.Since(s.start)*7919%(halfTrip/4)
}

// sleep is a script that takes as long as its arguments say. Its result is the time at which it ended.
func sleep(ctx context.Context, job *facadetest.Job) (any, error) {
	var args struct{ Duration time.Duration }
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	timer := time.NewTimer(args.Duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return time.Now().UnixNano(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wait runs a job that takes so long, and records how late its result is and, unless others wait too, how many requests it took.
func (s *simulation) wait(t *testing.T, delay, job time.Duration) {
	ctx, stop := context.WithTimeout(t.Context(), delay+job+time.Minute)
	defer stop()
	before := s.requests.Load()
	result, err := s.run(ctx, delay, map[string]any{"Duration": job})
	now := time.Now()
	if err != nil {
		s.fail(t, "a job of %v: %v", job, err)
		return
	}
	ended, err := strconv.ParseInt(string(result), 10, 64)
	if err != nil {
		s.fail(t, "a job of %v: the result is %s, want a time", job, result)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, now.Sub(time.Unix(0, ended)))
	s.over = max(s.over, float64(s.requests.Load()-before)-mostRequests(job))
}

// fail tells of the first wait that has failed. The others are like it.
func (s *simulation) fail(t *testing.T, format string, args ...any) {
	t.Helper()
	if !s.failed.Swap(true) {
		t.Errorf(format, args...)
	}
}

// quantile returns how late the results were: half of them at most quantile(0.5).
func (s *simulation) quantile(q float64) time.Duration {
	if len(s.late) == 0 {
		return 0 // the jobs have failed, which has been reported
	}
	return s.late[int(math.Ceil(q*float64(len(s.late))))-1]
}

// completeOthers lets so many jobs of others complete each second, until ctx ends.
func (s *simulation) completeOthers(ctx context.Context, perSecond int) {
	if perSecond == 0 {
		return
	}
	const steps = 20
	tick := time.NewTicker(time.Second / steps)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.srv.AddOthersJobs(perSecond / steps)
		case <-ctx.Done():
			return
		}
	}
}
