//go:build go1.25

package facade_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestWhatIsLoggedOfAWaitNamesTheJobOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("getJobUpdatesSSE", facadetest.HTML(502))
		srv.Inject("getJobUpdates", facadetest.HTML(502))
		srv.Inject("getCompletedJobResultMaybe", facadetest.HTML(502), facadetest.Nth(1))
		var mu sync.Mutex
		var log, out strings.Builder
		c := srv.Client(facade.WithLogger(slog.New(handling(func(line string) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintln(&log, line)
		}))))
		if _, err := c.RunScriptSync(t.Context(), napping, lasting(5*time.Second), facade.JobID(someJob), facade.Verbose(&out)); err != nil {
			t.Fatal(err)
		}
		all := log.String() + out.String()
		for _, want := range []string{
			"a job's event stream has ended job=" + someJob + " error=status 502: ", "looking at a job again job=" + someJob + " error=status 502: ",
			"the rest of a job's log could not be read job=" + someJob, "the rest of its log could not be read: ",
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

func TestALogHandlerMayRunAScriptItself(t *testing.T) {
	for name, test := range map[string]struct {
		waits  int
		client func(srv *facadetest.Server, tell func()) *facade.Client
	}{
		"after a stream":    {5, handlerThat("getJobUpdatesSSE", "stream has ended")},
		"after the listing": {30, handlerThat("listCompletedJobs", "listing completed jobs again later")},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				var c *facade.Client
				var told atomic.Bool
				c = test.client(srv, func() {
					if told.Swap(true) {
						return
					}
					if _, err := c.RunScriptSync(t.Context(), napping, lasting(time.Second)); err != nil {
						t.Error(err)
					}
				})
				for i, w := range waitForMany(t.Context(), c, test.waits, func(int) time.Duration { return 5 * time.Second }) {
					if w.err != nil {
						t.Errorf("wait %d: %v", i, w.err)
					}
				}
				if !told.Load() {
					t.Error("nothing was logged")
				}
			}, facadetest.Workers(40))
		})
	}
}
