package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAServerThatHangsIsNotWaitedForSilentlyOrForEver(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	p := newProject(t)
	got := p.run("-timeout", "50ms", "drift", server.URL)
	for _, want := range []string{"reading " + server.URL + ", for up to 50ms\n", "the server did not send it all within 50ms (0 bytes came)\nopenapi.yaml and gen/ are as they were"} {
		if got.status != 1 || !strings.Contains(got.stderr, want) {
			t.Errorf("drift: %+v, want %q", got, want)
		}
	}
}

func TestEachFileIsFetchedOnce(t *testing.T) {
	var requests atomic.Int32
	files := http.FileServer(http.Dir(sourceDir))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		files.ServeHTTP(w, r)
	}))
	defer server.Close()
	p := newProject(t)
	p.listUsers()
	if got := p.run("spec", server.URL+"/api/openapi.yaml"); got.status != 0 || requests.Load() > 2 {
		t.Errorf("%d requests for two files: %+v", requests.Load(), got)
	}
}

func TestNoErrorRepeatsAPassword(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := strings.TrimPrefix(server.URL, "http://")
	closed := httptest.NewServer(nil)
	closed.Close()
	p := newProject(t)
	for _, upstream := range []string{
		"http://me:hunter2@" + address + "/api/openapi.yaml",
		"http://hunter2@" + address,
		server.URL + "/?token=hunter2#hunter2",
		"http://me:hunter2@" + strings.TrimPrefix(closed.URL, "http://"),
		"http://me:hunter2/%zz@" + address,
		"http://me:hunter2%@" + address,
		"http://me:hunter2@",
		"ftp://me:hunter2@" + address,
		"file://me:hunter2@" + address + "/openapi.yaml",
		"http:/me:hunter2@" + address,
		"me:hunter2@" + address + "/api/openapi.yaml",
		"hunter2@localhost/api/openapi.yaml",
		"localhost/api/openapi.yaml?token=hunter2",
		"localhost/api/openapi.yaml#hunter2",
		"//me@hunter2/api/openapi.yaml",
		"http:///me:hunter2@" + address,
		"file:hunter2@" + address,
	} {
		if got := p.run("drift", upstream); got.status != 1 || strings.Contains(got.stdout+got.stderr, "hunter2") {
			t.Errorf("%s: %+v", upstream, got)
		}
	}
	server.Close()
}

func TestFilesAndServersMayBeNamedAsURLs(t *testing.T) {
	server := httptest.NewServer(http.FileServer(http.Dir(sourceDir)))
	defer server.Close()
	file, err := filepath.Abs(upstream)
	if err != nil {
		t.Fatal(err)
	}
	p := newProject(t)
	want := "From Windmill 7.1.0 to 7.1.0, nothing has changed in the operations that this library uses.\n"
	for _, location := range []string{
		"file:" + filepath.ToSlash(file), "file://" + filepath.ToSlash(file), "FILE://localhost" + filepath.ToSlash(file),
		"HTTP" + strings.TrimPrefix(server.URL, "http") + "/api/openapi.yaml",
	} {
		if diff := cmp.Diff(want, p.run("drift", location).stdout); diff != "" {
			t.Errorf("%s (-want +got):\n%s", location, diff)
		}
	}
}
