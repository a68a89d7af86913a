// Package examples_test holds the documents to the code: what README.md and CONTRIBUTING.md show compiles, and what they name is there.
package examples_test

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

const top = "../.."

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
	"context", "encoding/json", "errors", "fmt", "log", "log/slog", "net/http", "os", "testing", "testing/synctest", "time",
	"example.com/windmill/facade", "example.com/windmill/facade/facadetest", "example.com/windmill/gen",
}

// around are the names that a block may use without declaring them.
const around = `
var (
	ctx           context.Context
	client        *facade.Client
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
	find := compiled(t)
	for _, source := range code {
		if strings.Contains(source, "synctest.") && !slices.Contains(build.Default.ReleaseTags, "go1.25") {
			continue // it needs a newer toolchain than this one
		}
		tidy, err := format.Source([]byte(source))
		if err != nil {
			t.Errorf("this is no Go: %v\n%s", err, source)
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

// whole makes a file of a block: of a file as it is, of declarations, or of what stands in a function.
func whole(source string) string {
	if strings.HasPrefix(source, "package ") {
		return source
	}
	var head strings.Builder
	head.WriteString("package readme\n")
	for _, pkg := range imports {
		head.WriteString("import \"" + pkg + "\"\n")
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
func compiled(t *testing.T) importer.Lookup {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}"}, imports...)...)
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
	cmd := exec.Command("go", "run", "./hello")
	cmd.Env = append(os.Environ(), "BASE_INTERNAL_URL=", "WM_BASE_URL="+srv.URL, "WM_TOKEN="+srv.Token, "WM_WORKSPACE="+srv.Workspace)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "{\"day\":\"monday\"}\n" {
		t.Errorf("the program printed %q and ended with %v", out, err)
	}
}

var (
	link   = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	target = regexp.MustCompile("(?m)(?:`|^ *)make ([a-z]+)")
)

func TestWhatTheDocumentsNameIsThere(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		text := read(t, name)
		links := link.FindAllStringSubmatch(text, -1)
		if len(links) == 0 {
			t.Errorf("%s has no links: have they another form now?", name)
		}
		for _, match := range links {
			if _, err := os.Stat(filepath.Join(top, match[1])); err != nil {
				t.Errorf("%s points to %s: %v", name, path.Clean(match[1]), err)
			}
		}
		for _, match := range target.FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^` + match[1] + `:`).MatchString(makefile) {
				t.Errorf("%s speaks of make %s, which the Makefile does not have", name, match[1])
			}
		}
	}
}
