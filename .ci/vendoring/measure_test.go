package vendoring_test

import (
	"fmt"
	"go/version"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/semver"
)

// burden is what a project carries because it uses the library.
type burden struct {
	modules []string // that have packages in its vendor folder
	listed  int      // modules that `go list -m all` shows, most of which no build downloads
	bytes   int64    // of its vendor folder
	sums    int      // lines of its go.sum
	golang  string   // the newest Go that a vendored module asks for
	floors  []string // modules that its other code cannot have in an older version, beyond those of oapi-codegen/runtime
}

func (b burden) row(name string) string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d kB | %s | %s |", name, len(b.modules), b.listed, b.sums, b.bytes/1000, b.golang, list(b.floors))
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// measure reads what `go mod vendor` has made.
func measure(p *project, baseline map[string]string) burden {
	p.t.Helper()
	var b burden
	b.modules, b.golang = vendored(p.read("vendor/modules.txt"))
	err := filepath.WalkDir(p.path("vendor"), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		b.bytes += info.Size()
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	b.listed = strings.Count(p.run("go", "list", "-mod=readonly", "-m", "all"), "\n")
	b.sums = strings.Count(p.read("go.sum"), "\n")
	for path, is := range graph(p) {
		if semver.Compare(is, baseline[path]) > 0 {
			b.floors = append(b.floors, path[strings.LastIndex(path, "/")+1:]+" "+is)
		}
	}
	slices.Sort(b.floors)
	return b
}

// vendored reads modules.txt: a line that begins with # names a module, one that begins with ## tells about it, and the
// others name its packages.
func vendored(text string) (modules []string, golang string) {
	module := ""
	golang = "1.0"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "# "); ok {
			module = rest
			continue
		}
		if rest, ok := strings.CutPrefix(line, "## "); ok {
			_, asked, _ := strings.Cut(rest, "go ")
			if module != "" && version.Compare("go"+asked, "go"+golang) > 0 {
				golang = asked
			}
			continue
		}
		if module != "" && !slices.Contains(modules, module) {
			modules = append(modules, module)
		}
	}
	return modules, golang
}

// graph lists the versions that a project's modules have agreed on, without the project's own.
func graph(p *project) map[string]string {
	p.t.Helper()
	versions := map[string]string{}
	for line := range strings.Lines(p.run("go", "list", "-mod=readonly", "-m", "-f", "{{if not (or .Main .Replace)}}{{.Path}} {{.Version}}{{end}}", "all")) {
		if path, is, ok := strings.Cut(strings.TrimSpace(line), " "); ok && path != library {
			versions[path] = is
		}
	}
	return versions
}

// runtimeAlone is the graph of a program that uses what generated code needs and nothing else.
func runtimeAlone(t *testing.T) map[string]string {
	t.Helper()
	p := newProject(t)
	p.write("go.mod", "module corp.example/baseline\n\ngo 1.24.0\n"+requirements(t))
	p.write("main.go", "package main\n\nimport _ \"github.com/oapi-codegen/runtime\"\n\nfunc main() {}\n")
	p.run("go", "mod", "tidy")
	return graph(p)
}

// requirements are the library's own, as its go.mod says them.
func requirements(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	i := strings.Index(text, "require")
	if i < 0 {
		t.Fatal("the library's go.mod requires nothing")
	}
	return text[i:]
}
