//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const logScript = "f/test/talk"

// talk deploys a script that logs so many lines, with a pause after each, and returns its job's id.
func talk(srv *facadetest.Server, lines int, pause time.Duration) {
	srv.Script(logScript, func(ctx context.Context, job *facadetest.Job) (any, error) {
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

// when returns how long after start a text was written, and false if it was not.
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

// ownLine is a line that the facade writes among a job's logs.
var ownLine = regexp.MustCompile(`\[windmill\] job [0-9a-f-]{36}: ([^\n]*)\n`)

// hasExactly reports whether out is a job's log, each line once and in order and the last one with
// its newline, besides the facade's own lines.
func hasExactly(out, log string) bool {
	return ownLine.ReplaceAllString(out, "") == ended(log)
}

// ended returns a log with the newline of its last line.
func ended(log string) string {
	if log == "" {
		return ""
	}
	return strings.TrimSuffix(log, "\n") + "\n"
}

// ownLines returns the facade's own lines, without what they have in common.
func ownLines(out string) []string {
	var lines []string
	for _, line := range ownLine.FindAllStringSubmatch(out, -1) {
		lines = append(lines, line[1])
	}
	return lines
}

// wantLog wants a job's log exactly, besides the facade's own lines.
func wantLog(t *testing.T, srv *facadetest.Server, id, out string) {
	t.Helper()
	job, ok := srv.Job(id)
	if !ok || job.Log == "" {
		t.Fatalf("job %s has no log", id)
	}
	log, got, at := ended(job.Log), ownLine.ReplaceAllString(out, ""), 0
	for at < min(len(log), len(got)) && log[at] == got[at] {
		at++
	}
	if got != log {
		t.Errorf("after %d bytes of the log, want %.200q, got %.200q", at, log[at:], got[at:])
	}
}

// watch runs logScript to its end and checks its result and log. It returns what was
// written, and how long it took. hc is the way to the server, or nil.
func watch(t *testing.T, srv *facadetest.Server, hc *http.Client) (*console, time.Duration) {
	t.Helper()
	if hc == nil {
		hc = srv.HTTPClient()
	}
	c, out, start := srv.Client(facade.WithHTTPClient(hc)), &console{}, time.Now()
	id, err := facade.As[string](c.RunScriptSync(t.Context(), logScript, nil, facade.Verbose(out)))
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	wantLog(t, srv, id, out.String())
	want := []string{"WAITING", "RUNNING", "COMPLETED"}
	if diff := cmp.Diff(want, ownLines(out.String())); diff != "" {
		t.Errorf("the changes of its status (-want +got):\n%s", diff)
	}
	return out, took
}

func TestLogsOfAJobThatWasThereBefore(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		want  []string
	}{
		"while it is queued":    {0, []string{"WAITING", "RUNNING", "COMPLETED"}},
		"while it runs":         {15 * time.Second, []string{"RUNNING", "COMPLETED"}},
		"when it has completed": {time.Hour, []string{"COMPLETED"}},
	} {
		for _, release := range []string{"1.743.0", "1.505.0"} {
			t.Run(name+", "+release, func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					talk(srv, 10, 3*time.Second)
					srv.PauseWorkers()
					time.AfterFunc(5*time.Second, srv.ResumeWorkers)
					c := srv.Client()
					if _, err := c.RunScriptAsync(t.Context(), logScript, nil, facade.JobID(someJob)); err != nil {
						t.Fatal(err)
					}
					time.Sleep(test.after)
					var joined, waited strings.Builder
					done := make(chan error)
					go func() {
						_, err := c.GetResult(
							t.Context(), someJob, facade.Verbose(&waited), facade.WaitForCompletion())
						done <- err
					}()
					_, err := c.RunScriptSync(
						t.Context(), logScript, nil, facade.JobID(someJob), facade.Verbose(&joined))
					if err := errors.Join(err, <-done); err != nil {
						t.Error(err)
					}
					for _, out := range []string{joined.String(), waited.String()} {
						wantLog(t, srv, someJob, out)
						if diff := cmp.Diff(test.want, ownLines(out)); diff != "" {
							t.Errorf("the changes of its status (-want +got):\n%s", diff)
						}
					}
				}, facadetest.Release(release))
			})
		}
	}
}

func TestLogsWithoutWaitingAreWhatIsThere(t *testing.T) {
	for name, test := range map[string]struct {
		after  time.Duration
		lines  int
		status string
		err    error
	}{
		"of a job that waits":         {0, 0, "WAITING", facade.ErrNotCompleted},
		"of a job that runs":          {6500 * time.Millisecond, 2, "RUNNING", facade.ErrNotCompleted},
		"of a job that has completed": {time.Minute, 4, "COMPLETED", nil},
	} {
		for _, release := range []string{"1.743.0", "1.505.0"} {
			t.Run(name+", "+release, func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					talk(srv, 4, time.Second)
					srv.PauseWorkers()
					time.AfterFunc(5*time.Second, srv.ResumeWorkers)
					c := srv.Client()
					id, err := c.RunScriptAsync(t.Context(), logScript, nil)
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(test.after)
					var verbose, logs strings.Builder
					_, err = c.GetResult(t.Context(), id, facade.Verbose(&verbose))
					_, err2 := c.GetResult(t.Context(), id, facade.Logs(&logs))
					if !errors.Is(err, test.err) || !errors.Is(err2, test.err) {
						t.Errorf("%v and %v, want %v", err, err2, test.err)
					}
					if diff := cmp.Diff([]string{test.status}, ownLines(verbose.String())); diff != "" {
						t.Errorf("the status (-want +got):\n%s", diff)
					}
					job, _ := srv.Job(id)
					if !hasExactly(verbose.String(), job.Log) || logs.String() != ended(job.Log) {
						t.Errorf("Verbose wrote %q, Logs %q, want %q", &verbose, &logs, job.Log)
					}
					if n := strings.Count(logs.String(), "🚀"); n != test.lines {
						t.Errorf("%d lines, want %d", n, test.lines)
					}
				}, facadetest.Release(release))
			})
		}
	}
}

func TestControlCharactersAreEscapedByVerboseAndKeptByLogs(t *testing.T) {
	const line = "\x1b[31mred\x1b[0m\r\x00\x7f\u009b\ttab"
	const escaped = `\x1b[31mred\x1b[0m\x0d\x00\x7f\x9b` + "\ttab"
	for _, release := range []string{"1.743.0", "1.505.0"} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			srv.Script(logScript, func(_ context.Context, job *facadetest.Job) (any, error) {
				time.Sleep(2 * time.Second)
				job.Logf("%s", line)
				time.Sleep(2 * time.Second)
				return nil, nil
			})
			c := srv.Client()
			for option, to := range bothOptions() {
				want := map[string]string{"Verbose": escaped, "Logs": line}[option]
				var run, later strings.Builder
				_, err := c.RunScriptSync(t.Context(), logScript, nil, to(&run), facade.JobID(someJob))
				_, err2 := c.GetResult(t.Context(), someJob, to(&later))
				if err := errors.Join(err, err2); err != nil {
					t.Fatal(err)
				}
				for _, out := range []string{run.String(), later.String()} {
					if !strings.Contains(out, "\n"+want+"\n") {
						t.Errorf("%s wrote %q", option, out)
					}
				}
			}
		}, facadetest.Release(release))
	}
}

func TestALineOfThreeMegabytes(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			srv.Script(logScript, func(_ context.Context, job *facadetest.Job) (any, error) {
				job.Logf("%s", strings.Repeat("é你x", 1<<19))
				time.Sleep(2 * time.Second)
				job.Logf("the end")
				return job.ID, nil
			})
			watch(t, srv, nil)
		}, facadetest.Release(release))
	}
}
