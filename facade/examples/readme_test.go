// Package examples_test compares README.md and CONTRIBUTING.md with the code.
package examples_test

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

const (
	top     = "../.."
	library = "example.com/windmill/facade"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// imports are the packages that a block may use without importing them.
var imports = []string{
	"context", "errors", "fmt", "os", "testing",
	library, library + "/facadetest", "example.com/windmill/gen",
}

// around are the names that a block may use without declaring them.
const around = `
var (
	ctx    context.Context
	client *windmill.Client
	jobID  string
)
`

// blocks returns the blocks of Go in README.md.
func blocks(t *testing.T) []string {
	t.Helper()
	var code []string
	pattern := regexp.MustCompile("(?ms)^```go\n(.*?)^```$")
	for _, match := range pattern.FindAllStringSubmatch(read(t, "README.md"), -1) {
		code = append(code, match[1])
	}
	return code
}

func TestEachBlockInTheREADMECompiles(t *testing.T) {
	code := blocks(t)
	if len(code) != strings.Count(read(t, "README.md"), "```go") || len(code) < 4 {
		t.Fatalf("found %d blocks", len(code))
	}
	find := compiled(t, imports)
	for _, source := range code {
		tidy, err := format.Source([]byte(source))
		if err != nil {
			t.Errorf("%v\n%s", err, source)
			continue
		}
		if diff := cmp.Diff(string(tidy), source); diff != "" {
			t.Errorf("a block is not formatted (-gofmt +README):\n%s", diff)
		}
		if err := check(whole(source), find); err != nil {
			t.Errorf("a block does not compile: %v\n%s", err, source)
		}
	}
}

// whole returns a file that contains a block, which is a file, declarations, or statements.
func whole(source string) string {
	if strings.HasPrefix(source, "package ") {
		return source
	}
	var head strings.Builder
	head.WriteString("package readme\n")
	for _, pkg := range imports {
		name := ""
		if pkg == library {
			name = "windmill "
		}
		head.WriteString("import " + name + "\"" + pkg + "\"\n")
	}
	head.WriteString(around)
	if _, err := parser.ParseFile(token.NewFileSet(), "", "package readme\n"+source, 0); err == nil {
		return head.String() + source
	}
	return head.String() + "func _() error {\n" + source + "\nreturn nil\n}\n"
}

// check type-checks a file. Unused variables and imports are allowed.
func check(source string, find importer.Lookup) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "README.md", source, 0)
	if err != nil {
		return err
	}
	var first error
	cfg := types.Config{Importer: importer.ForCompiler(files, "gc", find), Error: func(err error) {
		if e, ok := err.(types.Error); first == nil && !(ok && e.Soft) {
			first = err
		}
	}}
	_, _ = cfg.Check("readme", files, []*ast.File{file}, nil) // Error has seen all of them
	return first
}

// compiled returns a function that opens the export data of packages.
func compiled(t *testing.T, pkgs []string) importer.Lookup {
	t.Helper()
	list := []string{"list", "-e", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}"}
	cmd := exec.Command("go", append(list, pkgs...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		pkg, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		files[pkg] = file
	}
	return func(pkg string) (io.ReadCloser, error) {
		if files[pkg] == "" {
			return nil, fmt.Errorf("%s does not build", pkg)
		}
		return os.Open(files[pkg])
	}
}

func TestTheFirstProgramInTheREADMEIsExamplesHelloAndRuns(t *testing.T) {
	if diff := cmp.Diff(read(t, "facade/examples/hello/main.go"), blocks(t)[0]); diff != "" {
		t.Errorf("the program is not facade/examples/hello (-example +README):\n%s", diff)
	}
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/team/report", func(_ context.Context, job *facadetest.Job) (any, error) {
		return job.Args, nil
	})
	program := filepath.Join(t.TempDir(), "hello.exe") // as Windows wants it
	if out, err := exec.Command("go", "build", "-o", program, "./hello").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), "BASE_INTERNAL_URL=",
		"WM_BASE_URL="+srv.URL, "WM_TOKEN="+srv.Token, "WM_WORKSPACE="+srv.Workspace)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "{\"day\":\"monday\"}\n" {
		t.Errorf("the program printed %q and ended with %v", out, err)
	}
}
