//go:build go1.25

package joblog_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/internal/joblog"
)

// sink is a writer that remembers each Write and when it was made.
type sink struct {
	mu    sync.Mutex
	start time.Time
	calls []call
}

type call struct {
	After time.Duration
	Text  string
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call{time.Since(s.start), string(p)})
	return len(p), nil
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := ""
	for _, c := range s.calls {
		all += c.Text
	}
	return all
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// feed applies pieces of text, one after the other.
func feed(l *joblog.Log, pieces ...string) {
	for _, text := range pieces {
		from := l.Offset()
		l.Apply(joblog.Update{From: from, Text: text, Next: from + len(text)})
	}
}

func options(status bool) joblog.Options {
	return joblog.Options{Status: status, JobID: "7", Log: slog.New(slog.DiscardHandler)}
}

func TestLinesAreWrittenWhole(t *testing.T) {
	type piece struct {
		after time.Duration // the one before
		text  string
	}
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		pieces []piece
		want   []call
	}{
		"nothing":                              {nil, nil},
		"a whole line at once":                 {[]piece{{0, "a\n"}}, []call{{0, "a\n"}}},
		"several lines in one Write":           {[]piece{{0, "a\nb\n"}}, []call{{0, "a\nb\n"}}},
		"a line whose rest comes soon":         {[]piece{{0, "a"}, {150 * ms, "b\n"}}, []call{{150 * ms, "ab\n"}}},
		"a line whose rest comes late":         {[]piece{{0, "a"}, {300 * ms, "b\n"}}, []call{{200 * ms, "a\n"}, {300 * ms, "b\n"}}},
		"a line that goes on for long":         {[]piece{{0, "a"}, {150 * ms, "b"}, {150 * ms, "c"}}, []call{{200 * ms, "ab\n"}, {500 * ms, "c\n"}}},
		"a newline that comes late":            {[]piece{{0, "a"}, {time.Second, "\nb"}}, []call{{200 * ms, "a\n"}, {1200 * ms, "b\n"}}},
		"an empty line after a late newline":   {[]piece{{0, "a"}, {time.Second, "\n\nb\n"}}, []call{{200 * ms, "a\n"}, {time.Second, "\nb\n"}}},
		"nothing new after a line without end": {[]piece{{0, "a"}, {time.Second, ""}, {0, "\nb\n"}}, []call{{200 * ms, "a\n"}, {time.Second, "b\n"}}},
		"the end of a line and the next":       {[]piece{{0, "a"}, {150 * ms, "\nb"}}, []call{{150 * ms, "a\n"}, {350 * ms, "b\n"}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := &sink{start: time.Now()}
				l := joblog.New(out, options(false))
				for _, p := range test.pieces {
					time.Sleep(p.after)
					feed(l, p.text)
					synctest.Wait()
				}
				time.Sleep(time.Second)
				l.Close(0)
				if diff := cmp.Diff(test.want, out.calls); diff != "" {
					t.Errorf("the Writes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAnUpdateCountsOnlyWhereItGoesOn(t *testing.T) {
	for name, test := range map[string]struct {
		updates []joblog.Update
		want    string
		taken   []bool
		offset  int
	}{
		"one after the other": {[]joblog.Update{{From: 0, Text: "a\n", Next: 3}, {From: 3, Text: "b\n", Next: 5}}, "a\nb\n", []bool{true, true}, 5},
		"the same twice":      {[]joblog.Update{{From: 0, Text: "a\n", Next: 3}, {From: 0, Text: "a\n", Next: 3}}, "a\n", []bool{true, false}, 3},
		"one that overlaps":   {[]joblog.Update{{From: 0, Text: "a\n", Next: 3}, {From: 0, Text: "a\nb\n", Next: 5}}, "a\n", []bool{true, false}, 3},
		"after a gap":         {[]joblog.Update{{From: 3, Text: "b\n", Next: 5}}, "", []bool{false}, 0},
		"after the end":       {[]joblog.Update{{From: 0, Text: "a\n", Next: 3, Completed: true}, {From: 3, Text: "b\n", Next: 5}}, "a\n", []bool{true, false}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := &sink{start: time.Now()}
				l := joblog.New(out, options(false))
				var taken []bool
				for _, u := range test.updates {
					taken = append(taken, l.Apply(u))
				}
				l.Close(time.Second)
				if out.String() != test.want || l.Offset() != test.offset {
					t.Errorf("%q, and offset %d; want %q and %d", out, l.Offset(), test.want, test.offset)
				}
				if diff := cmp.Diff(test.taken, taken); diff != "" {
					t.Errorf("which were taken (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestStatus(t *testing.T) {
	const waiting, running, completed = "[windmill] job 7: WAITING\n", "[windmill] job 7: RUNNING\n", "[windmill] job 7: COMPLETED\n"
	update := func(status joblog.Status, text string, ends bool) func(*joblog.Log) {
		return func(l *joblog.Log) {
			from := l.Offset()
			l.Apply(joblog.Update{From: from, Text: text, Next: from + len(text), Status: status, Completed: ends})
		}
	}
	status := func(s joblog.Status) func(*joblog.Log) { return func(l *joblog.Log) { l.Status(s) } }
	for name, test := range map[string]struct {
		steps []func(*joblog.Log)
		want  string
	}{
		"each change once":                 {[]func(*joblog.Log){status(joblog.Waiting), update(joblog.Waiting, "", false), update(joblog.Running, "a\n", false), update(joblog.Running, "b\n", false), update(joblog.Completed, "c\n", true)}, waiting + running + "a\nb\nc\n" + completed},
		"never back":                       {[]func(*joblog.Log){status(joblog.Running), status(joblog.Waiting)}, running},
		"waiting if the server is silent":  {[]func(*joblog.Log){update(0, "", false)}, waiting},
		"the last of the log comes before": {[]func(*joblog.Log){update(joblog.Completed, "a", true)}, "a\n" + completed},
		"in a line that has no end":        {[]func(*joblog.Log){update(joblog.Running, "a", false), update(joblog.Completed, "b\n", true)}, running + "ab\n" + completed},
		"of a piece that is dropped": {[]func(*joblog.Log){func(l *joblog.Log) {
			l.Apply(joblog.Update{From: 9, Text: "x", Next: 10, Status: joblog.Running})
		}}, running},
	} {
		for _, shown := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					out := &sink{start: time.Now()}
					l := joblog.New(out, options(shown))
					for _, step := range test.steps {
						step(l)
					}
					l.Close(time.Second)
					want := test.want
					if !shown {
						want = strings.NewReplacer(waiting, "", running, "", completed, "").Replace(want)
					}
					if out.String() != want {
						t.Errorf("got %q, want %q", out, want)
					}
				})
			})
		}
	}
}

func TestCloseWaitsForTheWriteAndLeavesTheRestOut(t *testing.T) {
	for name, test := range map[string]struct{ takes, want time.Duration }{
		"a fast writer":                   {0, 0},
		"a slow one":                      {300 * time.Millisecond, 600 * time.Millisecond},
		"one that is slower than allowed": {10 * time.Second, 10 * time.Second},
		"one in the midst of its next":    {700 * time.Millisecond, 1400 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var logged bytes.Buffer
				out := &sink{start: time.Now()}
				opts := options(false)
				opts.Log = slog.New(slog.NewTextHandler(&logged, nil))
				l := joblog.New(writerFunc(func(p []byte) (int, error) {
					time.Sleep(test.takes)
					return out.Write(p)
				}), opts)
				feed(l, "a\n")
				synctest.Wait()
				feed(l, "b\n")
				l.Close(time.Second)
				if took := time.Since(out.start); took != test.want {
					t.Errorf("it took %v, not %v", took, test.want)
				}
				leftOut := test.takes > time.Second
				if want := map[bool]string{true: "a\n", false: "a\nb\n"}[leftOut]; out.String() != want {
					t.Errorf("written: %q, not %q", out, want)
				}
				if strings.Contains(logged.String(), " at_least_bytes=2\n") != leftOut {
					t.Errorf("logged: %q", &logged)
				}
				written := out.String()
				feed(l, "c\n")
				l.Status(joblog.Running)
				time.Sleep(time.Hour)
				if out.String() != written {
					t.Errorf("written after Close: %q", out)
				}
			})
		})
	}
}

func TestAPanicOfTheWriterIsClosesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		opts := options(true)
		opts.OnPanic = func() { told++ }
		l := joblog.New(writerFunc(func([]byte) (int, error) { panic("full") }), opts)
		feed(l, "a\n")
		synctest.Wait()
		if told != 1 {
			t.Errorf("OnPanic was called %d times", told)
		}
		defer func() {
			if p := recover(); p != "full" {
				t.Errorf("recovered %v", p)
			}
		}()
		l.Close(time.Second)
		t.Error("Close did not panic")
	})
}

func TestALogThatIsNotTakenIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		letGo := make(chan struct{})
		l := joblog.New(writerFunc(func(p []byte) (int, error) { <-letGo; return len(p), nil }), options(false))
		feed(l, "a\n")
		synctest.Wait()
		if err := l.Room(t.Context()); l.Full() || err != nil {
			t.Errorf("full is %t at the beginning, %v", l.Full(), err)
		}
		feed(l, strings.Repeat("x", 1<<20)+"\n")
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := l.Room(ctx); !l.Full() || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("full is %t with a megabyte, %v", l.Full(), err)
		}
		close(letGo)
		if err := l.Room(t.Context()); l.Full() || err != nil {
			t.Errorf("full is %t after all was taken, %v", l.Full(), err)
		}
		l.Close(time.Second)
	})
}

func TestAWriterThatFailsIsGivenNoMore(t *testing.T) {
	for name, fail := range map[string]writerFunc{
		"with an error":    func([]byte) (int, error) { return 0, io.ErrClosedPipe },
		"without an error": func(p []byte) (int, error) { return len(p) - 1, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				l := joblog.New(writerFunc(func(p []byte) (int, error) { calls++; return fail(p) }), options(true))
				for range 3 {
					feed(l, strings.Repeat("x", 1<<20)+"\n")
					synctest.Wait()
				}
				if l.Full() {
					t.Error("what nobody takes is kept")
				}
				l.Close(time.Second)
				if calls != 1 {
					t.Errorf("%d calls of Write", calls)
				}
			})
		})
	}
}
