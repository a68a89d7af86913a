//go:build go1.25

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

type scriptFunc = func(context.Context, *facadetest.Job) (any, error)

// fake is a server to try, with the routes that deploy folders, scripts, variables and resources.
// Instead of a script in bash it deploys a function that does the same.
type fake struct {
	srv       *facadetest.Server
	transport http.RoundTripper
	promises  []promise             // to try
	replaced  map[string]scriptFunc // by name
	said      bytes.Buffer

	mu       sync.Mutex
	deployed map[string]bool // kind and path
}

// withFake calls test with a server of a release, inside a bubble.
func withFake(t *testing.T, release string, test func(t *testing.T, f *fake)) {
	t.Helper()
	set := func(url, token, workspace string) {
		t.Setenv("WM_BASE_URL", url)
		t.Setenv("WM_TOKEN", token)
		t.Setenv("WM_WORKSPACE", workspace)
	}
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer(facadetest.Release(release))
		defer srv.Close()
		f := &fake{
			srv: srv, transport: srv.HTTPClient().Transport, promises: promises(),
			replaced: map[string]scriptFunc{}, deployed: map[string]bool{},
		}
		f.handle()
		set(srv.URL, srv.Token, srv.Workspace)
		test(t, f)
	})
}

// run runs the program, and checks that it leaves nothing behind.
func (f *fake) run(ctx context.Context, t *testing.T) error {
	t.Helper()
	err := run(ctx, f.transport, f.promises, &f.said)
	if len(f.deployed) > 0 {
		t.Errorf("left behind: %v", f.deployed)
	}
	return err
}

// only leaves the promise of this name.
func (f *fake) only(name string) {
	f.promises = slices.DeleteFunc(f.promises, func(p promise) bool { return p.name != name })
}

func (f *fake) handle() {
	for _, kind := range []string{"folders", "scripts", "variables", "resources"} {
		f.srv.Handle("POST /w/{ws}/"+kind+"/create", f.create(kind))
		f.srv.Handle("DELETE /w/{ws}/"+kind+"/delete/{path...}", f.remove(kind))
	}
	f.srv.Handle("POST /w/{ws}/scripts/delete/p/{path...}", f.remove("scripts"))
	f.srv.Script("f/flows/skipped", func(context.Context, *facadetest.Job) (any, error) {
		return "nothing to do", facadetest.ErrSkipped
	})
	f.srv.Handle("POST /w/{ws}/jobs/run/preview_flow", http.HandlerFunc(f.runFlow))
}

func (f *fake) runFlow(w http.ResponseWriter, r *http.Request) {
	id, err := f.srv.Client().RunScriptAsync(r.Context(), "f/flows/skipped", nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusCreated)
	fmt.Fprint(w, id)
}

func (f *fake) remove(kind string) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.deployed, kind+" "+r.PathValue("path"))
	}
}

func (f *fake) create(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Name, Path, Content string
			Value               any
		}
		decoder := json.NewDecoder(r.Body)
		decoder.UseNumber()
		if err := decoder.Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.mu.Lock()
		f.deployed[kind+" "+body.Path+body.Name] = true
		f.mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		switch kind {
		case "scripts":
			fmt.Fprint(w, f.srv.Script(body.Path, f.function(path.Base(body.Path), body.Content)))
		case "variables":
			f.srv.SetVariable(body.Path, body.Value.(string))
		case "resources":
			f.srv.SetResource(body.Path, body.Value)
		}
	}
}

// arguments are those of all scripts.
type arguments struct {
	Name, Value    string
	Bytes, Seconds int
	Lines          int
	Every          float64
}

// function returns what does the same as a script.
func (f *fake) function(name, content string) scriptFunc {
	return func(ctx context.Context, job *facadetest.Job) (any, error) {
		if replaced := f.replaced[name]; replaced != nil {
			return replaced(ctx, job)
		}
		var args arguments
		if err := job.Decode(&args); err != nil {
			return nil, err
		}
		switch name {
		case "greet":
			again := strings.Contains(content, "again")
			return map[bool]string{false: "hello ", true: "hello again "}[again] + args.Name, nil
		case "echo":
			return json.RawMessage(args.Value), nil
		case "large":
			return strings.Repeat("x", args.Bytes), nil
		case "fail":
			job.Logf("no such day")
			return nil, &facadetest.ExitError{Code: 3}
		case "sleep":
			job.Logf("sleeping")
			pause(ctx, time.Duration(args.Seconds)*time.Second)
			return "slept", ctx.Err()
		case "count":
			for n := range args.Lines {
				job.Logf("line %d", n+1)
				pause(ctx, time.Duration(args.Every*float64(time.Second)))
			}
			return "counted", nil
		default: // quick and once
			pause(ctx, 40*time.Millisecond)
			return fmt.Sprint(job.ID, " ", rand.Uint64()), nil
		}
	}
}
