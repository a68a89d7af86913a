//go:build go1.25

package facade_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

var (
	scenarios = flag.Int("scenarios", 200, "how many random scenarios to try")
	firstSeed = flag.Int("seed", 1, "the seed of the first random scenario")
)

// TestRandomScenarios makes many calls at once while requests fail and jobs are canceled, requeued
// and deleted, and checks what became of each call and each job. To repeat one scenario:
//
//	go test ./facade -run '^TestRandomScenarios' -scenarios 1 -seed 17
func TestRandomScenarios(t *testing.T) {
	const batch = 50
	var goroutines, heap []int // after each batch
	for begin := 0; begin < *scenarios; begin += batch {
		t.Run("batch", func(t *testing.T) {
			for i := begin; i < min(begin+batch, *scenarios); i++ {
				t.Run(fmt.Sprintf("seed %d", *firstSeed+i), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { runScenario(t, uint64(*firstSeed+i)) })
				})
			}
		})
		runtime.GC()
		runtime.GC() // the first leaves behind what pools held
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		goroutines, heap = append(goroutines, runtime.NumGoroutine()), append(heap, int(m.HeapAlloc))
	}
	// The first batch fills caches.
	if n := len(heap); n > 2 && (slices.Min(goroutines[n/2:]) > goroutines[0] ||
		slices.Min(heap[n/2:]) > heap[1]+4<<20) {
		t.Errorf("after each batch: goroutines %d, bytes of heap %d", goroutines, heap)
	}
}

// scenario is a server, a client, and what is done with them.
type scenario struct {
	t       *testing.T
	seed    uint64
	srv     *facadetest.Server
	client  *facade.Client
	version string            // of the server
	hashes  map[string]string // of the scripts, by path
	log     bytes.Buffer      // the client's
	open    openResponses
	quiet   bool // no request fails
	patient bool // waits outlast all that fails

	mu       sync.Mutex
	calls    []*randomCall
	orders   []*order                      // by key
	runs     map[string]int                // how often a job's script was called
	requeued map[string]int                // how often a job was requeued
	canceled map[string]bool               // the jobs that may be canceled
	gone     map[string]facadetest.JobInfo // the jobs that were deleted
}

func runScenario(t *testing.T, seed uint64) {
	s := &scenario{
		t: t, seed: seed, runs: map[string]int{}, requeued: map[string]int{},
		canceled: map[string]bool{}, gone: map[string]facadetest.JobInfo{},
	}
	r := s.random(0)
	release := []string{"1.743.0", "1.743.0", "1.505.0"}[r.IntN(3)]
	s.srv = facadetest.NewServer(facadetest.Release(release), facadetest.Workers(1+r.IntN(30)),
		facadetest.StartDelay(upTo(r, time.Second)), facadetest.KeepRequests(0))
	defer s.srv.Close()
	s.hashes = map[string]string{
		"f/random/a": s.srv.Script("f/random/a", s.script),
		"u/me/b c":   s.srv.Script("u/me/b c", s.script),
	}
	s.srv.SetResource("f/random/db", json.RawMessage(resource))
	s.client = s.newClient(r)
	var err error
	if s.version, err = s.client.GetVersion(t.Context()); err != nil {
		t.Error(err)
	}
	if s.quiet = r.IntN(4) == 0; !s.quiet {
		s.injectFaults(s.random(1))
	}
	var calls, acts sync.WaitGroup
	many := 1 + r.IntN(5)
	if r.IntN(8) == 0 {
		many = 10 + r.IntN(20) // the waits use the listing
	}
	for i := range many {
		calls.Go(func() { s.flow(s.random(uint64(10 + i))) })
	}
	over, stop := context.WithCancel(t.Context())
	acts.Go(func() { s.act(over, s.random(2)) })
	calls.Wait()
	stop()
	acts.Wait()
	s.checkNothingIsLeft()
	s.check()
	s.client.CloseIdleConnections()
	if t.Failed() {
		t.Logf("to repeat it: go test ./facade -run '^TestRandomScenarios' -scenarios 1 -seed %d", seed)
	}
}

func (s *scenario) random(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(s.seed, stream)) }

func (s *scenario) newClient(r *rand.Rand) *facade.Client {
	s.open.next = s.srv.HTTPClient().Transport
	handler := slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug})
	opts := []facade.ClientOption{
		facade.WithHTTPClient(&http.Client{Transport: &s.open}),
		facade.WithLogger(slog.New(handler)),
	}
	if r.IntN(3) == 0 {
		opts = append(opts, facade.WithMaxRetries(r.IntN(3)))
	}
	if s.patient = r.IntN(4) > 0; !s.patient {
		opts = append(opts, facade.WithMaxOutage(1+upTo(r, 30*time.Second)))
	}
	return s.srv.Client(opts...)
}

// injectFaults makes requests fail: some of all, all for a while, or many of one operation.
func (s *scenario) injectFaults(r *rand.Rand) {
	inject := func(rate float64, operations ...string) {
		operation := operations[r.IntN(len(operations))]
		s.srv.InjectFunc(operation, func(req *http.Request) facadetest.Fault {
			if r.Float64() > rate {
				return facadetest.Fault{}
			}
			return s.fault(r, strings.Contains(req.URL.Path, "/jobs"))
		})
	}
	inject(0.3*r.Float64(), "")
	s.open.lossy = r.IntN(3) == 0
	if r.IntN(3) == 0 {
		from := time.Now().Add(upTo(r, 20*time.Second))
		to := from.Add(upTo(r, time.Minute))
		s.srv.Inject("", s.fault(r, false), facadetest.If(func(*http.Request) bool {
			return time.Now().After(from) && time.Now().Before(to)
		}))
	}
	if r.IntN(3) == 0 { // less than the client takes for it
		s.srv.Inject("runScriptByPath", facadetest.DelayCommit(upTo(r, time.Second)))
	}
	if r.IntN(2) == 0 { // no wait needs these
		inject(2*r.Float64(), "getJobUpdatesSSE", "listCompletedJobs", "getJobUpdates")
	}
	if r.IntN(6) == 0 {
		s.patient = false
		inject(2*r.Float64(), "runScriptByPath", "getJob", "getCompletedJobResultMaybe",
			"cancelQueuedJob")
	}
}

// fault returns a random one, but none that makes the API itself say what is not so: any JSON is
// the value of a resource, and any text a version, but not a response about jobs.
func (s *scenario) fault(r *rand.Rand, jobs bool) facadetest.Fault {
	pick := func(of ...int) int { return of[r.IntN(len(of))] }
	switch r.IntN(13) {
	case 0:
		return facadetest.ResetBefore()
	case 1, 2:
		return facadetest.ResetAfter()
	case 3:
		return facadetest.CutBody(r.IntN(300))
	case 4:
		return facadetest.Respond(pick(408, 425, 429, 500, 502, 503, 504, 529), nil,
			"\x1bcannot do this with Bearer "+s.srv.Token)
	case 5:
		return facadetest.HTML(pick(200, 302, 401, 403, 404, 502, 503))
	case 6:
		after := strconv.Itoa(r.IntN(6))
		return facadetest.Respond(pick(429, 503), http.Header{"Retry-After": {after}}, "busy")
	case 7:
		if !jobs {
			return facadetest.Respond(200, nil, "")
		}
		kind := []string{"text/plain", "application/json"}[r.IntN(2)]
		body := []string{`{}`, `{"message":"try again"}`, `{"completed":`, `ok`, ``}[r.IntN(5)]
		return facadetest.Respond(pick(200, 201), http.Header{"Content-Type": {kind}}, body)
	case 8:
		if r.IntN(2) == 0 {
			return facadetest.Respond(404, nil, "") // as of an unknown route
		}
		return facadetest.Respond(400, nil, "SqlErr: pool timed out while waiting")
	case 9:
		return facadetest.DelayBefore(upTo(r, 3*time.Second))
	case 10:
		return facadetest.DelayAfter(upTo(r, 3*time.Second))
	case 11:
		return facadetest.Hang()
	}
	return facadetest.DatabaseDown()
}

// checkNothingIsLeft checks that nothing is under way when all calls have returned, and that they
// have not sent more than asking for each job and its log every 500 ms would take.
func (s *scenario) checkNothingIsLeft() {
	synctest.Wait()
	requests, open := s.srv.CountRequests(""), s.open.open.Load()
	time.Sleep(time.Minute) // submissions may still be on their way to the database
	if after := s.srv.CountRequests(""); after != requests || open != 0 {
		s.t.Errorf("after the last call: %d requests sent, %d responses open", after-requests, open)
	}
	limit := 20.
	for _, c := range s.calls {
		limit += 20 + 2*c.end.Sub(c.began).Seconds()
		if c.out != nil {
			limit += 2 * c.end.Sub(c.began).Seconds()
		}
	}
	if requests > int(limit) {
		s.t.Errorf("%d requests, want at most %.0f", requests, limit)
	}
}

// check checks what became of all calls and jobs.
func (s *scenario) check() {
	jobs := s.srv.Jobs()
	for _, job := range s.gone {
		jobs = append(jobs, job)
	}
	byID, byKey := map[string]facadetest.JobInfo{}, map[int]facadetest.JobInfo{}
	for _, job := range jobs {
		o := s.orderOf(job)
		if o == nil {
			continue
		}
		if other, twice := byKey[o.key]; twice {
			s.t.Errorf("one call has started two jobs, %s and %s", other.ID, job.ID)
		}
		if n := s.runs[job.ID]; n > 1+s.requeued[job.ID] {
			s.t.Errorf("job %s has run %d times", job.ID, n)
		}
		byID[job.ID], byKey[o.key] = job, job
	}
	for _, c := range s.calls {
		v := &verdict{scenario: s, randomCall: c}
		errors.As(c.err, &v.waitErr)
		errors.As(c.err, &v.jobErr)
		if c.order != nil {
			v.own, v.started = byKey[c.order.key]
			v.checkSubmission()
		}
		if v.job, v.exists = byID[c.id]; v.exists {
			v.completed = !v.job.CompletedAt.IsZero() && !v.job.CompletedAt.After(c.end)
			v.checkJob()
		} else if c.id != "" && (c.err == nil || v.jobErr != nil) {
			v.errorf("there is no such job")
		}
		v.checkContext()
		v.checkErrors()
		v.checkText()
		if v.waitErr != nil {
			v.checkCancellation()
		}
	}
	for id, job := range byID {
		if job.Canceled && !s.canceled[id] {
			s.t.Errorf("job %s was canceled, and no call says so", id)
		}
	}
	printed := fmt.Sprintf("%v %+v %#v %s", s.client, s.client, s.client, s.log.String())
	if s.hasToken(printed) {
		s.t.Errorf("the token is printed: %s", printed)
	}
}

func (s *scenario) hasToken(text string) bool { return strings.Contains(text, s.srv.Token[:10]) }
