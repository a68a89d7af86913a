package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const upstream = "testdata/source/api/openapi.yaml"

// project is a repository with what the commands read and write.
type project struct {
	t    *testing.T
	root string
}

// newProject has the files of testdata.
func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{t, t.TempDir()}
	for _, name := range []string{descriptionFile, "gen/operations.yaml", "gen/overlay.yaml"} {
		p.write(name, readFile(t, filepath.Join("testdata", name)))
	}
	return p
}

func (p *project) write(name, text string) {
	p.t.Helper()
	writeFile(p.t, filepath.Join(p.root, name), text)
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

type outcome struct {
	status         int
	stdout, stderr string
}

func (p *project) run(args ...string) outcome { return p.runContext(p.t.Context(), args...) }

func (p *project) runContext(ctx context.Context, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := run(ctx, append([]string{"-root", p.root}, args...), &stdout, &stderr)
	return outcome{status, stdout.String(), stderr.String()}
}

// files reads every file of the project.
func (p *project) files() map[string]string {
	p.t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(p.root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[name] = readFile(p.t, filepath.Join(p.root, name))
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return files
}

// edited writes the description in testdata with texts in it replaced, pairwise.
func edited(t *testing.T, oldnew ...string) (name string) {
	t.Helper()
	text := readFile(t, upstream)
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("the description in testdata has no %q", oldnew[i])
		}
		text = strings.ReplaceAll(text, oldnew[i], oldnew[i+1])
	}
	return described(t, text)
}

// described writes a description, and beside it the file that the one in testdata refers to.
func described(t *testing.T, text string) (name string) {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "flow.yaml"), readFile(t, "testdata/source/flow.yaml"))
	name = filepath.Join(dir, "api", "openapi.yaml")
	writeFile(t, name, text)
	return name
}

// refused checks that every command refuses a description for a reason and changes no file.
func (p *project) refused(upstream, reason string) {
	p.t.Helper()
	before := p.files()
	for _, command := range []string{"spec", "drift", "update"} {
		got := p.run(command, upstream)
		if got.status != 1 || !strings.Contains(got.stderr, reason) || got.stdout != "" {
			p.t.Errorf("%s: %+v, want status 1 and an error with %q", command, got, reason)
		}
		if diff := cmp.Diff(before, p.files()); diff != "" {
			p.t.Errorf("%s: files (-before +after):\n%s", command, diff)
		}
	}
}

func TestWrongArgumentsShowTheUsage(t *testing.T) {
	p := newProject(t)
	for _, args := range [][]string{
		{}, {"spec"}, {"spec", ""}, {"upgrade", "x"}, {"-quick", "spec", "x"}, {"spec", "x", "y"},
	} {
		if got := p.run(args...); got.status != 2 || !strings.Contains(got.stderr, "usage: ") {
			t.Errorf("%q: %+v, want status 2 and the usage", args, got)
		}
	}
}
