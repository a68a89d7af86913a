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

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const talking = "f/test/talk"

// talk deploys a script that logs so many lines, with a pause after each, and returns its job's id.
func talk(srv *facadetest.Server, lines int, pause time.Duration) {
	srv.Script(talking, func(ctx context.Context, job *facadetest.Job) (any, error) {
		for i := range lines {
			job.Logf("%d: é, 你好 and 🚀", i+1)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return job.ID, nil
	})
}

// console is a writer that remembers what was written when.
type console struct {
	mu     sync.Mutex
	text   strings.Builder
	writes []written
}

type written struct {
	at   time.Time
	text string
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes = append(c.writes, written{time.Now(), string(p)})
	return c.text.Write(p)
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// when tells how long after start a text was written, and false if it was not.
func (c *console) when(start time.Time, text string) (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sofar := ""
	for _, w := range c.writes {
		if sofar += w.text; strings.Contains(sofar, text) {
			return w.at.Sub(start), true
		}
	}
	return 0, false
}

// wantLogs wants a job's log exactly, and a line for each change of its status.
func wantLogs(t *testing.T, srv *facadetest.Server, id, out string) {
	t.Helper()
	job, ok := srv.Job(id)
	if !ok || job.Log == "" {
		t.Fatalf("job %s has no log", id)
	}
	if !hasExactly(out, job.Log) {
		t.Errorf("the logs are not right: %s", parting(job.Log, out))
	}
}

// parting tells where what was written, without the facade's own lines, and a log part.
func parting(log, out string) string {
	got, at := ownLine.ReplaceAllString(out, ""), 0
	for at < min(len(log), len(got)) && log[at] == got[at] {
		at++
	}
	return fmt.Sprintf("after %d bytes, want %.200q, got %.200q", at, log[at:], got[at:])
}

// watch runs the talking script to its end and checks its result and its logs. It returns what was written, and how long it took.
func watch(t *testing.T, srv *facadetest.Server, hc *http.Client, lines ...string) (*console, time.Duration) {
	t.Helper()
	var opts []facade.ClientOption
	if hc != nil {
		opts = append(opts, facade.WithHTTPClient(hc))
	}
	out, start := &console{}, time.Now()
	id, err := facade.As[string](srv.Client(opts...).RunScriptSync(t.Context(), talking, nil, facade.Verbose(out)))
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	wantLogs(t, srv, id, out.String())
	if lines == nil {
		lines = []string{"WAITING", "RUNNING", "COMPLETED"}
	}
	if diff := cmp.Diff(lines, ownLines(out.String())); diff != "" {
		t.Errorf("the changes of its status (-want +got):\n%s", diff)
	}
	return out, took
}

// counting counts the bytes of the first stream's body.
type counting struct {
	io.ReadCloser
	n *int
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	*c.n += n
	return n, err
}

func streamLength(t *testing.T, srv *facadetest.Server) int {
	n, through := 0, srv.HTTPClient().Transport
	watch(t, srv, &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := through.RoundTrip(r)
		if err == nil && strings.Contains(r.URL.Path, "getupdate_sse") {
			resp.Body = counting{resp.Body, &n}
		}
		return resp, err
	})})
	return n
}

func TestAStreamMayBreakAnywhere(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		talk(srv, 2, 110*time.Millisecond)
		length := streamLength(t, srv)
		if length < 250 {
			t.Fatalf("the stream has %d bytes", length)
		}
		for n := range length {
			if n > 300 && n%13 != 0 {
				continue // the events there are like those before
			}
			remove := srv.Inject("getJobUpdatesSSE", facadetest.CutBody(n), facadetest.Nth(1))
			_, took := watch(t, srv, nil)
			remove()
			if t.Failed() || took > 500*time.Millisecond {
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
			if t.Failed() || took > 3500*time.Millisecond {
				t.Fatalf("broken after %d bytes each: it took %v", n, took)
			}
		}
	})
}

func TestLogsAppearWhileTheJobRuns(t *testing.T) {
	for name, test := range map[string]struct {
		opts    []facadetest.Option
		prepare func(*facadetest.Server)
		late    time.Duration // how late a line may appear
		from    int           // the first line that must not be later than that
	}{
		"by the stream, beyond its minute": {late: 3500 * time.Millisecond},
		"by the stream, which breaks now and then": {late: 4 * time.Second, prepare: func(srv *facadetest.Server) {
			srv.Inject("getJobUpdatesSSE", facadetest.CutBody(600))
		}},
		"of an older server": {late: 2500 * time.Millisecond, opts: []facadetest.Option{facadetest.Release("1.505.0")}},
		"past a proxy that keeps the stream to itself": {late: 3 * time.Second, from: 7, prepare: func(srv *facadetest.Server) {
			srv.Inject("getJobUpdatesSSE", facadetest.Hang())
		}},
		"past a proxy that knows no streams": {late: 4 * time.Second, prepare: func(srv *facadetest.Server) {
			srv.Inject("getJobUpdatesSSE", facadetest.HTML(502))
		}},
		"though the server says that there is no such job": {late: 4 * time.Second, prepare: func(srv *facadetest.Server) {
			srv.Inject("getJobUpdatesSSE", streamOf(`{"type":"notfound"}`), facadetest.Nth(1, 2, 4))
		}},
		"though the server says that there is an error": {late: 4 * time.Second, prepare: func(srv *facadetest.Server) {
			srv.Inject("getJobUpdatesSSE", streamOf(`{"type":"error","error":"SqlErr: pool timed out"}`, `{"type":"notfound"}`))
		}},
		"though the stream is garbage": {late: 4 * time.Second, prepare: func(srv *facadetest.Server) {
			srv.Inject("getJobUpdatesSSE", streamOf(`{"type":"upd`, `[]`, `null`, ``, `{"type":"update","new_logs":7}`))
		}},
		"though the updates fail as well, for a while": {late: 30 * time.Second, prepare: func(srv *facadetest.Server) {
			srv.Inject("getJobUpdatesSSE", facadetest.HTML(502), facadetest.Between(1, 10))
			srv.Inject("getJobUpdates", facadetest.ResetAfter(), facadetest.Between(1, 10))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				talk(srv, 40, 5*time.Second)
				if test.prepare != nil {
					test.prepare(srv)
				}
				start := time.Now()
				out, took := watch(t, srv, nil)
				few := newFewFailures(t)
				for i := test.from; i < 40; i++ {
					due := time.Duration(i) * 5 * time.Second
					if at, ok := out.when(start, fmt.Sprintf("\n%d: ", i+1)); !ok || at > due+test.late {
						few.Errorf("line %d, of %v, appeared after %v, %t", i+1, due, at, ok)
					}
				}
				if took > 203*time.Second {
					t.Errorf("it took %v", took)
				}
				if n := srv.CountRequests("getJobUpdatesSSE") + srv.CountRequests("getJobUpdates"); n > 500 {
					t.Errorf("%d requests for the logs of %v", n, took)
				}
			}, test.opts...)
		})
	}
}

// streamOf answers with a stream of these events, which then ends.
func streamOf(events ...string) facadetest.Fault {
	return facadetest.Respond(200, http.Header{"Content-Type": {"text/event-stream"}}, "data: "+strings.Join(events, "\n\ndata: ")+"\n\n")
}

func TestAProxyThatSendsTheHeaderOfAStreamAndNoMore(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		talk(srv, 20, 5*time.Second)
		through := srv.HTTPClient().Transport
		start := time.Now()
		out, took := watch(t, srv, &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if !strings.Contains(r.URL.Path, "getupdate_sse") {
				return through.RoundTrip(r)
			}
			body, end := io.Pipe()
			context.AfterFunc(r.Context(), func() { end.CloseWithError(r.Context().Err()) })
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body, ContentLength: -1, Request: r}, nil
		})})
		for i := 7; i < 20; i++ {
			due := time.Duration(i) * 5 * time.Second
			if at, ok := out.when(start, fmt.Sprintf("\n%d: ", i+1)); !ok || at > due+3*time.Second {
				t.Errorf("line %d, of %v, appeared after %v, %t", i+1, due, at, ok)
			}
		}
		if took > 103*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
