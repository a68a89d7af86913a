//go:build go1.25

package facade_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// tapped returns an HTTP client of the server that copies the answers about a job's log to tap, as they are read.
func tapped(srv *facadetest.Server, tap io.Writer) *http.Client {
	through := srv.HTTPClient().Transport
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := through.RoundTrip(r)
		if err == nil && strings.Contains(r.URL.Path, "/getupdate") {
			resp.Body = struct {
				io.Reader
				io.Closer
			}{io.TeeReader(resp.Body, tap), resp.Body}
		}
		return resp, err
	})}
}

func TestLogsWritesNothingButTheLogAndEachLineAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		const lines = 30
		talk(srv, lines, 700*time.Millisecond)
		tap, out, start := &console{}, &console{}, time.Now()
		c := srv.Client(facade.WithHTTPClient(tapped(srv, tap)))
		id, err := facade.As[string](c.RunScriptSync(t.Context(), talking, nil, facade.Logs(out)))
		if err != nil {
			t.Fatal(err)
		}
		if job, ok := srv.Job(id); !ok || strings.TrimSuffix(job.Log, "\n")+"\n" != out.String() {
			t.Errorf("got %q, want %q", out, job.Log)
		}
		few := newFewFailures(t)
		for i := range lines {
			read, isRead := tap.when(start, fmt.Sprintf(`\n%d: `, i+1))
			given, isGiven := out.when(start, fmt.Sprintf("\n%d: é, 你好 and 🚀\n", i+1))
			if !isRead || !isGiven || given-read > 300*time.Millisecond {
				few.Errorf("line %d was read after %v, %t, and written after %v, %t", i+1, read, isRead, given, isGiven)
			}
		}
		for _, w := range out.writes {
			if !strings.HasSuffix(w.text, "\n") {
				t.Errorf("a Write of %q, which has a line without its end", w.text)
			}
		}
	})
}

func TestAPanicOfTheWriterIsTheCallersAndTheJobIsCanceled(t *testing.T) {
	for name, option := range map[string]func(io.Writer) facade.RunOption{
		"Logs":    func(w io.Writer) facade.RunOption { return facade.Logs(w) },
		"Verbose": func(w io.Writer) facade.RunOption { return facade.Verbose(w) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				talk(srv, 60, time.Second)
				start := time.Now()
				out := &failing{n: 3, fail: func([]byte) (int, error) { panic("full") }}
				func() {
					defer func() {
						if p := recover(); p != "full" {
							t.Errorf("recovered %v", p)
						}
					}()
					result, err := srv.Client().RunScriptSync(t.Context(), talking, nil, facade.JobID(someJob), option(out))
					t.Errorf("the call returned %s, %v", result, err)
				}()
				if took := time.Since(start); took > 10*time.Second {
					t.Errorf("it took %v", took)
				}
				if job, ok := srv.Job(someJob); !ok || !job.Canceled {
					t.Errorf("the job is not canceled: %v, %t", job, ok)
				}
			})
		})
	}
}

func TestOfALogThatItsWriterDoesNotTakeLittleIsRead(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		t.Run(release, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Script(talking, func(_ context.Context, job *facadetest.Job) (any, error) {
					for range 100 {
						job.Logf("%s", strings.Repeat("x", 256<<10))
						time.Sleep(time.Second)
					}
					return job.ID, nil
				})
				tap, out, start := &console{}, &stuck{letGo: make(chan struct{})}, time.Now()
				time.AfterFunc(3*time.Minute, func() { close(out.letGo) })
				c := srv.Client(facade.WithHTTPClient(tapped(srv, tap)))
				if _, err := c.RunScriptSync(t.Context(), talking, nil, facade.Logs(out)); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took < 3*time.Minute || took > 181*time.Second {
					t.Errorf("it took %v, with a Write of three minutes", took)
				}
				if n := len(tap.String()); n < 1<<20 || n > 3<<20 {
					t.Errorf("%d bytes were read", n)
				}
			}, facadetest.Release(release))
		})
	}
}
