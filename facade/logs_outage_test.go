//go:build go1.25

package facade_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestAStreamMayBreakAnywhere(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		talk(srv, 2, 110*time.Millisecond)
		tap := &console{}
		watch(t, srv, tapped(srv, tap))
		stream, _, _ := strings.Cut(tap.String(), `{"running"`) // a poll comes after it
		if len(stream) < 250 {
			t.Fatalf("the stream has %d bytes", len(stream))
		}
		for n := 0; n < len(stream); n += 3 {
			remove := srv.Inject("getJobUpdatesSSE", facadetest.CutBody(n), facadetest.Nth(1))
			_, took := watch(t, srv, nil)
			remove()
			if t.Failed() || took > 730*time.Millisecond {
				t.Fatalf("broken after %d bytes: it took %v", n, took)
			}
		}
	})
}

func TestAllStreamsMayBreakAtTheSamePlace(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		talk(srv, 10, 300*time.Millisecond)
		for n := 0; n < 900; n += 37 {
			remove := srv.Inject("getJobUpdatesSSE", facadetest.CutBody(n))
			_, took := watch(t, srv, nil)
			remove()
			if t.Failed() || took > 3510*time.Millisecond {
				t.Fatalf("broken after %d bytes each: it took %v", n, took)
			}
		}
	})
}

// streamOf responds with a stream of these events, which then ends.
func streamOf(events ...string) facadetest.Fault {
	header := http.Header{"Content-Type": {"text/event-stream"}}
	return facadetest.Respond(200, header, "data: "+strings.Join(events, "\n\ndata: ")+"\n\n")
}

func TestLogsAppearWhileTheJobRuns(t *testing.T) {
	stream := func(f facadetest.Fault, when ...facadetest.When) func(*facadetest.Server) {
		return func(srv *facadetest.Server) { srv.Inject("getJobUpdatesSSE", f, when...) }
	}
	for name, test := range map[string]struct {
		prepare func(*facadetest.Server)
		release string
		late    time.Duration // how late a line may appear
		from    int           // the first line that must not be later than that
	}{
		"by the stream, beyond its minute": {nil, "1.743.0", 3200 * time.Millisecond, 0},
		"by streams that break": {
			stream(facadetest.CutBody(600)), "1.743.0", 4 * time.Second, 0,
		},
		"of an older server": {nil, "1.505.0", 550 * time.Millisecond, 0},
		"past a proxy that keeps the stream to itself": {
			stream(facadetest.Hang()), "1.743.0", 550 * time.Millisecond, 0,
		},
		"past a proxy without streams": {
			stream(facadetest.HTML(502)), "1.743.0", 550 * time.Millisecond, 0,
		},
		"though the server says that there is no such job": {
			stream(streamOf(`{"type":"notfound"}`), facadetest.Nth(1, 2, 4)),
			"1.743.0", 3200 * time.Millisecond, 0,
		},
		"though the server says that there is an error": {
			stream(streamOf(`{"type":"error","error":"SqlErr: pool timed out"}`, `{"type":"notfound"}`)),
			"1.743.0", 550 * time.Millisecond, 0,
		},
		"though the stream is unreadable": {
			stream(streamOf(`{"type":"upd`, `[]`, `null`, ``, `{"type":"update","new_logs":7}`)),
			"1.743.0", 550 * time.Millisecond, 0,
		},
		"though the polls fail as well, for a while": {
			func(srv *facadetest.Server) {
				srv.Inject("getJobUpdatesSSE", facadetest.HTML(502), facadetest.Between(1, 10))
				srv.Inject("getJobUpdates", facadetest.ResetAfter(), facadetest.Between(1, 10))
			}, "1.743.0", 3200 * time.Millisecond, 10,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				talk(srv, 40, 5*time.Second)
				if test.prepare != nil {
					test.prepare(srv)
				}
				start := time.Now()
				out, took := watch(t, srv, nil)
				wantLinesBy(t, out, start, test.from, 5*time.Second, test.late)
				if took > 200510*time.Millisecond {
					t.Errorf("it took %v", took)
				}
				if n := len(srv.Requests()); n > 2*200*11/10 {
					t.Errorf("%d requests for a job of 200 s", n)
				}
			}, facadetest.Release(test.release))
		})
	}
}

// wantLinesBy wants each of 40 lines, one every step, no later than late after it was logged.
func wantLinesBy(t *testing.T, out *console, start time.Time, from int, step, late time.Duration) {
	t.Helper()
	few := newFewFailures(t)
	for i := from; i < 40; i++ {
		due := time.Duration(i) * step
		if at, ok := out.when(start, fmt.Sprintf("\n%d: ", i+1)); !ok || at > due+late {
			few.Errorf("line %d, of %v, appeared after %v, %t", i+1, due, at, ok)
		}
	}
}

func TestAProxyThatSendsTheHeaderOfAStreamAndNoMore(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		talk(srv, 40, 5*time.Second)
		start := time.Now()
		out, took := watch(t, srv, throughProxy(srv, func(ctx context.Context, _ io.Reader, _ io.Writer) {
			<-ctx.Done()
		}))
		wantLinesBy(t, out, start, 0, 5*time.Second, 550*time.Millisecond)
		if took > 200510*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

func TestLogsOfManyJobsAppearWhileTheyRun(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		talk(srv, 40, 5*time.Second)
		for i := range 200 { // so that the listing is of use
			time.AfterFunc(time.Duration(i)*time.Second, func() { srv.AddOthersJobs(1) })
		}
		c, start := srv.Client(), time.Now()
		var outs [20]console
		var wg sync.WaitGroup
		for i := range outs {
			wg.Go(func() {
				if _, err := c.RunScriptSync(t.Context(), logScript, nil, facade.Logs(&outs[i])); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for i := range outs {
			wantLinesBy(t, &outs[i], start, 0, 5*time.Second, 3200*time.Millisecond)
		}
	}, facadetest.Workers(20))
}
