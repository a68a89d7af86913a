package facadetest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

func TestAPIIsUnderAPIOnly(t *testing.T) {
	srv := newServer(t)
	if strings.HasSuffix(srv.URL, "/") || strings.Contains(srv.URL, "/api") {
		t.Errorf("URL is %q, want it without /api and without a slash at its end", srv.URL)
	}
	for path, want := range map[string]int{
		"/api/version": 200, "/version": 404, "/api/version/": 404, "/api/": 404, "/": 404,
		"/apiversion": 404, "/api//version": 404,
	} {
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
	for path, c := range map[string]struct {
		allow   string
		noToken int // the status without a token
	}{
		"w/test/jobs/run/p/f/demo/x":  {"POST", 401},
		"w/test/jobs/completed/list":  {"GET, HEAD", 401},
		"w/test/jobs_u/get/" + someID: {"GET, HEAD", 405},
		"version":                     {"GET, HEAD", 405},
	} {
		got := ask(t, srv, srv.Token, http.MethodDelete, path, "")
		if allow := got.header.Get("Allow"); got.status != 405 || allow != c.allow {
			t.Errorf("%s: %d, Allow %q; want 405, %s", path, got.status, allow, c.allow)
		}
		if got := ask(t, srv, "", http.MethodDelete, path, ""); got.status != c.noToken {
			t.Errorf("%s: %d without a token, want %d", path, got.status, c.noToken)
		}
	}
}

// echo answers with what it was called with.
func echo(values ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.EscapedPath(), body)
		for _, name := range values {
			_, _ = fmt.Fprintf(w, " %s=%q", name, r.PathValue(name))
		}
	}
}

func TestHandleAddsRoutesThatMatchAsTheRealServersDo(t *testing.T) {
	srv := newServer(t)
	srv.Handle("GET /w/{workspace}/variables/get/{path...}", echo("workspace", "path"))
	srv.Handle("POST /w/{workspace}/variables/create", echo())
	srv.Handle("/w/{workspace}/flows/{id}", echo("id"))
	srv.Handle("/w/{workspace}/{rest...}", echo("rest"))
	srv.Handle("GET /users/whoami", echo())
	const get = "w/test/variables/get/"
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"raw slashes": {
			"GET", get + "f/a/b", "", 200, "GET /api/" + get + `f/a/b  workspace="test" path="f/a/b"`,
		},
		"escaped slashes": {
			"GET", get + "f%2Fa%2Fb", "", 200,
			"GET /api/" + get + `f%2Fa%2Fb  workspace="test" path="f/a/b"`,
		},
		"dot segments": {
			"GET", get + "f/../b", "", 200,
			"GET /api/" + get + `f/../b  workspace="test" path="f/../b"`,
		},
		"an empty segment": {
			"GET", get + "/f//a", "", 200,
			"GET /api/" + get + `/f//a  workspace="test" path="/f//a"`,
		},
		"a body": {
			"POST", "w/test/variables/create", `{"a":1}`, 200,
			`POST /api/w/test/variables/create {"a":1}`,
		},
		"any method": {
			"DELETE", "w/test/flows/7", "", 200, `DELETE /api/w/test/flows/7  id="7"`,
		},
		"a slash within a segment": {
			"PUT", "w/test/flows/a%2Fb", "", 200, `PUT /api/w/test/flows/a%2Fb  id="a/b"`,
		},
		"a wildcard without anything": {"GET", get, "", 404, ""},
		"a segment without anything":  {"GET", "w//variables/get/f/a", "", 404, ""},
		"another method":              {"POST", "users/whoami", "{}", 405, ""},
		"a more specific one":         {"GET", "w/test/jobs_u/get/nonsense", "", 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, srv, srv.Token, c.method, c.path, c.body)
			if got.err != nil || got.status != c.status || c.want != "" && got.body != c.want {
				t.Errorf("got %d %q %v, want %d %q", got.status, got.body, got.err, c.status, c.want)
			}
			if c.status == http.StatusMethodNotAllowed && got.header.Get("Allow") == "" {
				t.Error("no Allow header")
			}
		})
	}
}

func TestHandledRoutesAreBehindTokensFaultsAndTheRequestLog(t *testing.T) {
	const pattern, path = "/w/{workspace}/variables/get/{path...}", "w/test/variables/get/f/a"
	srv := newServer(t)
	srv.Handle(pattern, echo())
	srv.Handle("GET /users/email", echo())
	member := srv.AddToken(facadetest.Access{User: "dev"})
	limited := srv.AddToken(facadetest.Access{ReadOnly: true})
	for name, c := range map[string]struct {
		token, method, path string
		status              int
	}{
		"no token":                             {"", "GET", path, 401},
		"another user":                         {member, "GET", path, 200},
		"another user in another workspace":    {member, "GET", "w/other/variables/get/f/a", 401},
		"another user without a workspace":     {member, "GET", "users/email", 200},
		"a read-only token that writes":        {limited, "POST", path, 403},
		"no token and a path that is not here": {"", "GET", "nope", 404},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(t, srv, c.token, c.method, c.path, ""); got.status != c.status {
				t.Errorf("got %d %q %v, want %d", got.status, got.body, got.err, c.status)
			}
		})
	}

	before := srv.CountRequests(pattern)
	remove := srv.Inject(pattern, facadetest.Respond(http.StatusTeapot, nil, ""))
	if got := get(t, srv, path); got.status != http.StatusTeapot {
		t.Errorf("with a fault: %d %q", got.status, got.body)
	}
	remove()
	srv.Inject("", facadetest.CutBody(3))
	if got := get(t, srv, path); got.body != "GET" || got.err == nil {
		t.Errorf("with a cut: %q %v", got.body, got.err)
	}
	log := srv.Requests()
	if diff := cmp.Diff(pattern, log[len(log)-1].Operation); diff != "" {
		t.Errorf("operation (-want +got):\n%s", diff)
	}
	if got := srv.CountRequests(pattern) - before; got != 2 {
		t.Errorf("counted %d requests, want 2", got)
	}
}

func TestHandleRefusesBadPatternsWithTheReason(t *testing.T) {
	srv := newServer(t)
	srv.Handle("GET /users/whoami", echo())
	for name, c := range map[string]struct{ pattern, want string }{
		"nothing":                      {"", `want a pattern such as "GET /w/`},
		"a host":                       {"GET example.com/version", `want a pattern such as "GET /w/`},
		"the prefix":                   {"GET /api/version", "leave it out"},
		"a broken wildcard":            {"GET /w/{", "wildcard"},
		"the same once more":           {"GET /users/whoami", "conflicts"},
		"an operation that is here":    {"GET /w/{x}/jobs_u/get/{y}", "conflicts"},
		"a pattern that is less exact": {"GET /{x}/whoami", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := panics(func() { srv.Handle(c.pattern, echo()) })
			if c.want == "" && got == "" {
				return
			}
			if !strings.HasPrefix(got, "facadetest: Handle(") || !strings.Contains(got, c.want) ||
				strings.Contains(got, ".go") {
				t.Errorf("panic %q, want one with %q", got, c.want)
			}
		})
	}
	if got := panics(func() { srv.Handle("GET /settings", nil) }); !strings.Contains(got, "nil") {
		t.Errorf("a nil handler: panic %q", got)
	}
	if got := panics(func() { srv.Inject("GET /nope", facadetest.Hang()) }); !strings.Contains(got,
		"GET /users/whoami") {
		t.Errorf("a fault on an unknown pattern: panic %q", got)
	}
}
