//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// handling is a log handler that is a function of the line.
type handling func(line string)

func (handling) Enabled(context.Context, slog.Level) bool { return true }
func (h handling) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h handling) WithGroup(string) slog.Handler          { return h }

func (h handling) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	h(line)
	return nil
}

// transportThat makes a client whose transport calls end before each request whose address has part in it.
func transportThat(part string) func(srv *facadetest.Server, end func()) *facade.Client {
	return func(srv *facadetest.Server, end func()) *facade.Client {
		through := srv.HTTPClient().Transport
		return srv.Client(facade.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, part) {
				end()
			}
			return through.RoundTrip(r)
		})}))
	}
}

// handlerThat makes a client whose log handler calls end for each line that has all parts in it, on a server that refuses an operation.
func handlerThat(refused string, parts ...string) func(srv *facadetest.Server, end func()) *facade.Client {
	return func(srv *facadetest.Server, end func()) *facade.Client {
		srv.Inject(refused, facadetest.Respond(403, nil, notAllowed))
		return srv.Client(facade.WithLogger(slog.New(handling(func(line string) {
			for _, part := range parts {
				if !strings.Contains(line, part) {
					return
				}
			}
			end()
		}))))
	}
}

// howItEnds returns what a call panics with or returns, and errGoexit if it does neither.
func howItEnds(call func() error) (how error) {
	how = errGoexit
	var ended sync.WaitGroup
	ended.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				how = fmt.Errorf("panic: %v", p)
			}
		}()
		how = call()
	})
	ended.Wait()
	return how
}

var errGoexit = errors.New("runtime.Goexit")

func TestWhatEndsAGoroutineOfTheClientsIsOneCallersOwn(t *testing.T) {
	const fourth = "01890a5d-ac96-774b-bcce-000000000004"
	waitedFor := func(i int) string { return fmt.Sprintf("%s%02d", fourth[:len(fourth)-2], i) }
	ends := map[string]func(){"panic: broken": func() { panic("broken") }, errGoexit.Error(): runtime.Goexit}
	for name, test := range map[string]struct {
		waits  int
		client func(srv *facadetest.Server, end func()) *facade.Client
	}{
		"the transport, at a stream":         {5, transportThat("/getupdate_sse/" + fourth)},
		"the transport, at the listing":      {30, transportThat("/jobs/completed/list")},
		"the log handler, after a stream":    {5, handlerThat("getJobUpdatesSSE", "stream has ended", fourth)},
		"the log handler, after the listing": {30, handlerThat("listCompletedJobs", "listing completed jobs again later")},
	} {
		for want, end := range ends {
			t.Run(name+", "+want, func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					c := test.client(srv, end)
					hows := make([]error, test.waits)
					var waits sync.WaitGroup
					for i := range hows {
						waits.Go(func() {
							hows[i] = howItEnds(func() error { return waitForOne(t.Context(), c, waitedFor(i), 5*time.Second, i%2 == 0) })
						})
					}
					waits.Wait()
					ended := 0
					for i, how := range hows {
						switch {
						case how == nil:
						case how.Error() == want:
							ended++
							job, _ := srv.Job(waitedFor(i))
							if run := i%2 == 0; run && want != errGoexit.Error() && !strings.HasSuffix(job.CancelReason, want) {
								t.Errorf("the job of a run was canceled because of %q, not %q", job.CancelReason, want)
							}
						default:
							t.Errorf("wait %d: %v", i, how)
						}
					}
					if ended != 1 {
						t.Errorf("%d calls ended with %s, want 1", ended, want)
					}
				}, facadetest.Workers(30))
			})
		}
	}
}

func TestAPanicOverTheLogLeavesNothingBehind(t *testing.T) {
	run := func(w io.Writer) func(context.Context, *facade.Client) error {
		return func(ctx context.Context, c *facade.Client) error {
			_, err := c.RunScriptSync(ctx, talking, nil, facade.Logs(w))
			return err
		}
	}
	look := func(ctx context.Context, c *facade.Client) error {
		_, err := c.GetResult(ctx, someJob, facade.Logs(io.Discard))
		return err
	}
	for name, test := range map[string]struct {
		client func(srv *facadetest.Server, end func()) *facade.Client
		call   func(context.Context, *facade.Client) error
	}{
		"of the transport, in a run":                   {transportThat("/getupdate"), run(io.Discard)},
		"of the transport, in a look":                  {transportThat("/getupdate"), look},
		"of the log handler, told of the rest":         {handlerThat("getJobUpdates", "the rest of a job's log"), look},
		"of the log handler, told of what is left out": {handlerThat("getResourceValue", "left out"), run(&slow{takes: 10 * time.Second})},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				talk(srv, 100, 30*time.Millisecond)
				if _, err := srv.Client().RunScriptAsync(t.Context(), napping, lasting(time.Hour), facade.JobID(someJob)); err != nil {
					t.Fatal(err)
				}
				c := test.client(srv, func() { panic("broken") })
				how := howItEnds(func() error { return test.call(t.Context(), c) })
				if diff := cmp.Diff("panic: broken", fmt.Sprint(how)); diff != "" {
					t.Errorf("how it ended (-want +got):\n%s", diff)
				}
			})
		})
	}
}
