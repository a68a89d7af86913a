//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

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
					if _, err := srv.Client().RunScriptAsync(t.Context(), talking, nil, facade.JobID(someJob)); err != nil {
						t.Fatal(err)
					}
					time.Sleep(test.after)
					var joined, waited strings.Builder
					if test.after < time.Hour {
						_, err := srv.Client().GetResult(t.Context(), someJob, facade.Verbose(io.Discard))
						if !errors.Is(err, facade.ErrNotCompleted) {
							t.Errorf("without waiting: %v", err)
						}
					}
					done := make(chan error)
					go func() {
						_, err := srv.Client().GetResult(t.Context(), someJob, facade.Verbose(&waited), facade.WaitForCompletion())
						done <- err
					}()
					_, err := srv.Client().RunScriptSync(t.Context(), talking, nil, facade.JobID(someJob), facade.Verbose(&joined))
					if err := errors.Join(err, <-done); err != nil {
						t.Error(err)
					}
					for _, out := range []string{joined.String(), waited.String()} {
						wantLogs(t, srv, someJob, out)
						if diff := cmp.Diff(test.want, ownLines(out)); diff != "" {
							t.Errorf("the changes of its status (-want +got):\n%s", diff)
						}
					}
				}, facadetest.Release(release))
			})
		}
	}
}

func TestLogsWithoutWaiting(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		talk(srv, 4, time.Second)
		id, err := srv.Client().RunScriptAsync(t.Context(), talking, nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2500 * time.Millisecond)
		var early, late strings.Builder
		if _, err := srv.Client().GetResult(t.Context(), id, facade.Verbose(&early)); !errors.Is(err, facade.ErrNotCompleted) {
			t.Error(err)
		}
		if !strings.Contains(early.String(), "\n3: ") || strings.Contains(early.String(), "\n4: ") || !slices.Equal(ownLines(early.String()), []string{"RUNNING"}) {
			t.Errorf("half-way: %q", &early)
		}
		time.Sleep(time.Minute)
		if _, err := srv.Client().GetResult(t.Context(), id, facade.Verbose(&late)); err != nil {
			t.Error(err)
		}
		wantLogs(t, srv, id, late.String())
	})
}

func TestALineOfThreeMegabytes(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			srv.Script(talking, func(_ context.Context, job *facadetest.Job) (any, error) {
				job.Logf("%s", strings.Repeat("é你x", 1<<19))
				time.Sleep(2 * time.Second)
				job.Logf("the end")
				return job.ID, nil
			})
			watch(t, srv, nil)
		}, facadetest.Release(release))
	}
}

// slow takes its time for each Write.
type slow struct {
	console
	takes time.Duration
}

func (s *slow) Write(p []byte) (int, error) {
	time.Sleep(s.takes)
	return s.console.Write(p)
}

func TestASlowWriterSlowsTheLogsAndNotTheResult(t *testing.T) {
	for _, takes := range []time.Duration{200 * time.Millisecond, 900 * time.Millisecond} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			talk(srv, 100, 30*time.Millisecond)
			out, start := &slow{takes: takes}, time.Now()
			id, err := facade.As[string](srv.Client().RunScriptSync(t.Context(), talking, nil, facade.Verbose(out)))
			if took := time.Since(start); err != nil || took > 3*time.Second+200*time.Millisecond+time.Second+takes {
				t.Errorf("%v after %v, for a job of 3s and a writer that takes %v", err, took, takes)
			}
			time.Sleep(time.Minute)
			job, _ := srv.Job(id)
			if got := out.String(); takes < 500*time.Millisecond && !hasExactly(got, job.Log) {
				t.Errorf("the logs are not right: %s", parting(job.Log, got))
			}
		})
	}
}

// stuck does not return from a Write until it is let go.
type stuck struct {
	console
	letGo chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	n, err := s.console.Write(p)
	<-s.letGo
	return n, err
}

func TestAMethodReturnsWhenAStuckWriteDoesAndWritesNothingLater(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		talk(srv, 10, 100*time.Millisecond)
		out, start := &stuck{letGo: make(chan struct{})}, time.Now()
		time.AfterFunc(10*time.Second, func() { close(out.letGo) })
		id, err := facade.As[string](srv.Client().RunScriptSync(t.Context(), talking, nil, facade.Verbose(out)))
		if took := time.Since(start); err != nil || id == "" || took < 10*time.Second || took > 10100*time.Millisecond {
			t.Errorf("%q, %v after %v, for a Write of 10s", id, err, took)
		}
		before := out.String()
		time.Sleep(time.Minute)
		if after := out.String(); after != before {
			t.Errorf("written after the method had returned: %q", strings.TrimPrefix(after, before))
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

func TestAWriterThatFailsEndsTheLogsAndNotTheRun(t *testing.T) {
	for name, fail := range map[string]func(p []byte) (int, error){
		"with an error":         func([]byte) (int, error) { return 0, errors.New("disk full") },
		"with half of the text": func(p []byte) (int, error) { return len(p) / 2, errors.New("disk full") },
		"without saying so":     func(p []byte) (int, error) { return len(p) - 1, nil },
		"as a closed pipe does": func([]byte) (int, error) { return 0, io.ErrClosedPipe },
	} {
		for _, n := range []int{1, 2, 5} {
			t.Run(name, func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					talk(srv, 10, time.Second)
					out := &failing{n: n, fail: fail}
					id, err := facade.As[string](srv.Client().RunScriptSync(t.Context(), talking, nil, facade.Verbose(out)))
					if job, ok := srv.Job(id); err != nil || !ok || !job.Success {
						t.Errorf("%q, %v", id, err)
					}
					if out.late > 0 {
						t.Errorf("%d calls of Write after one that failed", out.late)
					}
				})
			})
		}
	}
}

func TestTheResultComesThoughTheLogsCannotBeRead(t *testing.T) {
	for name, fault := range map[string]facadetest.Fault{
		"they are refused": facadetest.Respond(403, nil, notAllowed), "they fail": facadetest.HTML(502), "they hang": facadetest.Hang(),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				talk(srv, 10, time.Second)
				srv.Inject("getJobUpdates", fault)
				srv.Inject("getJobUpdatesSSE", fault)
				var out strings.Builder
				start := time.Now()
				_, err := srv.Client().RunScriptSync(t.Context(), talking, nil, facade.Verbose(&out))
				if took := time.Since(start); err != nil || took > 17*time.Second {
					t.Errorf("%v after %v", err, took)
				}
				if !strings.Contains(out.String(), "could not be read") {
					t.Errorf("nothing is said of it: %q", &out)
				}
			})
		})
	}
}
