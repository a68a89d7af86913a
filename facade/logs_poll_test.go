//go:build go1.25

package facade_test

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// logReading is a way to read a job's log.
type logReading struct {
	release string
	stream  facadetest.Fault
	read    func(context.Context, *facade.Client, facade.LogOption) error
}

// logReadings returns all the ways to read a job's log.
func logReadings() map[string]logReading {
	type reading = func(context.Context, *facade.Client, facade.LogOption) error
	run := func(ctx context.Context, c *facade.Client, to facade.LogOption) error {
		_, err := c.RunScriptSync(ctx, logScript, nil, facade.JobID(someJob), to)
		return err
	}
	get := func(after time.Duration, opts ...facade.ResultOption) reading {
		return func(ctx context.Context, c *facade.Client, to facade.LogOption) error {
			_, err := c.RunScriptAsync(ctx, logScript, nil, facade.JobID(someJob))
			time.Sleep(after)
			_, err2 := c.GetResult(ctx, someJob, append(opts, to)...)
			return errors.Join(err, err2)
		}
	}
	join := func(ctx context.Context, c *facade.Client, to facade.LogOption) error {
		_, err := c.RunScriptAsync(ctx, logScript, nil, facade.JobID(someJob))
		time.Sleep(time.Minute)
		return errors.Join(err, run(ctx, c, to))
	}
	var none facadetest.Fault
	wait := facade.WaitForCompletion()
	const old = "1.505.0"
	return map[string]logReading{
		"a run":                                     {"", none, run},
		"a run without a stream":                    {"", facadetest.HTML(502), run},
		"a run whose streams break":                 {"", facadetest.CutBody(300), run},
		"a run on an old server":                    {old, none, run},
		"a run that joins a job that has completed": {"", none, join},
		"a wait":                    {"", none, get(0, wait)},
		"a wait without a stream":   {"", facadetest.HTML(502), get(0, wait)},
		"a wait after completion":   {"", none, get(time.Minute, wait)},
		"a result":                  {"", none, get(time.Minute)},
		"a result of an old server": {old, none, get(time.Minute)},
	}
}

func TestAPollThatBringsNoUpdateLosesNoLineSilently(t *testing.T) {
	data := http.Header{"Content-Type": {"application/json"}}
	for name, fault := range map[string]facadetest.Fault{
		"an empty object":          facadetest.Respond(200, data, `{}`),
		"a message":                facadetest.Respond(200, data, `{"message":"try again"}`),
		"null":                     facadetest.Respond(200, data, `null`),
		"a list":                   facadetest.Respond(200, data, `[]`),
		"no body":                  facadetest.Respond(200, data, ``),
		"a page":                   facadetest.HTML(200),
		"a page with 502":          facadetest.HTML(502),
		"an update of other types": facadetest.Respond(200, data, `{"completed":"yes","new_logs":7}`),
		"a truncated response":     facadetest.CutBody(30),
	} {
		for way, reading := range logReadings() {
			for _, polls := range []int{3, 1000} { // that fail
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					srv.Inject("getJobUpdates", fault, facadetest.Between(1, polls))
					srv.Inject("getJobUpdatesSSE", reading.stream)
					talk(srv, 5, 2*time.Second)
					var log lineLog
					var out strings.Builder
					c := srv.Client(log.option())
					if err := reading.read(t.Context(), c, facade.Verbose(&out)); err != nil {
						t.Errorf("%s, %s: %v", name, way, err)
					}
					said := strings.Contains(log.String(), "the rest of a job's log could not be read") &&
						strings.Contains(out.String(), "the rest of its log could not be read")
					whole := hasExactly(out.String(), onlyJob(t, srv).Log)
					if !whole && !said || polls == 3 && (said || !whole) {
						t.Errorf("%d times %s, %s: the log is whole: %t, that it is not is said: %t\n%s",
							polls, name, way, whole, said, &out)
					}
				}, facadetest.Release(cmp.Or(reading.release, "1.743.0")))
			}
		}
	}
}

func TestTheLogOfACompletedJobIsReadUntilTheServerSaysThatItIsComplete(t *testing.T) {
	data := http.Header{"Content-Type": {"application/json"}}
	running := facadetest.Respond(200, data, `{"running":true,"completed":false,"log_offset":1}`)
	for _, way := range []string{"a run", "a wait after completion", "a result"} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			srv.Inject("getJobUpdates", running, facadetest.Between(1, 3))
			talk(srv, 5, 2*time.Second)
			var out strings.Builder
			if err := logReadings()[way].read(t.Context(), srv.Client(), facade.Logs(&out)); err != nil {
				t.Errorf("%s: %v", way, err)
			}
			if log := onlyJob(t, srv).Log; out.String() != ended(log) {
				t.Errorf("%s: got %q, want %q", way, &out, log)
			}
		})
	}
}

func TestTheEndOfALogThatComesLateIsWritten(t *testing.T) {
	for option, to := range bothOptions() {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			srv.Inject("getJobUpdates", facadetest.DelayAfter(2*time.Second))
			srv.Inject("getJobUpdatesSSE", facadetest.HTML(502))
			talk(srv, 5, 300*time.Millisecond)
			var log lineLog
			var out strings.Builder
			_, err := srv.Client(log.option()).RunScriptSync(t.Context(), logScript, nil, to(&out))
			if got := onlyJob(t, srv).Log; err != nil || !hasExactly(out.String(), got) {
				t.Errorf("%s: %v; got %q, want %q; logged:\n%s", option, err, &out, got, &log)
			}
		})
	}
}

func TestTheResultComesThoughTheLogCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		fault facadetest.Fault
		late  time.Duration
	}{
		"it is refused": {facadetest.Respond(403, nil, notAllowed), 510 * time.Millisecond},
		"it fails":      {facadetest.HTML(502), 5510 * time.Millisecond},
		"it hangs":      {facadetest.Hang(), 5510 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				talk(srv, 10, time.Second)
				srv.Inject("getJobUpdates", test.fault)
				srv.Inject("getJobUpdatesSSE", test.fault)
				var out, later strings.Builder
				var log lineLog
				c, start := srv.Client(log.option()), time.Now()
				_, err := c.RunScriptSync(
					t.Context(), logScript, nil, facade.Verbose(&out), facade.JobID(someJob))
				if took := time.Since(start); err != nil || took > 10*time.Second+test.late {
					t.Errorf("%v after %v", err, took)
				}
				_, err2 := c.GetResult(t.Context(), someJob, facade.Verbose(&later))
				if err := errors.Join(err, err2); err != nil {
					t.Error(err)
				}
				for _, text := range []string{out.String(), later.String(), log.String()} {
					if !strings.Contains(text, "could not be read") {
						t.Errorf("nothing is said of it: %q", text)
					}
				}
				if strings.Contains(log.String(), "writer is slow") {
					t.Errorf("the writer is called slow: %s", &log)
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
				_, err := srv.Client().RunScriptSync(t.Context(), logScript, nil, facade.Logs(&out))
				polls := srv.CountRequests("getJobUpdates")
				if n := len(srv.Requests()); err != nil || n > 2*60*12/10 || polls > 15 {
					t.Errorf("%v, %d requests, %d of them polls of the log", err, n, polls)
				}
			})
		})
	}
}
