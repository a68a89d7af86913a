//go:build go1.25

package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

func TestAFolderThatHoldsAnythingElseIsRefused(t *testing.T) {
	things := map[string]string{"scripts " + at("mine"): mark}
	for _, kind := range listed743() {
		things[kind+" "+at("greet2")] = ""
		things[kind+" "+at("greet")] = "somebody's"
	}
	things["variables "+at("secret")], things["resources "+at("inner")] = "", "somebody's"
	for thing, words := range things {
		inWorld(t, "1.743.0", func(t *testing.T, w *world) {
			w.deployed.things = map[string]string{thing: words, "scripts " + at("fail"): mark, "folders " + folder: mark}
			if status := w.run(t.Context()); status != exitFailed {
				t.Errorf("%s: status %d, want %d", thing, status, exitFailed)
			}
			for _, part := range []string{"nothing changed", thing, "use another workspace"} {
				if !strings.Contains(w.stderr.String(), part) {
					t.Errorf("no %q in: %s", part, &w.stderr)
				}
			}
			if len(w.deployed.log) > 0 || w.stdout.Len() > 0 {
				t.Errorf("it did %v all the same, and said:\n%s", w.deployed.log, &w.stdout)
			}
		})
	}
}

func TestWhatAnEarlierRunLeftBehindIsRemovedFirst(t *testing.T) {
	inWorld(t, "1.743.0", func(t *testing.T, w *world) {
		w.cfg.only = "version"
		w.deployed.things = map[string]string{"scripts " + at("greet"): mark, "variables " + at("secret"): mark, "folders " + folder: mark}
		if status := w.run(t.Context()); status != 0 {
			t.Errorf("status %d: %s%s", status, &w.stdout, &w.stderr)
		}
		if diff := cmp.Diff([]string{"delete variables " + at("secret"), "delete scripts " + at("greet")}, w.deployed.log[:2]); diff != "" {
			t.Errorf("what it did first (-want +got):\n%s", diff)
		}
		w.empty(t)
	})
}

func TestWhatItDidNotMakeStays(t *testing.T) {
	dir, secret, inner := "folders "+folder, "variables "+at("secret"), "resources "+at("inner")
	for _, test := range []struct {
		name          string
		before, after map[string]string
		set           func(w *world)
	}{
		{"an empty folder", map[string]string{dir: ""}, map[string]string{dir: ""}, func(*world) {}},
		{
			"a folder in which an earlier run left something",
			map[string]string{dir: "somebody's", "scripts " + at("greet"): mark}, map[string]string{dir: "somebody's"}, func(*world) {},
		},
		{"a folder that was made a moment ago", map[string]string{dir: ""}, map[string]string{dir: ""}, func(w *world) {
			w.srv.Inject("GET /w/{ws}/folders/get/{path}", facadetest.Respond(http.StatusNotFound, nil, "Not found: Folder"))
		}},
		{"a variable that the token may not list", map[string]string{secret: ""}, map[string]string{secret: "", dir: mark}, func(w *world) {
			w.deployed.denied["variables/list"] = "variables:read"
		}},
		{"a resource that was made a moment ago", map[string]string{inner: ""}, map[string]string{inner: "", dir: mark}, func(w *world) {
			w.deployed.denied["resources/list"] = "resources:read"
			w.srv.Inject("POST /w/{ws}/resources/create", facadetest.Respond(http.StatusBadRequest, nil,
				`SqlErr: error returned from database: duplicate key value violates unique constraint "resource_pkey"`), facadetest.Nth(2))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, "1.743.0", func(t *testing.T, w *world) {
				w.cfg.only = "version"
				w.deployed.things = test.before
				test.set(w)
				w.run(t.Context())
				if diff := cmp.Diff(test.after, w.deployed.things); diff != "" {
					t.Errorf("what is left (-want +got):\n%s\n%s%s", diff, &w.stdout, &w.stderr)
				}
			})
		})
	}
}

func TestWhatItMayHaveMadeIsRemoved(t *testing.T) {
	for _, kind := range []string{"folders", "scripts", "variables", "resources"} {
		inWorld(t, "1.743.0", func(t *testing.T, w *world) {
			w.srv.Inject("POST /w/{ws}/"+kind+"/create", facadetest.ResetAfter())
			if status := w.run(t.Context()); status != exitFailed || !strings.Contains(w.stderr.String(), "nothing was tried: "+kind+" ") {
				t.Errorf("%s: status %d, want %d: %s%s", kind, status, exitFailed, &w.stdout, &w.stderr)
			}
			w.empty(t)
		})
	}
}

func TestEverythingIsRemovedAfterAnInterruption(t *testing.T) {
	inWorld(t, "1.743.0", func(t *testing.T, w *world) {
		ctx, interrupt := context.WithCancel(t.Context())
		w.deployed.broken["fail"] = func(ctx context.Context, _ *facadetest.Job) (any, error) {
			interrupt()
			<-ctx.Done()
			return nil, ctx.Err()
		}
		if status := w.run(ctx); status != exitFailed {
			t.Errorf("status %d, want %d", status, exitFailed)
		}
		if said := w.stdout.String(); !strings.Contains(said, "Interrupted at: failed script.\n") || !strings.Contains(said, "Removed what was deployed.") {
			t.Errorf("it said:\n%s%s", said, &w.stderr)
		}
		w.empty(t)
	})
}

// fullDisk takes so many writes.
type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left--; d.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestEverythingIsRemovedWhenTheOutputGoesNowhere(t *testing.T) {
	for _, writes := range []int{0, 3, 12, 22} {
		inWorld(t, "1.743.0", func(t *testing.T, w *world) {
			status := run(t.Context(), w.cfg, &fullDisk{writes}, &w.stderr)
			if said := w.stderr.String(); status != exitFailed || !strings.Contains(said, "its output went nowhere: no space left\n") {
				t.Errorf("after %d writes: status %d, want %d, and said: %s", writes, status, exitFailed, said)
			}
			if sent := w.srv.CountRequests("runScriptByPath"); writes < 4 && sent > 1 {
				t.Errorf("after %d writes it went on, with %d runs", writes, sent)
			}
			w.empty(t)
		})
	}
}

func TestEverythingIsRemovedAfterADeploymentThatFailed(t *testing.T) {
	inWorld(t, "1.743.0", func(t *testing.T, w *world) {
		w.srv.Inject("POST /w/{ws}/resources/create", facadetest.Respond(http.StatusBadRequest, nil, "Bad request: no"), facadetest.Nth(2))
		if status := w.run(t.Context()); status != exitFailed {
			t.Errorf("status %d, want %d", status, exitFailed)
		}
		if said := w.stderr.String(); !strings.Contains(said, "nothing was tried: resources inner: ") || !strings.Contains(said, "Bad request: no") {
			t.Errorf("it said: %s", said)
		}
		w.empty(t)
	})
}

func TestWhatCannotBeRemovedIsNamed(t *testing.T) {
	inWorld(t, "1.743.0", func(t *testing.T, w *world) {
		w.cfg.only = "version"
		w.srv.Inject("DELETE /w/{ws}/variables/delete/{path...}", facadetest.Respond(http.StatusBadRequest, nil, "Bad request: no"))
		if status := w.run(t.Context()); status != exitFailed {
			t.Errorf("status %d, want %d", status, exitFailed)
		}
		if said := w.stderr.String(); !strings.Contains(said, "please remove what is left of f/windmill_go_conformance by hand: variables secret: ") {
			t.Errorf("it said: %s", said)
		}
		if diff := cmp.Diff(map[string]string{"variables " + at("secret"): mark}, w.deployed.things); diff != "" {
			t.Errorf("what is left (-want +got):\n%s", diff)
		}
	})
}

func TestWhatTheTokenMayNotDoIsNotTried(t *testing.T) {
	const cancels = "jobs:write, or jobs:cancel, which there is since 1.822"
	for _, test := range []struct {
		name   string
		denied map[string]string
		scopes []string
		skips  map[string]string
	}{
		{"deploy scripts", map[string]string{"scripts/create": "scripts:write"}, nil, map[string]string{
			"run by hash and by path": "scripts:write", "listing": "scripts:write", "cancel a child": "scripts:write",
		}},
		{"deploy variables", map[string]string{"variables/create": "variables:write"}, nil, map[string]string{"resources with references": "variables:write"}},
		{"make folders", map[string]string{"folders/create": "folders:write"}, nil, map[string]string{
			"resources with references": "folders:write", "status": "folders:write",
		}},
		{"cancel jobs", nil, []string{"jobs:run", "jobs:read", "resources:read"}, map[string]string{
			"cancel a scheduled job": cancels, "cancel a running job": cancels, "cancel a child": cancels,
		}},
		{"run jobs", nil, []string{"jobs:read", "resources:read"}, map[string]string{
			"run by hash and by path": "jobs:run:scripts", "many waits": "jobs:run:scripts", "unknown job and script": "jobs:run:scripts",
		}},
		{"read resources", nil, []string{"jobs:run", "jobs:write"}, map[string]string{"resources with references": "resources:read"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, "1.743.0", func(t *testing.T, w *world) {
				w.deployed.denied = test.denied
				w.cfg.token = w.srv.AddToken(facadetest.Access{Scopes: test.scopes})
				if status := w.run(t.Context()); status != 0 {
					t.Errorf("status %d, want 0", status)
				}
				for promise, scope := range test.skips {
					if line := "not tried  " + promise + ": the token lacks the scope " + scope + "\n"; !strings.Contains(w.stdout.String(), line) {
						t.Errorf("no line %q", line)
					}
				}
				if _, cancels := test.skips["cancel a running job"]; cancels != strings.Contains(w.stdout.String(), "\nNot canceled, and over by themselves in 2m0s: job ") {
					t.Errorf("the jobs that go on: named %t, want %t", !cancels, cancels)
				}
				if t.Failed() {
					t.Logf("it said:\n%s", w.said())
				}
				if len(w.deployed.things) > 0 {
					t.Errorf("left behind: %v", w.deployed.things)
				}
			})
		})
	}
}

func TestAFolderStaysWhereTheTokenMayNotSeeAllThatIsInIt(t *testing.T) {
	inWorld(t, "1.743.0", func(t *testing.T, w *world) {
		w.cfg.only = "version"
		w.deployed.denied["flows/list"] = "flows:read"
		if status := w.run(t.Context()); status != 0 {
			t.Errorf("status %d: %s%s", status, &w.stdout, &w.stderr)
		}
		if diff := cmp.Diff(map[string]string{"folders " + folder: mark}, w.deployed.things); diff != "" {
			t.Errorf("what is left (-want +got):\n%s", diff)
		}
		if line := "The folder f/" + folder + " stays, as the token may not tell whether it holds flows.\n"; !strings.Contains(w.stdout.String(), line) {
			t.Errorf("no line %q in: %s", line, &w.stdout)
		}
	})
}

func TestWhoMayNotDeleteScriptsArchivesThem(t *testing.T) {
	inWorld(t, "1.743.0", func(t *testing.T, w *world) {
		w.cfg.only = "version"
		w.deployed.denied["scripts/delete"] = "scripts:admin"
		if status := w.run(t.Context()); status != 0 {
			t.Errorf("status %d: %s%s", status, &w.stdout, &w.stderr)
		}
		w.empty(t)
	})
}

func TestAWrongTokenIsToldBeforeAnythingIsDone(t *testing.T) {
	inWorld(t, "1.743.0", func(t *testing.T, w *world) {
		w.cfg.token = "wrong"
		if status := w.run(t.Context()); status != exitFailed || !strings.Contains(w.stderr.String(), "the token is missing, wrong or expired") {
			t.Errorf("status %d: %s", status, &w.stderr)
		}
	})
}

func TestAWrongCallIsToldWithTheWayOut(t *testing.T) {
	for name, call := range map[string]struct {
		url  string
		args []string
		says string
	}{
		"an argument":               {"http://localhost", []string{"x"}, `unexpected argument "x"`},
		"an incomplete environment": {"", nil, "the environment lacks WM_BASE_URL\n"},
		"an address that is none":   {"localhost:1:2", nil, "not an absolute URL"},
	} {
		t.Setenv("WM_BASE_URL", call.url)
		t.Setenv("WM_TOKEN", "token")
		t.Setenv("WM_WORKSPACE", "test")
		var stdout, stderr bytes.Buffer
		if status := start(t.Context(), call.args, &stdout, &stderr); status != exitUsage || !strings.Contains(stderr.String(), call.says) {
			t.Errorf("%s: status %d: %s", name, status, &stderr)
		}
	}
}
