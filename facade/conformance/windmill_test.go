//go:build go1.25

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.com/windmill/facade/facadetest"
)

// listed743 returns the kinds of things in a folder that 1.743 lists. Another release lacks some, or has more.
func listed743() []string {
	return []string{
		"scripts", "variables", "resources", "flows", "apps", "raw_apps", "schedules",
		"http_triggers", "websocket_triggers", "kafka_triggers", "nats_triggers", "mqtt_triggers", "sqs_triggers",
		"gcp_triggers", "azure_triggers", "postgres_triggers", "email_triggers",
	}
}

type scriptFunc = func(context.Context, *facadetest.Job) (any, error)

// deployments plays the part of Windmill that scripts, variables, resources and folders are deployed with. In the place of a script in
// bash it deploys a function that does the same.
type deployments struct {
	srv    *facadetest.Server
	denied map[string]string // the scope that is said to lack, by the kind and the verb: "scripts/create"
	broken map[string]scriptFunc

	mu     sync.Mutex
	things map[string]string // what there is, "scripts f/…/greet", and its summary or description
	log    []string          // what was asked for, in order, but for what only looks
}

func newDeployments(srv *facadetest.Server) *deployments {
	return &deployments{srv: srv, things: map[string]string{}, denied: map[string]string{}, broken: map[string]scriptFunc{}}
}

// handle adds the routes to the server.
func (d *deployments) handle() {
	for pattern, handle := range map[string]http.HandlerFunc{
		"GET /w/{ws}/users/whoami":                 func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"username":"admin"}`) },
		"GET /jobs/db_clock":                       func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, time.Now().UnixMilli()) },
		"GET /w/{ws}/folders/get/{path}":           d.getFolder,
		"DELETE /w/{ws}/folders/delete/{path}":     d.remove("folders"),
		"POST /w/{ws}/folders/create":              d.create("folders"),
		"POST /w/{ws}/scripts/delete/p/{path...}":  d.remove("scripts"),
		"POST /w/{ws}/scripts/archive/p/{path...}": d.remove("scripts"),
	} {
		d.srv.Handle(pattern, handle)
	}
	for _, kind := range listed743() {
		d.srv.Handle("GET /w/{ws}/"+kind+"/list", d.list(kind))
		d.srv.Handle("POST /w/{ws}/"+kind+"/create", d.create(kind))
		d.srv.Handle("DELETE /w/{ws}/"+kind+"/delete/{path...}", d.remove(kind))
	}
}

func (d *deployments) getFolder(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	summary, ok := d.things["folders "+r.PathValue("path")]
	if !ok {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "Not found: Folder not found")
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"name": r.PathValue("path"), "summary": summary})
}

// deny answers for what the token may not do.
func (d *deployments) deny(w http.ResponseWriter, what string) bool {
	scope, denied := d.denied[what]
	if denied {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "Permission denied: Access denied. Required scope: %s", scope)
	}
	return denied
}

func (d *deployments) list(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if d.deny(w, kind+"/list") {
			return
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		says := "description"
		if kind == "scripts" {
			says = "summary"
		}
		items := []map[string]string{}
		for t, words := range d.things {
			if path, ok := strings.CutPrefix(t, kind+" "); ok && strings.HasPrefix(path, r.URL.Query().Get("path_start")) {
				items = append(items, map[string]string{"path": path, says: words})
			}
		}
		_ = json.NewEncoder(w).Encode(items)
	}
}

func (d *deployments) remove(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		verb := "delete"
		if strings.Contains(r.URL.Path, "/archive/") {
			verb = "archive"
		}
		if d.deny(w, kind+"/"+verb) {
			return
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.log = append(d.log, verb+" "+kind+" "+r.PathValue("path"))
		delete(d.things, kind+" "+r.PathValue("path"))
	}
}

func (d *deployments) create(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if d.deny(w, kind+"/create") {
			return
		}
		var body struct {
			Name, Path, Content  string
			Summary, Description string
			Parent               string `json:"parent_hash"`
			Value                any
		}
		decoder := json.NewDecoder(r.Body)
		decoder.UseNumber()
		if err := decoder.Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		name := kind + " " + body.Path + body.Name
		if _, exists := d.things[name]; exists && body.Parent == "" {
			http.Error(w, "Bad request: "+name+" exists", http.StatusBadRequest)
			return
		}
		d.things[name] = body.Summary + body.Description
		d.log = append(d.log, "create "+name)
		w.WriteHeader(http.StatusCreated)
		switch kind {
		case "scripts":
			fmt.Fprint(w, d.srv.Script(body.Path, d.function(body.Path, body.Content)))
		case "variables":
			d.srv.SetVariable(body.Path, body.Value.(string))
		case "resources":
			d.srv.SetResource(body.Path, body.Value)
		}
	}
}

// function returns what does the same as a script.
func (d *deployments) function(path, content string) scriptFunc {
	name := strings.TrimPrefix(path, at(""))
	if fn := d.broken[name]; fn != nil {
		return fn
	}
	switch name {
	case "greet":
		words := "hello "
		if strings.Contains(content, "again") {
			words = "hello again "
		}
		return func(_ context.Context, job *facadetest.Job) (any, error) { return words + argument(job, "name"), nil }
	case "echo":
		return func(_ context.Context, job *facadetest.Job) (any, error) {
			return json.RawMessage(argument(job, "value")), nil
		}
	case "large":
		return func(_ context.Context, job *facadetest.Job) (any, error) {
			var args struct{ Bytes int }
			err := job.Decode(&args)
			return strings.Repeat("x", args.Bytes), err
		}
	case "fail":
		return func(context.Context, *facadetest.Job) (any, error) {
			return nil, &facadetest.Failure{Result: map[string]any{"error": map[string]any{
				"name": "ExecutionErr", "message": "exit code for \"bash run\": 3, last log lines:\nno such day", "exit_code": 3,
			}}}
		}
	case "sleep":
		return sleepScript
	case "count":
		return func(ctx context.Context, job *facadetest.Job) (any, error) { return countScript(ctx, job, 1) }
	case "once":
		return func(_ context.Context, job *facadetest.Job) (any, error) {
			return fmt.Sprint(job.ID, " ", rand.Uint64()), nil
		}
	}
	return func(context.Context, *facadetest.Job) (any, error) {
		return nil, fmt.Errorf("there is no function for %s", path)
	}
}

func argument(job *facadetest.Job, name string) string {
	var args map[string]string
	if err := job.Decode(&args); err != nil {
		return err.Error()
	}
	return args[name]
}

func sleepScript(ctx context.Context, job *facadetest.Job) (any, error) {
	var args struct{ Seconds int }
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	pause(ctx, time.Duration(args.Seconds)*time.Second)
	return "slept", ctx.Err()
}

// countScript writes each line as often as it is told.
func countScript(ctx context.Context, job *facadetest.Job, times int) (any, error) {
	var args struct {
		Lines int
		Every float64
	}
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	for n := range args.Lines {
		for range times {
			job.Logf("line %d", n+1)
		}
		pause(ctx, time.Duration(args.Every*float64(time.Second)))
	}
	return "counted", ctx.Err()
}
