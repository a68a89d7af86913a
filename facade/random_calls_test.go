//go:build go1.25

package facade_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"example.com/windmill/facade"
)

// randomCall is a call of one of the client's methods, and what became of it.
type randomCall struct {
	method     string
	order      *order // of a run
	given      string // with JobID
	keep       bool   // with KeepRunning
	scheduled  time.Duration
	id         string // of the job, as far as the caller knows
	known      bool   // that the job was there when the call began
	unknown    bool   // what is asked for does not exist
	wait       bool   // until the job has completed
	out        *logWriter
	began, end time.Time
	leaves     time.Time // when the context ends
	timeout    bool      // by its deadline
	cause      error     // of the context
	value      json.RawMessage
	status     facade.JobStatus
	err        error
}

// foreignError is another call's error, which ends a context.
type foreignError struct{ text string }

func (e *foreignError) Error() string { return e.text }

func (e *foreignError) Unwrap() []error {
	return []error{&facade.JobError{JobID: "of another job"}, facade.ErrNotFound,
		facade.ErrJobIDTaken, facade.ErrNotCompleted, facade.ErrForbidden}
}

// do makes a call with a random context, and keeps what became of it.
func (s *scenario) do(r *rand.Rand, c *randomCall, call func(context.Context) error) {
	lasts := []time.Duration{time.Minute, 10 * time.Minute}[r.IntN(20)/19]
	if r.IntN(3) == 0 {
		lasts = upTo(r, 20*time.Second)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	c.began = time.Now().Truncate(time.Microsecond) // as the server's times
	c.leaves = c.began.Add(lasts)
	c.cause = &foreignError{fmt.Sprintf("the cause\x00 of %d", r.Uint64())}
	if c.timeout = r.IntN(2) == 0; c.timeout {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadlineCause(ctx, c.leaves, c.cause)
		defer stop()
	} else {
		defer time.AfterFunc(lasts, func() { cancel(c.cause) }).Stop()
	}
	c.err = call(ctx)
	c.end = time.Now()
	cancel(nil)
	if c.out != nil {
		c.out.use() // from here on
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
}

// flow makes a few calls that belong together.
func (s *scenario) flow(r *rand.Rand) {
	time.Sleep(upTo(r, 5*time.Second))
	switch r.IntN(8) {
	case 0, 1:
		s.run(r, s.newOrder(r, true), true, "")
	case 2, 3, 4:
		if c := s.run(r, s.newOrder(r, true), false, ""); c.id != "" {
			s.ask(r, randomCall{id: c.id, known: c.err == nil})
		}
	case 5:
		s.runOnce(r)
	case 6:
		s.read(r)
	case 7:
		s.ask(r, randomCall{id: facade.NewJobID(), unknown: true})
	}
}

// run submits an order, under the id if that is given, and waits for the job if sync is set.
func (s *scenario) run(r *rand.Rand, o *order, sync bool, id string) *randomCall {
	c := &randomCall{method: "RunScriptAsync", order: o, given: id, id: id, wait: sync}
	var opts []facade.RunOption
	if id != "" {
		opts = append(opts, facade.JobID(id))
	}
	if c.keep = r.IntN(4) == 0; c.keep {
		opts = append(opts, facade.KeepRunning())
	}
	switch r.IntN(12) {
	case 0:
		c.scheduled = upTo(r, 40*time.Second)
		opts = append(opts, facade.ScheduledIn(c.scheduled))
	case 1:
		c.scheduled = upTo(r, 40*time.Second)
		opts = append(opts, facade.ScheduledAt(time.Now().Add(c.scheduled)))
	case 2:
		opts = append(opts, facade.ParentJob(facade.NewJobID()))
	case 3:
		opts = append(opts, facade.Tag("without-workers"))
	}
	script := o.script
	if r.IntN(2) == 0 {
		script = s.hashes[script]
	}
	call := func(ctx context.Context) (err error) {
		c.id, err = s.client.RunScriptAsync(ctx, script, keyArgs{o.key}, opts...)
		return err
	}
	if sync {
		c.method = "RunScriptSync"
		if c.out = newLogWriter(r); c.out != nil {
			opts = append(opts, c.out.option)
		}
		call = func(ctx context.Context) (err error) {
			c.value, err = s.client.RunScriptSync(ctx, script, keyArgs{o.key}, opts...)
			return err
		}
	}
	s.do(r, c, call)
	s.mu.Lock()
	defer s.mu.Unlock()
	o.settled = true
	return c
}

// runOnce runs a job from several places at once, and asks for it.
func (s *scenario) runOnce(r *rand.Rand) {
	id, script := facade.NewJobID(), s.newOrder(r, false).script
	var all sync.WaitGroup
	for range 2 + r.IntN(2) {
		own, o := rand.New(rand.NewPCG(r.Uint64(), 0)), s.newOrder(r, false)
		if r.IntN(4) > 0 {
			o.script = script
		}
		all.Go(func() {
			time.Sleep(upTo(own, 10*time.Second) * time.Duration(own.IntN(2)))
			s.run(own, o, own.IntN(3) > 0, id)
		})
	}
	s.ask(r, randomCall{id: id})
	all.Wait()
}

// ask asks for a job from several places at once, now and then.
func (s *scenario) ask(r *rand.Rand, of randomCall) {
	var all sync.WaitGroup
	for range 1 + r.IntN(3) {
		own := rand.New(rand.NewPCG(r.Uint64(), 0))
		all.Go(func() {
			if own.IntN(2) == 0 {
				c := of
				c.wait = true
				s.askResult(own, &c)
				return
			}
			for range 1 + own.IntN(6) {
				if c := of; own.IntN(2) == 0 {
					s.askResult(own, &c)
				} else {
					c.method = "GetJobStatus"
					s.do(own, &c, func(ctx context.Context) (err error) {
						c.status, err = s.client.GetJobStatus(ctx, c.id)
						return err
					})
				}
				time.Sleep(upTo(own, 20*time.Second))
			}
		})
	}
	all.Wait()
}

func (s *scenario) askResult(r *rand.Rand, c *randomCall) {
	c.method = "GetResult"
	var opts []facade.ResultOption
	if c.wait {
		opts = append(opts, facade.WaitForCompletion())
	}
	if c.out = newLogWriter(r); c.out != nil {
		opts = append(opts, c.out.option)
	}
	s.do(r, c, func(ctx context.Context) (err error) {
		c.value, err = s.client.GetResult(ctx, c.id, opts...)
		return err
	})
}

const resource = `{"n":12345678901234567890,"s":"é🚀"}`

// read makes calls that are not about jobs.
func (s *scenario) read(r *rand.Rand) {
	s.do(r, &randomCall{method: "GetVersion"}, func(ctx context.Context) error {
		version, err := s.client.GetVersion(ctx)
		if err == nil && version != s.version {
			s.t.Errorf("the version is %q", version)
		}
		return err
	})
	s.do(r, &randomCall{method: "GetResource"}, func(ctx context.Context) error {
		value, err := s.client.GetResource(ctx, "$res:f/random/db")
		if err == nil && string(value) != resource {
			s.t.Errorf("the resource is %s", value)
		}
		return err
	})
	s.do(r, &randomCall{method: "GetResource", unknown: true}, func(ctx context.Context) error {
		_, err := s.client.GetResource(ctx, "f/random/nothing")
		return err
	})
	script := []string{"f/random/nothing", "0123456789abcdef"}[r.IntN(2)]
	s.do(r, &randomCall{method: "RunScriptSync", unknown: true}, func(ctx context.Context) error {
		_, err := s.client.RunScriptSync(ctx, script, nil)
		return err
	})
}

// openResponses counts requests that have no response yet, or one whose body is open.
type openResponses struct {
	next  http.RoundTripper
	open  atomic.Int64
	lossy bool // events get lost
}

func (o *openResponses) RoundTrip(r *http.Request) (*http.Response, error) {
	o.open.Add(1)
	resp, err := o.next.RoundTrip(r)
	if err != nil {
		o.open.Add(-1)
		return nil, err
	}
	resp.Body = &openBody{resp.Body, sync.OnceFunc(func() { o.open.Add(-1) })}
	if o.lossy && resp.Header.Get("Content-Type") == "text/event-stream" {
		resp.Body = &lossyLines{ReadCloser: resp.Body, lines: bufio.NewReader(resp.Body)}
	}
	return resp, nil
}

type openBody struct {
	io.ReadCloser
	closed func()
}

func (b *openBody) Close() error {
	defer b.closed()
	return b.ReadCloser.Close()
}

// lossyLines is a body that some lines are missing from.
type lossyLines struct {
	io.ReadCloser
	lines *bufio.Reader
	rest  []byte // of the line that is being read
	n     int
}

func (l *lossyLines) Read(p []byte) (n int, err error) {
	if len(l.rest) == 0 {
		l.rest, err = l.lines.ReadBytes('\n')
		if l.n++; l.n%7 == 3 && len(l.rest) > 1 {
			l.rest = []byte(": filtered\n")
		}
	}
	n = copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, err
}
