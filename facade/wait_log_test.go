//go:build go1.25

package facade_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// logged is a log handler that calls a function with each line.
type logged func(line string)

func (logged) Enabled(context.Context, slog.Level) bool { return true }
func (l logged) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l logged) WithGroup(string) slog.Handler          { return l }

func (l logged) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	l(line)
	return nil
}

// lineLog is a log that is kept.
type lineLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lineLog) option() facade.ClientOption {
	return facade.WithLogger(slog.New(logged(func(line string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		fmt.Fprintln(&l.text, line)
	})))
}

func (l *lineLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestWhatIsLoggedOfAWaitNamesTheJobOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("getJobUpdatesSSE", facadetest.HTML(502))
		srv.Inject("getJobUpdates", facadetest.HTML(502))
		srv.Inject("getCompletedJobResultMaybe", facadetest.HTML(502), facadetest.Nth(1))
		var log lineLog
		var out strings.Builder
		c := srv.Client(log.option(), facade.WithMaxRetries(0))
		if _, err := c.RunScriptSync(t.Context(), sleepScript, sleepArgs(5*time.Second),
			facade.JobID(someJob), facade.Verbose(&out)); err != nil {
			t.Fatal(err)
		}
		all := log.String() + out.String()
		for _, want := range []string{
			"a job's event stream has ended job=" + someJob + " error=status 502: ",
			"a look at a job has failed job=" + someJob + " error=status 502: ",
			"the rest of a job's log could not be read job=" + someJob + " error=status 502: ",
			"job " + someJob + ": the rest of its log could not be read: status 502: ",
		} {
			if !strings.Contains(all, want) {
				t.Errorf("no line has %q in it:\n%s", want, all)
			}
		}
		for line := range strings.Lines(all) {
			if strings.Count(line, someJob) != 1 {
				t.Errorf("the job is not named once: %s", line)
			}
		}
	})
}
