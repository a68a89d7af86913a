//go:build go1.25

package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

// pausing returns a script after which the workers pause: for some time, or for good if it is 0.
func (w *world) pausing(d time.Duration) scriptFunc {
	return func(context.Context, *facadetest.Job) (any, error) {
		w.srv.PauseWorkers()
		if d > 0 {
			time.AfterFunc(d, w.srv.ResumeWorkers)
		}
		return "hello ada", nil
	}
}

func TestSurroundingsBreakNoPromise(t *testing.T) {
	for _, test := range []struct {
		name, promise, says string
		set                 func(t *testing.T, w *world)
	}{
		{"a listing that is late", "once, through a link that cuts", "15 runs, 15 jobs", func(_ *testing.T, w *world) { w.srv.ListLag(10 * time.Second) }},
		{"a listing that is late", "listing", "it shows all 100 jobs", func(_ *testing.T, w *world) { w.srv.ListLag(10 * time.Second) }},
		{"a listing that is late", "many waits", "in the median", func(_ *testing.T, w *world) { w.srv.ListLag(4 * time.Second) }},
		{"a clock that is behind", "many waits", "late by 0.00s in the median, 0.00s at most", func(_ *testing.T, w *world) {
			w.srv.InjectFunc("GET /jobs/db_clock", func(*http.Request) facadetest.Fault {
				return facadetest.Respond(http.StatusOK, nil, fmt.Sprint(time.Now().Add(-time.Minute).UnixMilli()))
			})
		}},
		{"a worker that is away for longer than the server keeps a stream", "event stream", "", func(_ *testing.T, w *world) {
			w.deployed.broken["greet"] = w.pausing(80 * time.Second)
		}},
		{"a job of the server's around the run", "cancel a waiting job", "Canceled: ", func(t *testing.T, w *world) {
			t.Setenv("WM_BASE_URL", w.srv.URL)
			t.Setenv("WM_JOB_ID", nobodysJob)
			t.Setenv("WM_ROOT_FLOW_JOB_ID", nobodysJob)
		}},
	} {
		for _, release := range []string{"1.743.0", "1.505.0"} {
			t.Run(test.promise+": "+test.name+": "+release, func(t *testing.T) {
				inWorld(t, release, func(t *testing.T, w *world) {
					w.cfg.only = test.promise
					test.set(t, w)
					status := w.run(t.Context())
					if line := "ok         " + test.promise + ": "; status != 0 || !strings.Contains(w.said(), line) || !strings.Contains(w.said(), test.says) {
						t.Errorf("status %d, want 0, and %q with %q: %s", status, line, test.says, w.said())
					}
					w.empty(t)
				})
			})
		}
	}
}

func TestWithoutAWorkerNothingIsTried(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		inWorld(t, release, func(t *testing.T, w *world) {
			w.srv.PauseWorkers()
			start := time.Now()
			status, took := w.run(t.Context()), time.Since(start)
			want := "nothing was tried: no worker took a bash job in 45s; start one that serves the tag bash, or try again when one is free\n"
			if status != exitFailed || w.stderr.String() != want || strings.Contains(w.stdout.String(), "BROKEN") {
				t.Errorf("status %d, want %d, and said: %s%s", status, exitFailed, &w.stdout, &w.stderr)
			}
			if took > time.Minute {
				t.Errorf("it took %v", took)
			}
			w.empty(t)
		})
	}
}
