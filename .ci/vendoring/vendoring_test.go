// Package vendoring_test measures what a program has to carry when it uses the library, and holds it to bounds. It runs
// real go commands in temporary projects.
package vendoring_test

import (
	"fmt"
	"go/version"
	"os"
	"slices"
	"testing"

	"example.com/windmill/ci/tree"
)

const library = "example.com/windmill"

// repository is a copy of the library's, so that all measurements are of one state of it.
var repository string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "windmill-")
	if err != nil {
		panic(err)
	}
	repository = dir
	if err := tree.Copy(repository, "../.."); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// bounds are what the library promises. They are recorded here so that growth is decided on, and does not just happen.
type bounds struct {
	modules int
	bytes   int64
	sums    int
	// floors are modules that the project's other code cannot have in an older version, although oapi-codegen/runtime
	// alone would let it. The library's tests need them, its packages do not.
	floors []string
}

func TestWhatAProgramHasToCarry(t *testing.T) {
	forTests := []string{"go-cmp v0.7.0", "goleak v1.3.0"}
	theirOwn := []string{"check.v1 v1.0.0-20180628173108-788fd7840127", "pretty v0.1.0"} // of forTests, as the project's own
	table := "| how it is carried | modules | go.sum | vendored | Go | floors beyond oapi-codegen/runtime's |\n" +
		"| --- | --- | --- | --- | --- | --- |\n"
	baseline := runtimeAlone(t)
	for _, way := range []struct {
		name, words string
		carry       func(t *testing.T) *project
		bounds      bounds
	}{
		{"vendored", "`go mod vendor`", published,
			bounds{modules: 4, bytes: 700_000, sums: 35, floors: forTests}},
		{"vendored for tests", "the same, with `facadetest` in the program's tests", publishedForTests,
			bounds{modules: 4, bytes: 900_000, sums: 35, floors: forTests}},
		{"replaced", "`replace` to a copy in the tree", replaced,
			bounds{modules: 4, bytes: 700_000, sums: 35, floors: forTests}},
		{"copied", "a copy in the module, moved with `make module`", copied,
			bounds{modules: 5, bytes: 700_000, sums: 35, floors: append(theirOwn, forTests...)}},
		{"workspace", "`go work vendor`", workspace,
			bounds{modules: 5, bytes: 700_000, sums: 35, floors: append(theirOwn, forTests...)}},
	} {
		t.Run(way.name, func(t *testing.T) {
			b := measure(way.carry(t), baseline)
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
