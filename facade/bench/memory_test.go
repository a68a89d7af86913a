//go:build go1.25

package bench_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
)

// mostMemory is how much one wait may take, its caller's goroutine included.
const mostMemory = 8000

func TestAWaitIsItsCallersGoroutineAndLittleMemory(t *testing.T) {
	for _, n := range pick([]int{1, 10, 1000}, []int{1, 10, 100, 1000, 10_000}) {
		server := &runningJobs{}
		plain := weigh(t, n, func(*testing.T) func(context.Context) { return func(ctx context.Context) { <-ctx.Done() } })
		waits := weigh(t, n, server.run)
		besides := waits.goroutines - float64(n)
		values := []string{number(besides, "goroutines-besides")}
		if n >= 1000 { // stacks are counted by 32 kB, which says nothing about a few
			values = append(values, number(waits.memory, "B/wait"), number(plain.memory, "B/goroutine"))
			if most := slack() * mostMemory; waits.memory > float64(most) {
				t.Errorf("a wait of %d takes %.0f bytes, want at most %d", n, waits.memory, most)
			}
		}
		line(t, fmt.Sprintf("Memory/waits=%d", n), n, values...)
		// A wait that follows a stream reads it in a goroutine of its own. Two serve all waits.
		if most := 2 + float64(min(n, server.mostStreams(), few)); besides > most {
			t.Errorf("%d waits have %.0f goroutines besides their callers', want at most %.0f", n, besides, most)
		}
	}
}

// run runs a script with a client whose transport answers by itself, so that there is no server whose memory would be counted.
func (j *runningJobs) run(t *testing.T) func(context.Context) {
	c, err := facade.NewClient("http://windmill.invalid", "token", facade.WithWorkspace("test"),
		facade.WithHTTPClient(&http.Client{Transport: j}))
	if err != nil {
		t.Fatal(err)
	}
	var first sync.Once
	return func(ctx context.Context) {
		if _, err := c.RunScriptSync(ctx, script, nil, facade.KeepRunning()); ctx.Err() == nil {
			first.Do(func() { t.Errorf("a run of a job that does not end has ended: %v", err) })
		}
	}
}

// weight is what goroutines that all do the same take.
type weight struct {
	memory     float64 // bytes each
	goroutines float64 // all together
}

// weigh lets n goroutines of body run for so long that each wait has looked at its job more than once, and measures the memory in use:
// heap and stacks, after a collection.
func weigh(t *testing.T, n int, body func(*testing.T) func(context.Context)) weight {
	var w weight
	synctest.Test(t, func(t *testing.T) {
		call := body(t)
		ctx, cancel := context.WithCancel(t.Context())
		before, goroutines := memoryInUse(), runtime.NumGoroutine()
		var callers sync.WaitGroup
		for range n {
			callers.Go(func() { call(ctx) })
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		w.memory = (float64(memoryInUse()) - float64(before)) / float64(n)
		w.goroutines = float64(runtime.NumGoroutine() - goroutines)
		cancel()
		callers.Wait()
	})
	return w
}

func memoryInUse() uint64 {
	for range 4 { // the first leaves behind what pools held, and each halves a stack that is hardly used
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// runningJobs answers as a server does whose jobs all run, and none completes.
type runningJobs struct {
	mu               sync.Mutex
	streams, highest int // open ones
}

func (j *runningJobs) count(n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.streams += n
	j.highest = max(j.highest, j.streams)
}

func (j *runningJobs) mostStreams() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.highest
}

func (j *runningJobs) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.Contains(req.URL.Path, "/getupdate_sse/") {
		return j.stream(req), nil
	}
	if id := req.URL.Query().Get("job_id"); id != "" {
		resp := response(req, "text/plain", io.NopCloser(strings.NewReader(id)), int64(len(id)))
		resp.StatusCode = http.StatusCreated
		return resp, nil
	}
	answer := `{"started":true,"success":null,"completed":false,"result":null}`
	switch dir, id := path.Split(req.URL.Path); {
	case id == "list":
		answer = "[]"
	case strings.HasSuffix(dir, "/get/"):
		answer = `{"type":"QueuedJob","id":"` + id + `","running":true,"canceled":false}`
	}
	return response(req, "application/json", io.NopCloser(strings.NewReader(answer)), int64(len(answer))), nil
}

func (j *runningJobs) stream(req *http.Request) *http.Response {
	s := &eventStream{ctx: req.Context(), next: strings.NewReader(`data: {"type":"update","running":true,"completed":false}` + "\n\n")}
	s.close = sync.OnceFunc(func() { j.count(-1) })
	j.count(1)
	return response(req, "text/event-stream", s, -1)
}

// eventStream sends an update, and a ping every few seconds until its request ends.
type eventStream struct {
	ctx   context.Context
	next  *strings.Reader
	close func()
}

func (s *eventStream) Read(p []byte) (int, error) {
	if s.next.Len() == 0 {
		timer := time.NewTimer(6 * time.Second)
		defer timer.Stop()
		select {
		case <-timer.C:
			s.next = strings.NewReader(`data: {"type":"ping"}` + "\n\n")
		case <-s.ctx.Done():
			return 0, s.ctx.Err()
		}
	}
	return s.next.Read(p)
}

func (s *eventStream) Close() error {
	s.close()
	return nil
}
