package facadetest_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

func TestClientRunsAScriptOnTheServer(t *testing.T) {
	ctx := within(t, time.Minute)
	srv := newServer(t)
	hash := srv.Script("f/demo/greet", func(_ context.Context, job *facadetest.Job) (any, error) {
		var args struct{ Name string }
		if err := job.Decode(&args); err != nil {
			return nil, err
		}
		return map[string]string{"msg": "hello " + args.Name}, nil
	})
	for _, script := range []string{"f/demo/greet", hash} {
		raw, err := srv.Client().RunScriptSync(ctx, script, map[string]any{"name": "ada"})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(raw), `{"msg":"hello ada"}`; got != want {
			t.Errorf("running %s gave %s, want %s", script, got, want)
		}
	}
}

func TestAPIIsUnderAPIOnly(t *testing.T) {
	srv := newServer(t)
	if strings.HasSuffix(srv.URL, "/") || strings.Contains(srv.URL, "/api") {
		t.Errorf("URL is %q, want it without /api and without a slash at its end", srv.URL)
	}
	for path, want := range map[string]int{"/api/version": 200, "/version": 404, "/api/version/": 404, "/api/": 404, "/": 404, "/apiversion": 404, "/api//version": 404} {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("GET %s: %d, want %d", path, resp.StatusCode, want)
		}
		if contentType, sent := resp.Header["Content-Type"]; want == 404 && sent {
			t.Errorf("GET %s: content type %q, want none", path, contentType)
		}
	}
}

func TestUnknownMethodIsRefusedAfterTheToken(t *testing.T) {
	srv := newServer(t)
	got := ask(t, srv, srv.Token, http.MethodDelete, "w/test/jobs/run/p/f/demo/x", "")
	if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != http.MethodPost {
		t.Errorf("with a token: %d, Allow %q; want 405, POST", got.status, got.header.Get("Allow"))
	}
	if got := ask(t, srv, "", http.MethodDelete, "w/test/jobs/run/p/f/demo/x", ""); got.status != http.StatusUnauthorized {
		t.Errorf("without a token: %d, want 401", got.status)
	}
}

func TestScriptHashes(t *testing.T) {
	ctx := within(t, time.Minute)
	srv := newServer(t)
	first := srv.Script("f/demo/x", returning(1))
	second := srv.Script("f/demo/x", returning(2))
	for _, hash := range []string{first, second} {
		if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(hash) {
			t.Errorf("hash %q, want 16 hexadecimal digits", hash)
		}
	}
	if first == second {
		t.Errorf("both versions have the hash %s", first)
	}
	got := map[string]string{}
	for name, script := range map[string]string{"first": first, "second": second, "path": "f/demo/x"} {
		raw, err := srv.Client().RunScriptSync(ctx, script, nil)
		if err != nil {
			t.Fatal(err)
		}
		got[name] = string(raw)
	}
	if diff := cmp.Diff(map[string]string{"first": "1", "second": "2", "path": "2"}, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if hash := srv.Script("f/demo/y", returning(3), facadetest.WithHash("00000000DEADBEEF")); hash != "00000000deadbeef" {
		t.Errorf("WithHash gave %s", hash)
	}
}

func TestMistakesOfATestPanicWithTheWayOut(t *testing.T) {
	srv := newServer(t)
	for name, c := range map[string]struct {
		do   func()
		want string
	}{
		"a negative number of workers":          {func() { facadetest.Workers(-1) }, "cannot be negative"},
		"a delay before the due time":           {func() { facadetest.StartDelay(-1) }, "cannot be negative"},
		"a release that cannot be played":       {func() { facadetest.Release("1.0.0") }, `want one of ["1.743.0" "1.505.0"]`},
		"a negative number of requests to keep": {func() { facadetest.KeepRequests(-1) }, "cannot be negative"},
		"a hash that is none":                   {func() { facadetest.WithHash("xyz") }, "16 hexadecimal digits"},
		"a resource that is not JSON":           {func() { srv.SetResource("f/a/b", make(chan int)) }, "f/a/b"},
		"a fault of an unknown operation":       {func() { srv.Inject("runScript", facadetest.Hang()) }, "runScriptByHash"},
		"a deciding fault of one":               {func() { srv.InjectFunc("nope", nil) }, "runScriptByHash"},
		"a count of an unknown operation":       {func() { srv.CountRequests("nope") }, "runScriptByHash"},
		"a cut before the beginning":            {func() { facadetest.CutBody(-1) }, "cannot be negative"},
		"an answer that is no answer":           {func() { facadetest.Respond(100, nil, "") }, "status"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := panics(c.do); !strings.Contains(got, c.want) || !strings.HasPrefix(got, "facadetest: ") {
				t.Errorf("panic %q, want one that begins with the package's name and contains %q", got, c.want)
			}
		})
	}
}

func TestCloseEndsScriptsAndStreamsAndWaitsForThem(t *testing.T) {
	srv := facadetest.NewServer()
	started := make(chan struct{})
	ended := false
	srv.Script("f/demo/long", func(ctx context.Context, _ *facadetest.Job) (any, error) {
		close(started)
		<-ctx.Done()
		ended = true
		return nil, ctx.Err()
	})
	id := run(t, srv, "f/demo/long", "{}", "")
	<-started
	streamed := make(chan reply)
	go func() { streamed <- get(t, srv, "w/test/jobs_u/getupdate_sse/"+id) }()
	hung := make(chan reply)
	srv.Inject("backendVersion", facadetest.Hang())
	go func() { hung <- get(t, srv, "version") }()
	for srv.CountRequests("getJobUpdatesSSE")+srv.CountRequests("backendVersion") < 2 {
		time.Sleep(time.Millisecond)
	}
	srv.Close()
	if !ended {
		t.Error("Close returned before the script's function did")
	}
	if got := <-streamed; got.err == nil && strings.Contains(got.body, `"completed":true`) {
		t.Errorf("the stream ended with %q, want it broken off", got.body)
	}
	if got := <-hung; got.err == nil {
		t.Errorf("the hanging request got %d, want an error", got.status)
	}
	srv.Close() // does nothing
	if got := get(t, srv, "version"); got.err == nil {
		t.Error("the server still answers after Close")
	}
}

func TestRequestsAreWrittenDown(t *testing.T) {
	srv := newServer(t)
	srv.Script("f/demo/x", returning(1))
	run(t, srv, "f%2Fdemo%2Fx", `{"a":1}`, "tag=other")
	get(t, srv, "nope")
	type entry struct{ Operation, Method, Path, Tag, Body, Authorization string }
	var got []entry
	for _, r := range srv.Requests() {
		if r.Time.IsZero() {
			t.Errorf("%s: no time", r.Path)
		}
		got = append(got, entry{r.Operation, r.Method, r.Path, r.Query.Get("tag"), string(r.Body), r.Header.Get("Authorization")})
	}
	want := []entry{
		{"runScriptByPath", "POST", "/api/w/test/jobs/run/p/f%2Fdemo%2Fx", "other", `{"a":1}`, "Bearer " + srv.Token},
		{"", "GET", "/api/nope", "", "", "Bearer " + srv.Token},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestOnlyTheLatestRequestsAreKeptButAllAreCounted(t *testing.T) {
	for _, keep := range []int{0, 1, 3} {
		srv := newServer(t, facadetest.KeepRequests(keep))
		for range 10 {
			get(t, srv, "version")
		}
		get(t, srv, "nope")
		if got := len(srv.Requests()); got != keep {
			t.Errorf("KeepRequests(%d) kept %d", keep, got)
		}
		if all, version := srv.CountRequests(""), srv.CountRequests("backendVersion"); all != 11 || version != 10 {
			t.Errorf("KeepRequests(%d): counted %d and %d, want 11 and 10", keep, all, version)
		}
	}
}
