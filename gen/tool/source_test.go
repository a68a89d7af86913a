package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// serving returns a server that answers every request with one text.
func serving(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestWhatIsNotADescriptionIsRefusedAndNothingChanges(t *testing.T) {
	whole := readFile(t, upstream)
	half := whole[:strings.Index(whole, "  /w/{workspace}/jobs_u/queue/cancel")]
	page := "\n<!DOCTYPE html><html><body>Windmill</body></html>"
	cases := []struct{ name, text, want string }{
		{"it is not YAML", "openapi: [3.0.3\ninfo: {", "cannot use"},
		{"it is empty", "\n", "it is not an OpenAPI description"},
		{"it is a text", "Service Unavailable", "it is not an OpenAPI description"},
		{"it is a list", "- openapi\n- 3.0.3\n", "it is not an OpenAPI description"},
		{"it has no operations", "openapi: 3.0.3\n", "it is not an OpenAPI description"},
		{"it is a page", page, "a server has its description at /api/openapi.yaml"},
		{"it is half a description", half, "`cancelQueuedJob`: no such operation"},
		{"it has another OpenAPI version",
			strings.Replace(whole, "openapi: 3.0.3", "openapi: 3.1.0", 1),
			"it is OpenAPI 3.1.0; only 3.0 can be read"},
		{"it does not say its version",
			strings.Replace(whole, "  version: 7.1.0\n", "", 1),
			"it does not say which Windmill it describes (info.version)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { newProject(t).refused(described(t, c.text), c.want) })
	}
}

func TestWhatAServerDoesNotSendIsReportedAndNothingChanges(t *testing.T) {
	whole := readFile(t, upstream)
	leaving := strings.ReplaceAll(whole, "#/components/parameters/Tag", "file:///etc/hostname")
	cases := []struct {
		name, want string
		handler    http.HandlerFunc
	}{
		{"an error", "the server answered 404 Not Found", http.NotFound},
		{"a page", "it is an HTML or XML page", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>sign in</html>"))
		}},
		{"a truncated description", "unexpected EOF", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000")
			_, _ = w.Write([]byte(whole))
		}},
		{"a file of another place", "it leads elsewhere", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(leaving))
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			newProject(t).refused(serving(t, c.handler).URL+"/api/openapi.yaml", c.want)
		})
	}
}

func TestAServerThatStopsSendingCanBeInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	server := serving(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("openapi: 3.0.3\n"))
		_ = http.NewResponseController(w).Flush()
		interrupt()
		<-r.Context().Done()
	})
	p := newProject(t)
	before := p.files()
	got := p.runContext(ctx, "spec", server.URL)
	if got.status != 1 || !strings.HasPrefix(got.stderr, "interrupted: ") {
		t.Errorf("spec: %+v", got)
	}
	if diff := cmp.Diff(before, p.files()); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

func TestNoErrorRepeatsAPassword(t *testing.T) {
	server := serving(t, http.NotFound)
	closed := httptest.NewServer(nil)
	closed.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	p := newProject(t)
	for _, upstream := range []string{
		"http://me:hunter2@" + address + "/api/openapi.yaml",
		"http://hunter2@" + address,
		server.URL + "/?token=hunter2#hunter2",
		"http://me:hunter2@" + strings.TrimPrefix(closed.URL, "http://"),
		closed.URL + "/?token=hunter2",
		"http://me:hunter2/%zz@" + address,
		"http://me:hunter2@",
		"ftp://me:hunter2@" + address,
		"http:/me:hunter2@" + address,
		"me:hunter2@" + address + "/api/openapi.yaml",
		"localhost/api/openapi.yaml?token=hunter2",
	} {
		if got := p.run("drift", upstream); got.status != 1 || strings.Contains(got.stderr, "hunter2") {
			t.Errorf("%s: %+v", upstream, got)
		}
	}
}

func TestAServerGivesWhatItsFilesGiveAndIsAskedForEachOnce(t *testing.T) {
	files := http.FileServer(http.Dir(filepath.Dir(filepath.Dir(upstream))))
	var requests atomic.Int32
	server := serving(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		files.ServeHTTP(w, r)
	})
	sameDescription(t, server.URL+"/api/openapi.yaml")
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests for one file", n)
	}
}
