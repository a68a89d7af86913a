//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// bothOptions are the options that write a job's log.
func bothOptions() map[string]func(io.Writer) facade.LogOption {
	return map[string]func(io.Writer) facade.LogOption{"Logs": facade.Logs, "Verbose": facade.Verbose}
}

// slow takes its time for each Write, and then does what fail says, if anything.
type slow struct {
	console
	takes    time.Duration
	returned bool // the method that was given it
	late     int  // calls of Write, and ends of one, after that
}

func (s *slow) Write(p []byte) (int, error) {
	s.check()
	time.Sleep(s.takes)
	s.check()
	return s.console.Write(p)
}

func (s *slow) check() {
	if s.returned {
		s.late++
	}
}

func TestAWriterThatIsSlowDelaysTheResultByASecondAndAWrite(t *testing.T) {
	const job = 3 * time.Second
	for name, test := range map[string]struct {
		takes time.Duration // a Write
		stop  time.Duration // when the context ends
		whole bool          // the log is written to its end
	}{
		"no time":                          {0, time.Hour, true},
		"200 ms":                           {200 * time.Millisecond, time.Hour, true},
		"900 ms":                           {900 * time.Millisecond, time.Hour, true},
		"6 s":                              {6 * time.Second, time.Hour, false},
		"30 s":                             {30 * time.Second, time.Hour, false},
		"no time, and a context that ends": {0, 2 * time.Second, false},
		"200 ms, and a context that ends":  {200 * time.Millisecond, 2 * time.Second, false},
		"30 s, and a context that ends":    {30 * time.Second, 2 * time.Second, false},
	} {
		for option, to := range bothOptions() {
			t.Run(name+", "+option, func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					talk(srv, 100, job/100)
					var log lineLog
					out, start := &slow{takes: test.takes}, time.Now()
					ctx, stop := context.WithTimeout(t.Context(), test.stop)
					defer stop()
					_, err := srv.Client(log.option()).RunScriptSync(
						ctx, logScript, nil, to(out), facade.JobID(someJob), facade.KeepRunning())
					out.returned = true
					took, most := time.Since(start), job+510*time.Millisecond+time.Second+test.takes
					if test.stop < job {
						most = test.stop + 50*time.Millisecond + test.takes
					}
					if took > most || !errors.Is(err, ctx.Err()) {
						t.Errorf("%v after %v", err, took)
					}
					time.Sleep(time.Minute)
					if out.late > 0 {
						t.Error("the writer was in use after the method had returned")
					}
					info, _ := srv.Job(someJob)
					if whole := hasExactly(out.String(), info.Log); whole != test.whole {
						t.Errorf("the log is written to its end: %t; %q", whole, out)
					}
					dropped := strings.Contains(log.String(), "was dropped")
					if test.stop == time.Hour && dropped == test.whole {
						t.Errorf("the logger reports that text was dropped: %t", dropped)
					}
				})
			})
		}
	}
}

func TestAWaitWhoseContextEndsSaysSoInItsLog(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		talk(srv, 10, time.Second)
		var out strings.Builder
		why := errors.New("the user has left")
		ctx, stop := context.WithTimeoutCause(t.Context(), 5*time.Second, why)
		defer stop()
		_, err := srv.Client().RunScriptSync(ctx, logScript, nil, facade.Verbose(&out))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		lines := ownLines(out.String())
		const want = "no longer waited for: context deadline exceeded: the user has left"
		if got := lines[len(lines)-1]; got != want {
			t.Errorf("the last line is %q, want %q", got, want)
		}
	})
}

// failing fails from the n-th Write on, in its own way.
type failing struct {
	console
	n    int
	fail func(p []byte) (int, error)
	late int // calls after the first that failed
}

func (f *failing) Write(p []byte) (int, error) {
	if f.n--; f.n > 0 {
		return f.console.Write(p)
	}
	if f.n < 0 {
		f.late++
	}
	return f.fail(p)
}

func TestAWriterThatFailsEndsTheLogAndNotTheRun(t *testing.T) {
	full := errors.New("disk full")
	for name, fail := range map[string]func(p []byte) (int, error){
		"with an error":         func([]byte) (int, error) { return 0, full },
		"with half of the text": func(p []byte) (int, error) { return len(p) / 2, full },
		"without an error":      func(p []byte) (int, error) { return len(p) - 1, nil },
		"with a panic":          func([]byte) (int, error) { panic(full) },
	} {
		for option, to := range bothOptions() {
			for _, n := range []int{1, 3} {
				t.Run(fmt.Sprintf("%s, %s, Write %d", name, option, n), func(t *testing.T) {
					inBubble(t, func(t *testing.T, srv *facadetest.Server) {
						talk(srv, 10, time.Second)
						out, start := &failing{n: n, fail: fail}, time.Now()
						func() {
							// A panic of the writer panics in the method, when that would return.
							defer func() {
								if p := recover(); (p == full) != (name == "with a panic") {
									t.Errorf("recovered %v", p)
								}
							}()
							_, err := srv.Client().RunScriptSync(t.Context(), logScript, nil, to(out))
							if err != nil {
								t.Error(err)
							}
						}()
						if took := time.Since(start); took < 10*time.Second || took > 10500*time.Millisecond {
							t.Errorf("it took %v", took)
						}
						if !onlyJob(t, srv).Success {
							t.Error("the job is no success")
						}
						if out.late > 0 {
							t.Errorf("%d calls of Write after one that failed", out.late)
						}
					})
				})
			}
		}
	}
}

// tapped returns a client of the server that copies the responses about a job's log to tap.
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
		_, err := c.RunScriptSync(t.Context(), logScript, nil, facade.Logs(out))
		if log := onlyJob(t, srv).Log; err != nil || ended(log) != out.String() {
			t.Errorf("%v; got %q, want %q", err, out, log)
		}
		for i := range lines {
			read, isRead := tap.when(start, fmt.Sprintf(`\n%d: `, i+1))
			given, isGiven := out.when(start, fmt.Sprintf("\n%d: é, 你好 and 🚀\n", i+1))
			if !isRead || !isGiven || given > read {
				t.Errorf("line %d was read after %v, %t, and written after %v, %t",
					i+1, read, isRead, given, isGiven)
			}
		}
		for _, w := range out.writes {
			if !strings.HasSuffix(w.text, "\n") {
				t.Errorf("a Write of %q, which has a line without its end", w.text)
			}
		}
	})
}

func TestOfALogWhoseWriterIsStuckLittleIsRead(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		t.Run(release, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Script(logScript, func(_ context.Context, job *facadetest.Job) (any, error) {
					for range 50 {
						job.Logf("%s", strings.Repeat("x", 256<<10))
						time.Sleep(time.Second)
					}
					return job.ID, nil
				})
				tap, out, start := &console{}, &slow{takes: 2 * time.Minute}, time.Now()
				c := srv.Client(facade.WithHTTPClient(tapped(srv, tap)))
				if _, err := c.RunScriptSync(t.Context(), logScript, nil, facade.Logs(out)); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took > 2*time.Minute+time.Second {
					t.Errorf("it took %v, with a Write of two minutes", took)
				}
				if n := len(tap.String()); n < 1<<20 || n > 3<<20 {
					t.Errorf("%d bytes were read", n)
				}
			}, facadetest.Release(release))
		})
	}
}
