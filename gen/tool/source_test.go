package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatIsNoDescriptionIsRefusedAndNothingChanges(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join(sourceDir, "api", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := withLF(whole)
	half := text[:len(text)/2]
	answer := func(contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write([]byte(body))
		}
	}
	cases := []struct {
		name   string
		text   string           // of a file, or
		serve  http.HandlerFunc // from a server
		errors string
	}{
		{name: "no YAML", text: "openapi: [3.0.3\ninfo: {", errors: "cannot use"},
		{name: "nothing", text: "\n", errors: "it describes no operations"},
		{name: "a text", text: "Service Unavailable", errors: "cannot use"},
		{name: "a list", text: "- openapi\n- 3.0.3\n", errors: "cannot use"},
		{name: "another kind of document", text: "openapi: 3.0.3\ninfo: {title: x, version: \"1\"}\n", errors: "it describes no operations"},
		{name: "maps and lists in each other's places, that contain themselves", errors: "`getJob`: want a map, not 3, at #/paths/~1w/get/parameters/1\n",
			text: "openapi: 3.0.3\ninfo: {version: 1}\npaths: &p\n  /version: *p\n  get: {operationId: backendVersion, responses: [*p], parameters: {a: *p}}\n" +
				"  /w: {get: {operationId: getJob, parameters: [null, 3, *p], responses: {200: {content: {application/json: {schema: &s {allOf: [*s, *s], items: *s}}}}}}}\n"},
		{name: "Swagger", text: strings.Replace(text, "openapi: 3.0.3", "swagger: \"2.0\"", 1), errors: "it is Swagger 2.0; only OpenAPI 3.0 and 3.1 can be read"},
		{name: "a newer OpenAPI", text: strings.Replace(text, "openapi: 3.0.3", "openapi: 3.2.0", 1), errors: "it is OpenAPI 3.2.0; only 3.0 and 3.1 can be read"},
		{name: "no version", text: strings.Replace(text, "  version: 7.1.0\n", "", 1), errors: "it does not say which version of Windmill it describes (info.version)"},
		{name: "an empty version", text: strings.Replace(text, "  version: 7.1.0\n", "  version: \"\"\n", 1), errors: "it does not say which version of Windmill it describes (info.version)"},
		{name: "a version that is none", text: strings.Replace(text, "  version: 7.1.0\n", "  version: {}\n", 1), errors: "it does not say which version of Windmill it describes (info.version)"},
		{name: "an HTML page", text: "\n<!DOCTYPE html><html><body>Windmill</body></html>", errors: "an HTML"},
		{name: "half a description", text: half, errors: "`cancelQueuedJob`: no such operation"},
		{name: "a reference to nothing", text: strings.Replace(text, "components/parameters/ID\"", "components/parameters/Nobody\"", 1), errors: "Nobody"},
		{name: "a reference to a file that is not there", text: strings.ReplaceAll(text, "#/components/parameters/GetStarted", "../gone.yaml#/x"), errors: "gone.yaml"},
		{name: "an HTML page from a server", serve: answer("text/html", "<html>sign in</html>"), errors: "/api/openapi.yaml"},
		{name: "an HTML page with another label", serve: answer("application/yaml", "<html>sign in</html>"), errors: "/api/openapi.yaml"},
		{name: "an error of a server", serve: http.NotFound, errors: "404 Not Found"},
		{name: "a redirection to what is no URL", errors: "the server redirects to what is no URL\n", serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://me:%zz@example.com")
			w.WriteHeader(http.StatusFound)
		}},
		{name: "a reference from a server to a file here", serve: answer("text/yaml", strings.ReplaceAll(text, "#/components/parameters/GetStarted", "file:///etc/hostname")), errors: "leads elsewhere"},
		{name: "a server that breaks off", errors: "broke off after", serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000")
			_, _ = w.Write([]byte(half))
		}},
		{name: "a server that breaks off without having told the length", errors: "broke off after", serve: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(half))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}},
	}
	p := newProject(t)
	before := p.files()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var upstream string
			if c.serve != nil {
				server := httptest.NewServer(c.serve)
				defer server.Close()
				upstream = server.URL + "/api/openapi.yaml"
			} else {
				upstream = described(t, c.text)
			}
			for _, command := range []string{"spec", "drift", "update"} {
				got := p.run(command, upstream)
				if got.status != 1 || !strings.Contains(got.stderr, c.errors) || got.stdout != "" ||
					!strings.Contains(got.stderr, "\nopenapi.yaml and gen/ are as they were. ") {
					t.Errorf("%s: %+v, want status 1 and an error with %q", command, got, c.errors)
				}
				if diff := cmp.Diff(before, p.files()); diff != "" {
					t.Errorf("%s: files (-before +after):\n%s", command, diff)
				}
			}
		})
	}
}

func TestAServerThatStopsSendingCanBeInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("openapi: 3.0.3\n"))
		_ = http.NewResponseController(w).Flush()
		interrupt()
		<-r.Context().Done()
	}))
	defer server.Close()
	p := newProject(t)
	before := p.files()
	if got := p.runContext(ctx, "spec", server.URL); got.status != 1 || !strings.Contains(got.stderr, "interrupted\nopenapi.yaml and gen/ are as they were") {
		t.Errorf("spec: %+v", got)
	}
	if diff := cmp.Diff(before, p.files()); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

func TestUsage(t *testing.T) {
	p := newProject(t)
	for _, args := range [][]string{{}, {"upgrade", "x"}, {"-quick", "spec", "x"}, {"spec", "x", "y"}} {
		if got := p.run(args...); got.status != 2 || !strings.Contains(got.stderr, "-accept") {
			t.Errorf("%q: %+v, want status 2 and the usage", args, got)
		}
	}
}

func TestTheDescriptionMayBeNamedByTheEnvironment(t *testing.T) {
	p := newProject(t)
	for _, args := range [][]string{{"drift"}, {"drift", ""}} {
		t.Setenv("WINDMILL_UPSTREAM", "")
		want := outcome{status: 2, stderr: "say which description: make drift UPSTREAM=<file or URL>\n"}
		if diff := cmp.Diff(want, p.run(args...), cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%q without it (-want +got):\n%s", args, diff)
		}
		t.Setenv("WINDMILL_UPSTREAM", edited(t, "url: /api", "url: '/api'"))
		if got := p.run(args...); got.status != 0 {
			t.Errorf("%q with it: %+v", args, got)
		}
	}
}
