//go:build go1.25

package bench_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// mostMemory is how much one wait may take, its caller's goroutine included.
const mostMemory = 8 << 10

func TestAWaitIsItsCallersGoroutineAndLittleMemory(t *testing.T) {
	counts := []int{1000}
	if printing() {
		counts = []int{1, 30, 100, 1000, 10_000}
	}
	for _, n := range counts {
		plain := weigh(t, n, func(*testing.T) func(context.Context) { return func(ctx context.Context) { <-ctx.Done() } })
		waits := weigh(t, n, waitForRunningJob)
		besides := waits.goroutines - float64(n)
		values := []string{number(besides, "goroutines-besides")}
		if n >= 1000 { // stacks are counted by 32 kB, which says nothing about a few
			values = append(values, number(waits.memory, "B/wait"), number(plain.memory, "B/goroutine"))
			if waits.memory > slack*mostMemory {
				t.Errorf("a wait of %d takes %.0f bytes, want at most %d", n, waits.memory, slack*mostMemory)
			}
		}
		line(t, fmt.Sprintf("Memory/waits=%d", n), n, values...)
		if besides > 2 {
			t.Errorf("%d waits have %.0f goroutines besides their callers', want at most 2", n, besides)
		}
	}
}

// waitForRunningJob waits with a client whose transport answers by itself, so that there is no server whose memory would be counted.
func waitForRunningJob(t *testing.T) func(context.Context) {
	c, err := facade.NewClient("http://windmill.invalid", "token", facade.WithWorkspace("test"),
		facade.WithHTTPClient(&http.Client{Transport: runningJobs{}}))
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context) {
		if _, err := c.GetResult(ctx, uuid.NewString(), facade.WaitForCompletion()); ctx.Err() == nil {
			t.Errorf("a wait for a job that does not end has ended: %v", err)
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
	runtime.GC()
	runtime.GC() // the first leaves behind what pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// runningJobs answers as a server does whose jobs all run, and none ends.
type runningJobs struct{}

func (runningJobs) RoundTrip(req *http.Request) (*http.Response, error) {
	answer := `{"started":true,"success":null,"completed":false,"result":null}`
	if strings.HasSuffix(req.URL.Path, "/list") {
		answer = "[]"
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: int64(len(answer)),
	}, nil
}
