package vendoring_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/windmill/ci/tree"
)

// project is a program of somebody else's, in a folder of its own.
type project struct {
	t   *testing.T
	dir string
	env []string
}

// newProject makes an empty one.
func newProject(t *testing.T) *project {
	t.Helper()
	env := append(os.Environ(), "GOPROXY="+proxies, "GONOPROXY=none", "GONOSUMDB="+library, "GOMODCACHE="+modules,
		"GOFLAGS=-mod=mod -modcacherw", "GOWORK=off", "CGO_ENABLED=0")
	return &project{t: t, dir: t.TempDir(), env: env}
}

func (p *project) path(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

func (p *project) write(name, content string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.path(name)), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.path(name), []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) read(name string) string {
	p.t.Helper()
	data, err := os.ReadFile(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

// carry puts a copy of the library's repository into the project.
func (p *project) carry(name string) {
	p.t.Helper()
	if err := tree.Copy(p.path(name), repository); err != nil {
		p.t.Fatal(err)
	}
}

// in is the same project seen from one of its folders.
func (p *project) in(name string) *project { return &project{t: p.t, dir: p.path(name), env: p.env} }

// run runs a command in the project, and returns what it prints on standard output.
func (p *project) run(name string, args ...string) string {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), name, args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	var words strings.Builder
	cmd.Stderr = &words
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, words.String())
	}
	return string(out)
}

// program is a small program that uses the library, with a test of its own.
func (p *project) program(dir, library string) {
	p.t.Helper()
	p.write(dir+"/main.go", strings.ReplaceAll(mainSource, "LIBRARY", library))
	p.write(dir+"/main_test.go", strings.ReplaceAll(testSource, "LIBRARY", library))
}

const mainSource = `package main

import (
	"context"
	"fmt"
	"os"

	"LIBRARY/facade"
)

func main() {
	client, err := facade.NewClient("", "")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	result, err := client.RunScriptSync(context.Background(), "f/team/report", nil, facade.Verbose(os.Stderr))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(result))
}
`

const testSource = `package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"LIBRARY/facade"
)

func TestVersion(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "CE v1.743.0")
	}))
	defer srv.Close()
	client, err := facade.NewClient(srv.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	version, err := client.GetVersion(t.Context())
	if err != nil || version != "CE v1.743.0" {
		t.Fatalf("got %q, %v", version, err)
	}
}
`

const fakeSource = `package main

import (
	"context"
	"testing"

	"LIBRARY/facade/facadetest"
)

func TestReport(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/team/report", func(ctx context.Context, job *facadetest.Job) (any, error) { return 7, nil })
	result, err := srv.Client().RunScriptSync(t.Context(), "f/team/report", nil)
	if err != nil || string(result) != "7" {
		t.Fatalf("got %s, %v", result, err)
	}
}
`
