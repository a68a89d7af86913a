//go:build go1.25

package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const script = "f/bench/sleep"

// halfTrip is about how long a request is on its way, and its response.
const halfTrip = time.Millisecond

// runScript runs the script, after a delay, and waits for its result.
type runScript func(ctx context.Context, delay time.Duration, args any) (json.RawMessage, error)

// simulation is a server in simulated time and a client of it. Only jobs, waiting, and the way to
// the server and back take time.
type simulation struct {
	srv   *facadetest.Server
	run   runScript
	start time.Time
	bytes atomic.Int64 // on all connections, in both directions

	mu   sync.Mutex
	late []time.Duration // from the end of each job to its result in the caller's hands
}

// newSimulation must be called in a bubble, and the function that it returns at its end.
func newSimulation(t *testing.T, polling bool) (*simulation, func()) {
	s := &simulation{start: time.Now()}
	s.srv = facadetest.NewServer(facadetest.KeepRequests(0), facadetest.Workers(2000))
	s.srv.Script(script, sleep)
	s.srv.InjectFunc("", func(*http.Request) facadetest.Fault {
		return facadetest.DelayBefore(s.trip())
	})
	s.srv.InjectFunc("", func(*http.Request) facadetest.Fault {
		return facadetest.DelayAfter(s.trip())
	})
	hc := s.countingClient(t)
	s.run = s.facade(hc)
	if polling {
		s.run = s.polling(hc)
	}
	return s, func() {
		hc.CloseIdleConnections()
		s.srv.Close()
	}
}

// trip varies with the time, and is the same in every run: if much happened in the same instant,
// chance would decide what comes first.
func (s *simulation) trip() time.Duration {
	return halfTrip + time.Since(s.start)*7919%(halfTrip/4)
}

func (s *simulation) facade(hc *http.Client) runScript {
	c := s.srv.Client(facade.WithHTTPClient(hc))
	return func(ctx context.Context, delay time.Duration, args any) (json.RawMessage, error) {
		if delay == 0 {
			return c.RunScriptSync(ctx, script, args)
		}
		return c.RunScriptSync(ctx, script, args, facade.ScheduledIn(delay))
	}
}

func (s *simulation) polling(hc *http.Client) runScript {
	c := bare{hc, s.srv.URL, s.srv.Workspace, s.srv.Token}
	return func(ctx context.Context, delay time.Duration, args any) (json.RawMessage, error) {
		query := ""
		if delay > 0 {
			query = fmt.Sprintf("?scheduled_in_secs=%.0f", delay.Seconds())
		}
		return c.poll(ctx, pollInterval, script, query, args)
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

// sleep is a script that takes as long as its arguments say. Its result is the time at which it
// ended.
func sleep(ctx context.Context, job *facadetest.Job) (any, error) {
	var args struct{ Duration time.Duration }
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	select {
	case <-time.After(args.Duration):
		return time.Now().UnixNano(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wait runs a job that takes so long, and records how late its result is.
func (s *simulation) wait(ctx context.Context, delay, job time.Duration) error {
	// A wait that misses its job must not last forever.
	ctx, cancel := context.WithTimeout(ctx, delay+job+time.Hour)
	defer cancel()
	result, err := s.run(ctx, delay, map[string]any{"Duration": job})
	now := time.Now()
	if err != nil {
		return fmt.Errorf("a job of %v: %w", job, err)
	}
	ended, err := strconv.ParseInt(string(result), 10, 64)
	if err != nil {
		return fmt.Errorf("a job of %v: the result is not a time: %w", job, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, now.Sub(time.Unix(0, ended)))
	return nil
}

// completeOthers lets so many jobs of others complete each second, until ctx ends.
func (s *simulation) completeOthers(ctx context.Context, perSecond int) {
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
