//go:build go1.25

package main

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

func TestEveryPromiseHoldsInEachRelease(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		t.Run(release, func(t *testing.T) {
			withFake(t, release, func(t *testing.T, f *fake) {
				err := f.run(t.Context(), t)
				t.Log(f.said.String())
				n := len(promises())
				if held := strings.Count(f.said.String(), "\nok         "); err != nil || held != n {
					t.Errorf("%d of %d promises hold, and the error is %v", held, n, err)
				}
			})
		})
	}
}

func TestABrokenPromiseFailsTheRun(t *testing.T) {
	returns := func(result string) scriptFunc {
		return func(context.Context, *facadetest.Job) (any, error) { return result, nil }
	}
	for promise, breaks := range map[string]func(f *fake){
		"version": func(f *fake) {
			f.srv.Inject("backendVersion", facadetest.HTML(http.StatusOK))
		},
		"run by hash and by path": func(f *fake) { f.replaced["greet"] = returns("hello") },
		"cancel a scheduled job": func(f *fake) {
			f.srv.InjectFunc("cancelQueuedJob", func(r *http.Request) facadetest.Fault {
				header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
				return facadetest.Respond(http.StatusOK, header, path.Base(r.URL.Path))
			})
		},
		"live logs": func(f *fake) {
			f.replaced["count"] = func(_ context.Context, job *facadetest.Job) (any, error) {
				job.Logf("line 1\nline 1")
				return nil, nil
			}
		},
		"many waits by path": func(f *fake) { f.replaced["quick"] = returns("another's") },
	} {
		t.Run(promise, func(t *testing.T) {
			withFake(t, "1.743.0", func(t *testing.T, f *fake) {
				f.only(promise)
				breaks(f)
				err := f.run(t.Context(), t)
				line := "\nBROKEN     " + promise + ": "
				if err == nil || !strings.Contains(f.said.String(), line) {
					t.Errorf("error %v, want one and a line %q:\n%s", err, line, &f.said)
				}
			})
		})
	}
}

func TestWaitsThatAreWorseThanAskingAreBroken(t *testing.T) {
	sec := time.Second
	asking := measured{late: []time.Duration{sec / 10, sec / 4, sec / 2}, requests: 100}
	for _, test := range []struct {
		name   string
		waits  measured
		broken string
	}{
		{"as late as asking", asking, ""},
		{"results that come a second late", measured{[]time.Duration{0, sec, sec}, 100}, "later"},
		{"one result that comes a minute late", measured{[]time.Duration{0, 0, 60 * sec}, 100}, "later"},
		{"half as many requests again", measured{asking.late, 150}, "more requests"},
	} {
		if got := test.waits.worse(asking, 1); got != test.broken {
			t.Errorf("%s: %q, want %q", test.name, got, test.broken)
		}
	}
}

func TestCtrlCRemovesWhatWasDeployed(t *testing.T) {
	withFake(t, "1.743.0", func(t *testing.T, f *fake) {
		ctx, interrupt := context.WithCancel(t.Context())
		f.replaced["fail"] = func(ctx context.Context, _ *facadetest.Job) (any, error) {
			interrupt()
			<-ctx.Done()
			return nil, ctx.Err()
		}
		err := f.run(ctx, t)
		if err == nil || err.Error() != "interrupted at: failed script" {
			t.Errorf("error %v, want the interruption:\n%s", err, &f.said)
		}
		for _, job := range f.srv.Jobs() {
			if job.CompletedAt.IsZero() && !job.Canceled {
				t.Errorf("job %s of %s was left running", job.ID, job.Path)
			}
		}
	})
}

func TestWhatTheTokenMayNotDoIsNotTried(t *testing.T) {
	for _, test := range []struct {
		promise, lacks string
		scopes         []string
	}{
		{"resources with references", "resources:read", []string{"jobs:run", "jobs:write"}},
		{"cancel a running job", "jobs:write", []string{"jobs:run", "jobs:read"}},
		{"live logs", "jobs:run:scripts", []string{"jobs:read", "resources:read"}},
	} {
		t.Run(test.promise, func(t *testing.T) {
			withFake(t, "1.743.0", func(t *testing.T, f *fake) {
				f.only(test.promise)
				t.Setenv("WM_TOKEN", f.srv.AddToken(facadetest.Access{Scopes: test.scopes}))
				err := f.run(t.Context(), t)
				line := fmt.Sprintf("\nnot tried  %s: the token lacks the scope %s", test.promise, test.lacks)
				if err != nil || !strings.Contains(f.said.String(), line) {
					t.Errorf("error %v, want none and a line %q:\n%s", err, line, &f.said)
				}
			})
		})
	}
}

func TestAServerThatIsNotNamedIsNotTried(t *testing.T) {
	t.Setenv("WM_BASE_URL", "http://localhost:8000")
	t.Setenv("WM_TOKEN", "")
	t.Setenv("WM_WORKSPACE", "")
	err := new(fake).run(t.Context(), t)
	if err == nil || err.Error() != "set WM_TOKEN and WM_WORKSPACE to name the server to try" {
		t.Errorf("error %v", err)
	}
}
