package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sourceDir = "testdata/source"

// project is a repository with just what the commands read: the list, the overlay, and an openapi.yaml made from the
// description in testdata.
type project struct {
	t    *testing.T
	root string
}

func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{t: t, root: t.TempDir()}
	for _, name := range []string{"operations.yaml", "overlay.yaml"} {
		if err := copyFile(filepath.Join("..", name), filepath.Join(p.root, "gen", name)); err != nil {
			t.Fatal(err)
		}
	}
	want := outcome{stdout: "From Windmill 7.1.0; there is no openapi.yaml yet to compare it with.\n"}
	if got := p.run("spec", filepath.Join(sourceDir, "api", "openapi.yaml")); got != want {
		t.Fatalf("spec of the description in testdata: %+v", got)
	}
	return p
}

type outcome struct {
	status         int
	stdout, stderr string
}

func (p *project) run(args ...string) outcome {
	return p.runContext(context.Background(), args...)
}

func (p *project) runContext(ctx context.Context, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := run(ctx, append([]string{"-root", p.root}, args...), &stdout, &stderr)
	return outcome{status, stdout.String(), stderr.String()}
}

// files reads every file of the project, temporary ones included.
func (p *project) files() map[string]string {
	p.t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(p.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, p.root+"/")] = string(data)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return files
}

func (p *project) openapi() string {
	p.t.Helper()
	data, err := os.ReadFile(filepath.Join(p.root, "openapi.yaml"))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

// edited writes the description in testdata with texts in it replaced, pairwise, and returns where.
func edited(t *testing.T, oldnew ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sourceDir, "api", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := withLF(data)
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("the description in testdata has no %q", oldnew[i])
		}
		text = strings.ReplaceAll(text, oldnew[i], oldnew[i+1])
	}
	return described(t, text)
}

// withLF undoes what git may do to line ends.
func withLF(data []byte) string { return strings.ReplaceAll(string(data), "\r\n", "\n") }

// described writes a description beside the file that the one in testdata refers to.
func described(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := copyFile(filepath.Join(sourceDir, "flow.yaml"), filepath.Join(dir, "flow.yaml")); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "api", "openapi.yaml")
	if err := writeFile(name, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return name
}

// ownOperation is what somebody adds to the list of operations for a program of their own.
const ownOperation = `  - id: listUsers
    why: our own report
`

func (p *project) listUsers() {
	p.t.Helper()
	p.editList(func(text string) string { return text + ownOperation })
}

func (p *project) unlistUsers() {
	p.t.Helper()
	p.editList(func(text string) string { return strings.Replace(text, ownOperation, "", 1) })
}

func (p *project) editList(edit func(string) string) {
	p.t.Helper()
	name := filepath.Join(p.root, "gen", "operations.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := writeFile(name, []byte(edit(string(data)))); err != nil {
		p.t.Fatal(err)
	}
}
