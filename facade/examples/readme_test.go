// Package examples_test holds the documents to the code: what README.md and CONTRIBUTING.md show compiles, and what they name is there.
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
	"slices"
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

// imports are the packages that a block of code may name without importing them, as in the middle of a program.
var imports = []string{
	"context", "encoding/json", "errors", "fmt", "log", "log/slog", "net/http", "os", "testing", "time",
	library, library + "/facadetest", "example.com/windmill/gen",
}

// around are the names that a block may use without declaring them.
const around = `
var (
	ctx           context.Context
	client        *windmill.Client
	srv           *facadetest.Server
	jobID, token  string
)
`

var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

func blocks(t *testing.T, name string) []string {
	t.Helper()
	var code []string
	for _, match := range block.FindAllStringSubmatch(read(t, name), -1) {
		code = append(code, match[1])
	}
	return code
}

func TestEveryBlockOfCodeInTheREADMECompiles(t *testing.T) {
	code := blocks(t, "README.md")
	if len(code) < 5 {
		t.Fatalf("found %d blocks: have they another form now?", len(code))
	}
	compile(t, slices.DeleteFunc(code, needsSynctest), imports)
}

// needsSynctest reports whether a block needs a package that Go 1.24 does not have.
func needsSynctest(source string) bool { return strings.Contains(source, "synctest.") }

// compile checks that blocks of code, which may name the packages pkgs, are formatted and compile.
func compile(t *testing.T, code, pkgs []string) {
	t.Helper()
	find := compiled(t, pkgs)
	for _, source := range code {
		tidy, err := format.Source([]byte(source))
		if err != nil {
			t.Errorf("this is no Go: %v\n%s", err, source)
			continue
		}
		if diff := cmp.Diff(string(tidy), source); diff != "" {
			t.Errorf("a block is not formatted (-gofmt +README):\n%s", diff)
		}
		if err := check(whole(source, pkgs), find); err != nil {
			t.Errorf("a block does not compile: %v\n%s", err, source)
		}
	}
}

// whole makes a file of a block, which is a file, declarations, or the statements of a function.
func whole(source string, pkgs []string) string {
	if strings.HasPrefix(source, "package ") {
		return source
	}
	var head strings.Builder
	head.WriteString("package readme\n")
	for _, pkg := range pkgs {
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

// check type-checks a file. What is declared or imported and not used is fine: the README shows a part of a program.
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
	_, _ = cfg.Check("readme", files, []*ast.File{file}, nil) // its error may be a soft one
	return first
}

// compiled finds the compiled form of packages, as the go command has it, without asking any network.
func compiled(t *testing.T, pkgs []string) importer.Lookup {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}"}, pkgs...)...)
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
			return nil, fmt.Errorf("%s does not build: see what go build says", pkg)
		}
		return os.Open(files[pkg])
	}
}

func TestTheFirstProgramInTheREADMEIsTheExampleAndRuns(t *testing.T) {
	if diff := cmp.Diff(read(t, "facade/examples/hello/main.go"), blocks(t, "README.md")[0]); diff != "" {
		t.Errorf("the program is not facade/examples/hello (-example +README):\n%s", diff)
	}
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/team/report", func(_ context.Context, job *facadetest.Job) (any, error) { return job.Args, nil })
	program := filepath.Join(t.TempDir(), "hello.exe") // as Windows wants it
	if out, err := exec.Command("go", "build", "-o", program, "./hello").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), "BASE_INTERNAL_URL=", "WM_BASE_URL="+srv.URL, "WM_TOKEN="+srv.Token, "WM_WORKSPACE="+srv.Workspace)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "{\"day\":\"monday\"}\n" {
		t.Errorf("the program printed %q and ended with %v", out, err)
	}
}
