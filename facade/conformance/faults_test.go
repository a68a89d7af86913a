//go:build go1.25

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

// forgetID takes the id that the client chose away from each submission, as a server would that does not know of it.
type forgetID struct{ next http.RoundTripper }

func (f forgetID) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	q := req.URL.Query()
	q.Del("job_id")
	req.URL.RawQuery = q.Encode()
	return f.next.RoundTrip(req)
}

// twice sends a copy of each submission, which starts a job of its own.
type twice struct{ next http.RoundTripper }

func (d twice) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.Contains(req.URL.Path, "/jobs/run/") {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(body))
		copied := req.Clone(req.Context())
		copied.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := forgetID(d).RoundTrip(copied)
		if err != nil {
			return nil, err
		}
		_ = resp.Body.Close()
	}
	return d.next.RoundTrip(req)
}

func cancelsNothing(r *http.Request) facadetest.Fault {
	return facadetest.Respond(http.StatusOK, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, path.Base(r.URL.Path))
}

func returns(value any) scriptFunc {
	return func(context.Context, *facadetest.Job) (any, error) { return value, nil }
}

func TestAFaultBreaksItsPromiseWithALineThatSaysHow(t *testing.T) {
	broken := map[string]bool{}
	for _, fault := range []struct {
		name, promise, says string
		inject              func(w *world)
	}{
		{"a page in the place of the version", "version", "a page of HTML", func(w *world) {
			w.srv.Inject("backendVersion", facadetest.HTML(http.StatusOK))
		}},
		{"a server that accepts any token", "unauthorised", "RunScriptAsync with a wrong token: want ErrUnauthorized, got: ", func(w *world) {
			w.srv.AddToken(facadetest.Access{Token: wrongToken})
		}},
		{"a server that takes a wrong token for a good one that may not", "unauthorised", "want ErrUnauthorized, got: ", func(w *world) {
			w.srv.Inject("runScriptByPath", facadetest.Respond(http.StatusForbidden, nil, "Permission denied: Access denied. Required scope: jobs:run"))
		}},
		{"a server that fails where a job is unknown", "unknown job and script", "the status of an unknown job: want ErrNotFound, got: ", func(w *world) {
			w.srv.Inject("getJob", facadetest.Respond(http.StatusInternalServerError, nil, "Internal: oh"))
		}},
		{"references that are left as they are", "resources with references", "f/…/outer is map[id:9007199254740993 inner:$res:", func(w *world) {
			w.srv.Inject("getResourceValueInterpolated", facadetest.Respond(http.StatusOK, http.Header{"Content-Type": {"application/json"}},
				`{"id": 9007199254740993, "inner": "$res:`+at("inner")+`"}`))
		}},
		{"versions that are mixed up", "run by hash and by path", `returned "version 0", want "hello ada"`, func(w *world) {
			w.deployed.broken["greet"] = returns("version 0")
		}},
		{"a number that loses its last digits", "any JSON, every digit", "the result 12345678901234567890123 came as 12345678901234570000000", func(w *world) {
			w.deployed.broken["echo"] = func(_ context.Context, job *facadetest.Job) (any, error) {
				return json.RawMessage(strings.Replace(argument(job, "value"), "12345678901234567890123", "12345678901234570000000", 1)), nil
			}
		}},
		{"a large result that is cut off", "large result", "of a string of 20971520 characters, 1000 came", func(w *world) {
			w.deployed.broken["large"] = returns(strings.Repeat("x", 1000))
		}},
		{"a large answer that never comes whole", "large result", "it took longer than 2m0s", func(w *world) {
			w.srv.Inject("getCompletedJobResultMaybe", facadetest.CutBody(1<<20))
		}},
		{"a failure that counts as success", "failed script", `has the result "fine" and no error`, func(w *world) {
			w.deployed.broken["fail"] = returns("fine")
		}},
		{"a failure without words", "failed script", "the error lacks the script's words", func(w *world) {
			w.deployed.broken["fail"] = func(context.Context, *facadetest.Job) (any, error) { return nil, &facadetest.Failure{} }
		}},
		{"a worker that leaves", "status", "is WAITING, and was not RUNNING in 45s: is there a free worker for the tag bash?", func(w *world) {
			w.deployed.broken["greet"] = w.pausing(0)
		}},
		{"a cancellation of a waiting job that does nothing", "cancel a waiting job", "goes on 30 seconds later", func(w *world) {
			w.srv.InjectFunc("cancelQueuedJob", cancelsNothing)
		}},
		{"a cancellation of a scheduled job that does nothing", "cancel a scheduled job", "goes on 30 seconds later", func(w *world) {
			w.srv.InjectFunc("cancelQueuedJob", cancelsNothing)
		}},
		{"a cancellation of a running job that does nothing", "cancel a running job", "goes on 30 seconds later", func(w *world) {
			w.srv.InjectFunc("cancelQueuedJob", cancelsNothing)
		}},
		{"a cancellation that is not possible", "cancel a running job", "status 500: Internal: oh", func(w *world) {
			w.srv.Inject("cancelQueuedJob", facadetest.Respond(http.StatusInternalServerError, nil, "Internal: oh"))
		}},
		{"a cancellation of a child that does nothing", "cancel a child", "goes on 30 seconds later", func(w *world) {
			w.srv.InjectFunc("cancelQueuedJob", cancelsNothing)
		}},
		{"a job that does not last", "giving up", "that says so, got: no error", func(w *world) {
			w.deployed.broken["sleep"] = returns("slept")
		}},
		{"a job that ends with its wait", "giving up", "the job whose wait was given up: ", func(w *world) {
			w.deployed.broken["sleep"] = func(ctx context.Context, _ *facadetest.Job) (any, error) {
				pause(ctx, giveUpAfter)
				return nil, context.Canceled
			}
		}},
		{"submissions that count twice", "once, through a link that cuts", "15 runs started", func(w *world) {
			w.cfg.transport = twice{w.cfg.transport}
		}},
		{"a server that does not take the job's id", "joining", "ignored the job id", func(w *world) {
			w.cfg.transport = forgetID{w.cfg.transport}
		}},
		{"a line that comes twice", "live logs", `where "line 2" should come, "line 1" came`, func(w *world) {
			w.deployed.broken["count"] = func(ctx context.Context, job *facadetest.Job) (any, error) { return countScript(ctx, job, 2) }
		}},
		{"lines that do not come", "live logs", "of 20 lines, 0 came", func(w *world) {
			w.srv.Inject("getJobUpdatesSSE", facadetest.Hang())
			w.srv.Inject("getJobUpdates", facadetest.Hang())
		}},
		{"lines that come at the end", "live logs", "later than it should have", func(w *world) {
			late := time.Now().Add(9 * time.Second)
			busy := facadetest.Respond(http.StatusBadGateway, nil, "")
			before := facadetest.If(func(*http.Request) bool { return time.Now().Before(late) })
			w.srv.Inject("getJobUpdatesSSE", busy)
			w.srv.Inject("getJobUpdates", busy, before)
		}},
		{"a stream that is cut off", "event stream", "it ended after 0 events and before the job", func(w *world) {
			w.srv.Inject("getJobUpdatesSSE", facadetest.CutBody(10))
		}},
		{"a page in the place of the stream", "event stream", `an answer of type "text/html; charset=utf-8" came in its place`, func(w *world) {
			w.srv.Inject("getJobUpdatesSSE", facadetest.HTML(http.StatusOK))
		}},
		{"results that come late", "many waits", "s after its job's end, want 8s at most", func(w *world) {
			w.srv.Inject("getCompletedJobResultMaybe", facadetest.DelayBefore(12*time.Second))
		}},
		{"results that are mixed up", "many waits", "which is not its own", func(w *world) {
			w.deployed.broken["once"] = returns("somebody's")
		}},
		{"jobs that the listing leaves out", "listing", "it does not show 100 of 100 completed jobs", func(w *world) { w.srv.ListLag(time.Hour) }},
		{"no listing", "listing", "status 404", func(w *world) {
			w.srv.Inject("listCompletedJobs", facadetest.Respond(http.StatusNotFound, nil, ""))
		}},
	} {
		broken[fault.promise] = true
		t.Run(fault.name, func(t *testing.T) {
			inWorld(t, "1.743.0", func(t *testing.T, w *world) {
				w.cfg.only = fault.promise
				fault.inject(w)
				if status := w.run(t.Context()); status != exitFailed {
					t.Errorf("status %d, want %d", status, exitFailed)
				}
				line, _, _ := strings.Cut(w.said(), "\n")
				if !strings.HasPrefix(line, "BROKEN     "+fault.promise+": ") || !strings.Contains(line, fault.says) {
					t.Errorf("%s; want that %s is BROKEN: %q", line, fault.promise, fault.says)
				}
				if len(w.deployed.things) > 0 {
					t.Errorf("left behind: %v", w.deployed.things)
				}
			})
		})
	}
	for _, p := range promises() {
		if !broken[p.name] {
			t.Errorf("no fault breaks the promise %q", p.name)
		}
	}
}
