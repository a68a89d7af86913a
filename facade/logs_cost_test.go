//go:build go1.25

package facade_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestAStreamSparesRequestsAndBytes(t *testing.T) {
	for name, test := range map[string]struct {
		lines     int // one every five seconds
		result    int // its size
		logs      bool
		mostBytes int // of streams and polls
	}{
		"of a log with long lines":           {24, 0, true, 260_000},
		"of a log that is not read":          {24, 0, false, 5_000},
		"of a quiet job":                     {0, 0, false, 5_000},
		"of a quiet job whose log is read":   {0, 0, true, 5_000},
		"of a job whose result is not small": {0, 20_000, false, 15_000},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				const lasts = 2 * time.Minute
				srv.Script(talking, func(_ context.Context, job *facadetest.Job) (any, error) {
					for range test.lines {
						job.Logf("%s", strings.Repeat("x", 10_000))
						time.Sleep(5 * time.Second)
					}
					time.Sleep(lasts - time.Duration(test.lines)*5*time.Second + time.Millisecond)
					return strings.Repeat("y", test.result), nil
				})
				tap, start := &console{}, time.Now()
				var opts []facade.RunOption
				if test.logs {
					opts = append(opts, facade.Logs(new(strings.Builder)))
				}
				c := srv.Client(facade.WithHTTPClient(tapped(srv, tap)))
				_, err := c.RunScriptSync(t.Context(), talking, nil, opts...)
				if took := time.Since(start); err != nil || took > lasts+510*time.Millisecond {
					t.Errorf("%v after %v", err, took)
				}
				if n := len(tap.String()); n > test.mostBytes {
					t.Errorf("%d bytes were read", n)
				}
				n, streams := len(srv.Requests()), srv.CountRequests("getJobUpdatesSSE")
				if n > 20 || streams > 4 {
					t.Errorf("%d requests, %d of them for streams", n, streams)
				}
			})
		})
	}
}

func TestALogThatCannotBeReadCostsFewRequests(t *testing.T) {
	for name, fault := range map[string]facadetest.Fault{
		"it is refused": facadetest.Respond(403, nil, notAllowed), "it hangs": facadetest.Hang(),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				talk(srv, 60, time.Second)
				srv.Inject("getJobUpdates", fault)
				srv.Inject("getJobUpdatesSSE", fault)
				var out strings.Builder
				_, err := srv.Client().RunScriptSync(t.Context(), talking, nil, facade.Logs(&out))
				polls := srv.CountRequests("getJobUpdates")
				if n := len(srv.Requests()); err != nil || n > 2*60*12/10 || polls > 15 {
					t.Errorf("%v, %d requests, %d of them polls of the log", err, n, polls)
				}
			})
		})
	}
}
