//go:build go1.25

package facade_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// order is what a job is to do.
type order struct {
	key         int
	script      string // the path
	lines       []string
	pause, rest time.Duration // before each line, and after the last
	stubborn    bool          // it does not notice that it is canceled
	value       json.RawMessage
	err         error
	own         bool // the client chooses the job's id
	settled     bool // the call that submits it has returned
}

func (s *scenario) newOrder(r *rand.Rand, own bool) *order {
	o := &order{own: own, stubborn: r.IntN(10) == 0, value: json.RawMessage("null")}
	o.script = []string{"f/random/a", "u/me/b c"}[r.IntN(2)]
	for range r.IntN(2) * r.IntN(20) {
		o.lines = append(o.lines, randomText(r))
	}
	o.pause = upTo(r, 300*time.Millisecond) * time.Duration(r.IntN(2))
	o.rest = upTo(r, []time.Duration{1, 1e9, 1e9, 10e9, 60e9, 600e9}[r.IntN(6)])
	text, _ := json.Marshal(randomText(r))
	switch r.IntN(8) {
	case 0:
		o.value, _ = json.Marshal(strings.Repeat("large ", 20_000))
	case 1:
		o.err = fmt.Errorf("no luck: %s", text)
	case 2:
		o.err = &facadetest.ExitError{Code: 3}
	case 3:
		o.err = &facadetest.Failure{Result: json.RawMessage(fmt.Sprintf(
			`{"error": {"name": "E", "message": %s, "stack": "x"}}`, text))}
	case 4:
		o.err, o.value = facadetest.ErrSkipped, text
	case 5:
		o.value = json.RawMessage(fmt.Sprintf(`{ "n" : 12345678901234567890.10, "s":%s }`, text))
	case 6:
		o.value = text
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o.key = len(s.orders)
	s.orders = append(s.orders, o)
	return o
}

// keyArgs are the arguments of a job.
type keyArgs struct {
	Key int `json:"key"`
}

// script does what an order says.
func (s *scenario) script(ctx context.Context, job *facadetest.Job) (any, error) {
	var args keyArgs
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	s.mu.Lock()
	o := s.orders[args.Key]
	s.runs[job.ID]++
	s.mu.Unlock()
	if o.stubborn {
		ctx = context.WithoutCancel(ctx)
	}
	for _, line := range o.lines {
		if !pause(ctx, o.pause) {
			return nil, ctx.Err()
		}
		job.Logf("%s", line)
	}
	if !pause(ctx, o.rest) {
		return nil, ctx.Err()
	}
	return o.value, o.err
}

// pause reports whether ctx lasted for d.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// upTo returns a duration of less than d, rather a short one.
func upTo(r *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(r.Float64() * r.Float64() * float64(d))
}

// randomText returns text of one line.
func randomText(r *rand.Rand) string {
	alphabet := []rune("abc xyz:=[]{}\"\\'äé\u00a0漢字🚀\u0301\u2028\x00\x1b\r\t\u0085\x7f\ufeff")
	n := r.IntN(30)
	if r.IntN(20) == 0 {
		n = r.IntN(5000)
	}
	var b strings.Builder
	for range n {
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

// act does to the server and to jobs what others do, until ctx ends.
func (s *scenario) act(ctx context.Context, r *rand.Rand) {
	if s.quiet {
		s.srv.ListLag(upTo(r, 100*time.Millisecond))
	} else {
		s.srv.ListLag(upTo(r, 3*time.Second) * time.Duration(r.IntN(2)))
	}
	for range r.IntN(3) * r.IntN(8) {
		if !pause(ctx, upTo(r, 20*time.Second)) {
			return
		}
		switch r.IntN(8) {
		case 0:
			s.srv.AddOthersJobs(r.IntN(200))
		case 1:
			s.srv.PauseWorkers()
			pause(ctx, upTo(r, 10*time.Second))
			s.srv.ResumeWorkers()
		default:
			if jobs := s.srv.Jobs(); len(jobs) > 0 {
				s.disturb(r, jobs[r.IntN(len(jobs))].ID)
			}
		}
	}
}

// disturb does to a job what others do to it.
func (s *scenario) disturb(r *rand.Rand, id string) {
	synctest.Wait() // so that nothing changes meanwhile
	job, _ := s.srv.Job(id)
	o := s.orderOf(job)
	if o == nil {
		return
	}
	switch r.IntN(3) {
	case 0:
		s.cancel(id)
	case 1:
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.srv.Requeue(id) == nil {
			s.requeued[id]++
		}
	case 2:
		s.mu.Lock()
		defer s.mu.Unlock()
		// Not while a submission may be on its way, which would start the job anew.
		if o.own && (o.settled || s.quiet) {
			s.gone[id] = job
			_ = s.srv.Forget(id)
		}
	}
}

// cancel cancels a job as another program does.
func (s *scenario) cancel(id string) {
	s.mu.Lock()
	s.canceled[id] = true
	s.mu.Unlock()
	url := fmt.Sprintf("%s/api/w/%s/jobs_u/queue/cancel/%s", s.srv.URL, s.srv.Workspace, id)
	req, _ := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"reason":"by another"}`))
	req.Header.Set("Authorization", "Bearer "+s.srv.Token)
	req.Header.Set("Content-Type", "application/json")
	client := s.srv.HTTPClient()
	client.Timeout = time.Second
	if resp, err := client.Do(req); err == nil {
		resp.Body.Close()
	}
}

// orderOf returns what a job is to do, or nil if it is none of ours.
func (s *scenario) orderOf(job facadetest.JobInfo) *order {
	var args keyArgs
	if job.User == "other" || json.Unmarshal(job.Args, &args) != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.orders[args.Key]
}

// logWriter is a writer for a job's log.
type logWriter struct {
	option  facade.LogOption
	verbose bool
	pause   time.Duration // of each Write
	fails   int           // the Write that fails; 0 for none

	buf    bytes.Buffer
	writes int
	users  atomic.Int64
	misuse atomic.Bool
}

// newLogWriter returns a random one, or nil.
func newLogWriter(r *rand.Rand) *logWriter {
	w := &logWriter{verbose: r.IntN(2) == 0}
	w.option = facade.Logs(w)
	if w.verbose {
		w.option = facade.Verbose(w)
	}
	switch r.IntN(16) {
	case 0:
		w.pause = upTo(r, 2*time.Second)
	case 1:
		w.fails = 1 + r.IntN(3)
	case 2, 3, 4, 5, 6:
	default:
		return nil
	}
	return w
}

// use notes that the writer is in use, by one only.
func (w *logWriter) use() {
	if w.users.Add(1) > 1 {
		w.misuse.Store(true)
	}
}

func (w *logWriter) Write(p []byte) (int, error) {
	w.use()
	defer w.users.Add(-1)
	time.Sleep(w.pause)
	if w.writes++; w.writes == w.fails {
		return 0, errors.New("the disk is full")
	}
	return w.buf.Write(p)
}
