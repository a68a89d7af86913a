// Package vendoring_test measures what a program has to carry when it uses the library, and holds it to bounds. It runs
// real go commands in temporary projects.
package vendoring_test

import (
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/windmill/ci/tree"
)

const library = "example.com/windmill"

var (
	repository string // a copy of the library's, so that all measurements are of one state of it
	proxies    string // where modules come from: the library from make dist, others as on this machine
	modules    string // the module cache of all projects, since the release exists nowhere else
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "windmill-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	out, err := exec.Command("go", "env", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		panic(err)
	}
	downloaded, further, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	modules = filepath.Join(dir, "modules")
	repository = filepath.Join(dir, "windmill")
	proxies = proxy(repository, "bin/dist") + "," + proxy(downloaded, "cache/download") + "," + further
	if err := tree.Copy(repository, "../.."); err != nil {
		panic(err)
	}
	dist := exec.Command("make", "--no-print-directory", "-C", repository, "dist")
	dist.Env = append(os.Environ(), "MAKEFLAGS=")
	if out, err := dist.CombinedOutput(); err != nil {
		panic(string(out))
	}
	return m.Run()
}

func proxy(dir, name string) string {
	return "file://" + filepath.ToSlash(filepath.Join(dir, filepath.FromSlash(name)))
}

// bounds are what the library promises. They are recorded here so that growth is decided on, and does not just happen.
type bounds struct {
	modules int
	listed  int
	bytes   int64
	sums    int
	// floors are modules that the project's other code cannot have in an older version, although oapi-codegen/runtime
	// alone would let it. The library's tests need them, its packages do not.
	floors []string
}

func TestWhatAProgramHasToCarry(t *testing.T) {
	forTests := []string{"go-cmp v0.7.0", "goleak v1.3.0"}
	table := "| how it is carried | modules | in `go list -m all` | go.sum | vendored | Go | floors beyond oapi-codegen/runtime's |\n" +
		"| --- | --- | --- | --- | --- | --- | --- |\n"
	baseline := runtimeAlone(t)
	for _, way := range []struct {
		name, words string
		carry       func(*project)
		bounds      bounds
	}{
		{"vendored", "`go get` and `go mod vendor`", published,
			bounds{modules: 4, listed: 85, bytes: 700_000, sums: 35, floors: forTests}},
		{"vendored for tests", "the same, with `facadetest` in the program's tests", publishedForTests,
			bounds{modules: 4, listed: 85, bytes: 900_000, sums: 35, floors: forTests}},
		{"replaced", "`replace` to a copy in the tree", replaced,
			bounds{modules: 4, listed: 85, bytes: 700_000, sums: 35, floors: forTests}},
	} {
		t.Run(way.name, func(t *testing.T) {
			p := newProject(t)
			way.carry(p)
			b := measure(p, baseline)
			table += b.row(way.words) + "\n"
			b.within(t, way.bounds)
		})
	}
	fmt.Println("\n" + table)
}

func (b burden) within(t *testing.T, most bounds) {
	t.Helper()
	if len(b.modules) > most.modules {
		t.Errorf("%d modules are vendored, want at most %d: %q", len(b.modules), most.modules, b.modules)
	}
	if b.listed > most.listed {
		t.Errorf("go list -m all shows %d modules, want at most %d", b.listed, most.listed)
	}
	if words := fmt.Sprintf("`go list -m all` shows about %d,", (b.listed+5)/10*10); !strings.Contains(readme(t), words) {
		t.Errorf("go list -m all shows %d modules: the README does not say %q", b.listed, words)
	}
	if b.bytes > most.bytes {
		t.Errorf("%d bytes are vendored, want at most %d", b.bytes, most.bytes)
	}
	if b.sums > most.sums {
		t.Errorf("go.sum has %d lines, want at most %d", b.sums, most.sums)
	}
	if version.Compare("go"+b.golang, "go1.24.0") > 0 {
		t.Errorf("a vendored module asks for Go %s, want at most 1.24.0", b.golang)
	}
	for _, floor := range b.floors {
		if !slices.Contains(most.floors, floor) {
			t.Errorf("the library imposes %s, which oapi-codegen/runtime alone does not", floor)
		}
	}
}
