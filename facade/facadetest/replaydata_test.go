//go:build go1.25

package facadetest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

// What is not compared between the recorded answers and this server's, or compared loosely, stands
// in this file, and nowhere else. Job ids that the server makes are not here: the replay puts one
// for the other, and compares.

// exclusions are the recorded exchanges that are not replayed, by a part of their path or name.
var exclusions = []struct{ part, reason string }{
	{
		"/jobs_u/get_logs/",
		"the library reads logs with getJobUpdates and getJobUpdatesSSE, which give offsets",
	},
	{
		"/resources/get/",
		"the library reads the values of resources only, not what is known about them",
	},
	{"/users/whoami", "no operation of the library"},
	{"/queue/force_cancel/", "the library never cancels by force"},
	{"after the force cancel", "the library never cancels by force"},
}

// excluded reports whether an exchange is not replayed.
func excluded(ex exchange) bool {
	for _, e := range exclusions {
		if strings.Contains(ex.Request.Path, e.part) || strings.Contains(ex.Name, e.part) {
			return true
		}
	}
	return false
}

// loose are the places of bodies that are not compared: each is replaced by the same text on both
// sides.
var loose = []struct {
	reason  string
	pattern *regexp.Regexp
	by      string
}{
	{
		"when things happened",
		regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"`),
		`"TIME"`,
	},
	{"how long a job ran", regexp.MustCompile(`"duration_ms":\d+`), `"duration_ms":N`},
	{
		"which worker ran a job: but its name is as long, since log offsets depend on it",
		regexp.MustCompile(`wk-default-vm-\w{5}`),
		"wk-default-vm-XXXXX",
	},
	{"a Go function needs no memory of its own", regexp.MustCompile(`,"mem_peak":\d+`), ""},
	{
		"what the parser says about broken JSON, and where it broke",
		regexp.MustCompile(`((?i)invalid json|body as JSON): .* at line \d+ column \d+`),
		"$1: WHAT",
	},
	{
		"the children were recorded on another installation, whose administrator has another address",
		regexp.MustCompile(`"email":"admin@windmill.dev"`),
		`"email":"admin@example.com"`,
	},
	{
		"a Go function has no source in bash (the older server shows it unasked)",
		regexp.MustCompile(`"raw_code":"(\\.|[^"\\])*"`),
		`"raw_code":"CODE"`,
	},
	{
		"the recorded servers were built from source; this one claims to be a release image",
		regexp.MustCompile(`^CE .*`),
		"CE VERSION",
	},
}

// looseHeaders are the headers that are not compared.
var looseHeaders = []struct{ name, reason string }{
	{"date", "the recording left it out"},
	{"content-length", "follows from the body, which is compared"},
	{"access-control-allow-origin", "the recording left it out"},
	{"vary", "the recording left it out"},
}

// loosen removes from an answer what is not compared.
func loosen(a answer) answer {
	a.Headers = maps.Clone(a.Headers)
	for _, header := range looseHeaders {
		delete(a.Headers, header.name)
	}
	for _, l := range loose {
		a.Body = l.pattern.ReplaceAllString(a.Body, l.by)
	}
	return a
}

// patience is how long a stream is read. The recorder read one for twelve seconds of a real clock
// and saw the ping of the sixth second, but not that of the twelfth, which was late by the time the
// server's looks had taken.
func patience(ex exchange) time.Duration {
	if ex.Name == "sse: waiting, first 12 s" {
		return 12*time.Second - time.Millisecond
	}
	return 5 * time.Minute
}

// recordedHashes are the hashes that the recorded servers gave to the scripts.
var recordedHashes = map[string]map[string]string{
	"1.743.0": {
		"f/dev/hello": "5a9019383f2ea720", "f/dev/slow": "fcbb0e286a8b26b8",
		"f/dev/fail": "e34959fe25f46b97", "f/dev/str": "1db0b4defffd2c6a",
		"f/dev/null": "b88db2e98e6959dd", "f/dev/quick": "2d5406c63eb13e64",
		"f/dev/big": "18fbb9b46deafff9", "u/admin/private_script": "db788fd043b38dd7",
		"u/dev/mine": "7b4a6343160d889f", "u/dev/unicode": "bfc5f8ddac2df671",
	},
	"1.505.0": {
		"f/dev/hello": "4fd5eda139f2a5b1", "f/dev/slow": "5c834d2636e5a8b3",
		"f/dev/fail": "a1b5b836a81f4949", "f/dev/str": "eb7884cce49c1b0a",
		"f/dev/null": "3ec2d36c100bf109", "f/dev/quick": "c3f7f0d5cda4c7d8",
	},
}

// deployRecordedScripts deploys Go functions that do what the recorded servers' bash scripts did.
func deployRecordedScripts(srv *facadetest.Server, release string) {
	deploy := func(path string, fn func(context.Context, *facadetest.Job) (any, error)) {
		if hash, recorded := recordedHashes[release][path]; recorded {
			srv.Script(path, fn, facadetest.WithHash(hash))
		}
	}
	returns := func(result string) func(context.Context, *facadetest.Job) (any, error) {
		return func(context.Context, *facadetest.Job) (any, error) { return json.RawMessage(result), nil }
	}
	deploy("f/dev/hello", func(_ context.Context, job *facadetest.Job) (any, error) {
		var args struct{ Name string }
		if err := job.Decode(&args); err != nil {
			return nil, err
		}
		job.Logf("hello %s", args.Name)
		return json.RawMessage(
			fmt.Sprintf(`{"n": 12345678901234567890, "msg": "hello %s"}`, args.Name)), nil
	})
	deploy("f/dev/slow", func(ctx context.Context, job *facadetest.Job) (any, error) {
		for i := range 5 {
			job.Logf("step %d", i+1)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			time.Sleep(time.Second)
		}
		return json.RawMessage(`[1, 2, 3]`), nil
	})
	deploy("f/dev/fail", func(_ context.Context, job *facadetest.Job) (any, error) {
		job.Logf("about to fail")
		return nil, &facadetest.ExitError{Code: 3}
	})
	deploy("f/dev/str", func(_ context.Context, job *facadetest.Job) (any, error) {
		job.Logf("just text")
		return "just text", nil
	})
	deploy("u/dev/unicode", func(_ context.Context, job *facadetest.Job) (any, error) {
		time.Sleep(50 * time.Millisecond)
		job.Logf("naïve 你好 🚀")
		time.Sleep(time.Second)
		job.Logf("ünï")
		return json.RawMessage(`{"greeting": "你好 🚀"}`), nil
	})
	deploy("f/dev/null", returns(`null`))
	deploy("f/dev/quick", quick)
	deploy("u/admin/private_script", returns(`null`))
	deploy("u/dev/mine", returns(`null`))
	deploy("f/dev/big", returns(`"`+strings.Repeat("x", 200_000)+`"`))
}

func quick(context.Context, *facadetest.Job) (any, error) {
	return json.RawMessage(`{"ok": true}`), nil
}

func setRecordedResources(srv *facadetest.Server) {
	srv.SetVariable("f/dev/secret", "s3cr3t")
	srv.SetResource("f/dev/inner", map[string]any{"deep": "$var:f/dev/secret"})
	srv.SetResource("f/dev/pg", map[string]any{
		"host": "db", "port": 5432, "password": "$var:f/dev/secret", "inner": "$res:f/dev/inner",
		"arr": []string{"$var:f/dev/secret"}, "big": uint64(12345678901234567890),
	})
	srv.SetResource("f/dev/nullres", nil)
	srv.SetResource("f/dev/list", []int{1, 2})
	srv.SetResource("f/dev/badref", map[string]any{"x": "$var:f/dev/nope"})
	srv.SetResource("u/admin/private", map[string]any{"a": 1})
}

// preparations bring the server into the state in which the exchange of that name was recorded,
// where the exchanges before do not.
var preparations = map[string]func(*testing.T, *replay, exchange){
	"run script with the job_id of a completed job": pass(time.Second),

	"get job: waiting":   submitted("f/dev/hello", `{"name":"w"}`, "tag=nobody", 0),
	"get job: scheduled": submitted("f/dev/hello", `{}`, "scheduled_in_secs=3600", 0),
	"get job: running":   submitted("f/dev/slow", `{}`, "", 500*time.Millisecond),

	"get job: completed f/dev/hello": submitted("f/dev/hello", `{"name":"ada"}`, "", time.Second),
	"get job: completed f/dev/fail":  submitted("f/dev/fail", `{}`, "", time.Second),
	"get job: completed f/dev/str":   submitted("f/dev/str", `{}`, "", time.Second),
	"get job: completed f/dev/null":  submitted("f/dev/null", `{}`, "", time.Second),
	"get job: completed f/dev/quick": submitted("f/dev/quick", `{}`, "", time.Second),

	"sse: null result, only_result, first 4 s": submitted("f/dev/null", `{}`, "", time.Second),

	"cancel running":                  submitted("f/dev/slow", `{}`, "", 500*time.Millisecond),
	"get job: canceled while running": pass(2 * time.Second),

	"get with no token":                   submitted("f/dev/quick", `{}`, "", time.Second),
	"get job: with parent":                pass(time.Second),
	"get job: job of another":             submitted("f/dev/quick", `{}`, "", time.Second),
	"completed list: own jobs":            pass(time.Second),
	"get result maybe: queued, bad token": submitted("f/dev/hello", `{}`, "tag=nobody", 0),

	"sse: logs beyond ASCII, to completion": submitted("u/dev/unicode", `{}`, "", 0),
	"get job: large result":                 submitted("f/dev/big", `{}`, "", time.Second),

	// The children were recorded on another installation, where the script had another hash.
	"child: run, scheduled, with a parent": func(_ *testing.T, r *replay, _ exchange) {
		r.srv.Script("f/dev/quick", quick, facadetest.WithHash("9a4b05f38d55b1b5"))
	},
}

func pass(d time.Duration) func(*testing.T, *replay, exchange) {
	return func(*testing.T, *replay, exchange) { time.Sleep(d) }
}

// submitted submits a job under the id that the exchange asks about, and lets some time pass.
func submitted(script, args, query string, d time.Duration) func(*testing.T, *replay, exchange) {
	return func(t *testing.T, r *replay, ex exchange) {
		t.Helper()
		token := r.srv.Token
		if strings.HasPrefix(script, "u/dev/") {
			token = r.tokens["valid, of a user who is no admin"]
		}
		at := query + "&job_id=" + path.Base(ex.Request.Path)
		if got := submit(t, r.srv, token, script, args, at); got.status != http.StatusCreated {
			t.Fatalf("%s: preparing: %d %s %v", ex.Name, got.status, got.body, got.err)
		}
		time.Sleep(d)
	}
}
