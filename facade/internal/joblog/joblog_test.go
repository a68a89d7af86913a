//go:build go1.25

package joblog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"example.com/windmill/facade/internal/joblog"
)

// output is a writer that records each Write.
type output struct {
	mu     sync.Mutex
	writes []string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writes = append(o.writes, string(p))
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.writes, "")
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func options(status bool) joblog.Options {
	opts := joblog.Options{Status: status, JobID: "7", Log: slog.New(slog.DiscardHandler)}
	if status {
		opts.Escape = escape
	}
	return opts
}

// escape makes control characters visible.
func escape(s string) string {
	return strings.NewReplacer("\x1b", "ESC", "\r", "CR", "\x00", "NUL", "\a", "BEL").Replace(s)
}

// next returns an update that continues the log.
func next(l *joblog.Log, text string) joblog.Update {
	end := max(l.Offset(), 1) + utf8.RuneCountInString(text)
	return joblog.Update{Text: text, End: end}
}

func feed(l *joblog.Log, pieces ...string) {
	for _, text := range pieces {
		l.Apply(next(l, text))
	}
}

func TestStatus(t *testing.T) {
	const waiting, running, completed = "[windmill] job 7: WAITING\n",
		"[windmill] job 7: RUNNING\n", "[windmill] job 7: COMPLETED\n"
	type steps []func(*joblog.Log)
	log := func(text string, s joblog.Status) func(*joblog.Log) {
		return func(l *joblog.Log) {
			u := next(l, text)
			u.Running, u.Completed = s == joblog.Running, s == joblog.Completed
			l.Apply(u)
		}
	}
	lost := func(l *joblog.Log) { l.Apply(joblog.Update{Text: "x", End: 9, Running: true}) }
	gap := func(l *joblog.Log) { l.Apply(joblog.Update{Text: "x\n", End: 9, Polled: true}) }
	status := func(s joblog.Status) func(*joblog.Log) {
		return func(l *joblog.Log) { l.Status(s) }
	}
	line := func(text string) func(*joblog.Log) {
		return func(l *joblog.Log) { l.Line("[windmill] %s", text) }
	}
	for name, test := range map[string]struct {
		steps steps
		want  string
	}{
		"each change once": {
			steps{
				status(joblog.Waiting), log("", joblog.Waiting), log("a\n", joblog.Running),
				log("b\n", joblog.Running), log("c\n", joblog.Completed),
			},
			waiting + running + "a\nb\nc\n" + completed,
		},
		"never back": {
			steps{status(joblog.Running), status(joblog.Waiting), log("", joblog.Waiting)}, running,
		},
		"waiting if the server is silent": {steps{log("", 0)}, waiting},
		"the end of the log comes before": {steps{log("a", joblog.Completed)}, "a\n" + completed},
		"before a line that is not whole": {
			steps{log("a", joblog.Waiting), status(joblog.Running), log("b\n", joblog.Running)},
			waiting + running + "ab\n",
		},
		"after a line whose newline is to come": {
			steps{log("\na", joblog.Waiting), status(joblog.Running), log("\nb", joblog.Running)},
			waiting + "\na\n" + running + "b\n",
		},
		"of an update that is not taken": {steps{lost}, running},
		"a gap": {
			steps{status(joblog.Running), gap},
			running + "[windmill] job 7: 6 characters of its log are no longer there\nx\n",
		},
		"control characters": {
			steps{log("\x1b[1ma\r\n", joblog.Running), line("bad\x00\x1b]0;x\a")},
			running + "ESC[1maCR\n[windmill] badNULESC]0;xBEL\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var verbose, plain bytes.Buffer
			for out, shown := range map[*bytes.Buffer]bool{&verbose: true, &plain: false} {
				l := joblog.New(out, options(shown))
				for _, step := range test.steps {
					step(l)
				}
				l.Close(time.Minute)
			}
			if verbose.String() != test.want {
				t.Errorf("got %q, want %q", &verbose, test.want)
			}
			want := ""
			for line := range strings.Lines(test.want) {
				if !strings.HasPrefix(line, "[windmill] ") {
					want += line
				}
			}
			if got := escape(plain.String()); got != want {
				t.Errorf("without status: got %q, want %q", got, want)
			}
		})
	}
}

func TestWithoutStatusALogIsWrittenAsItIs(t *testing.T) {
	var out bytes.Buffer
	l := joblog.New(&out, options(false))
	feed(l, "\x1b[1ma\r\n\x00")
	l.Close(time.Minute)
	if want := "\x1b[1ma\r\n\x00\n"; out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
}

func TestCloseWaitsForTheWriteAndDropsTheRest(t *testing.T) {
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		takes, want time.Duration
		lines, kept string
	}{
		"a fast writer":                     {0, 0, "a\nb\n", "a\nb\n"},
		"a slow one":                        {300 * ms, 600 * ms, "a\nb\n", "a\nb\n"},
		"one that has begun its next":       {700 * ms, 1400 * ms, "a\nb\n", "a\nb\n"},
		"one that is slower than allowed":   {10 * time.Second, 10 * time.Second, "a\nb\n", "a\n"},
		"a slower one without another line": {10 * time.Second, 10 * time.Second, "a\n", "a\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var logged bytes.Buffer
				out, start := &output{}, time.Now()
				opts := options(true)
				opts.Log = slog.New(slog.NewTextHandler(&logged, nil))
				l := joblog.New(writerFunc(func(p []byte) (int, error) {
					time.Sleep(test.takes)
					return out.Write(p)
				}), opts)
				for line := range strings.Lines(test.lines) {
					l.Line("%s", strings.TrimSuffix(line, "\n"))
					synctest.Wait()
				}
				l.Close(time.Second)
				if took := time.Since(start); took != test.want {
					t.Errorf("it took %v, not %v", took, test.want)
				}
				dropped := len(test.lines) - len(test.kept)
				warning := fmt.Sprintf(" at_least_bytes=%d\n", dropped)
				if got := logged.String(); strings.HasSuffix(got, warning) != (dropped > 0) ||
					(got == "") != (dropped == 0) {
					t.Errorf("logged: %q", got)
				}
				feed(l, "c\n")
				l.Status(joblog.Running)
				time.Sleep(time.Hour)
				if out.String() != test.kept {
					t.Errorf("written: %q, not %q", out, test.kept)
				}
			})
		})
	}
}

func TestALogThatIsNotWrittenIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		blocked := func(p []byte) (int, error) { <-release; return len(p), nil }
		l := joblog.New(writerFunc(blocked), options(false))
		feed(l, "a\n")
		synctest.Wait()
		if err := l.Room(t.Context()); l.Full() || err != nil {
			t.Errorf("full is %t at the beginning, %v", l.Full(), err)
		}
		feed(l, strings.Repeat("x", 2<<20))
		if l.Full() {
			t.Error("full with a line whose newline could not come then")
		}
		feed(l, "\n")
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := l.Room(ctx); !l.Full() || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("full is %t with two megabytes, %v", l.Full(), err)
		}
		time.AfterFunc(time.Second, func() { close(release) })
		if err := l.Room(t.Context()); l.Full() || err != nil {
			t.Errorf("full is %t after all was written, %v", l.Full(), err)
		}
		l.Close(time.Second)
	})
}

func TestAWriterThatFailsIsNotCalledAgain(t *testing.T) {
	for name, test := range map[string]struct {
		write  writerFunc
		panics any
	}{
		"with an error":    {func([]byte) (int, error) { return 0, io.ErrClosedPipe }, nil},
		"without an error": {func(p []byte) (int, error) { return len(p) - 1, nil }, nil},
		"by a panic":       {func([]byte) (int, error) { panic("full") }, "full"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				l := joblog.New(writerFunc(func(p []byte) (int, error) {
					calls++
					return test.write(p)
				}), options(true))
				defer func() {
					if p := recover(); p != test.panics || calls != 1 {
						t.Errorf("Close panics with %v, and %d calls of Write", p, calls)
					}
				}()
				for range 3 {
					feed(l, strings.Repeat("x", 1<<20)+"\n")
					synctest.Wait()
				}
				if err := l.Room(t.Context()); l.Full() || err != nil {
					t.Errorf("full is %t, %v", l.Full(), err)
				}
				l.Close(time.Second)
			})
		})
	}
}
