package facade_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// importsOf returns what the files of a package import, without its tests.
func importsOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files, %v", dir, err)
	}
	var all []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, path)
		}
	}
	return all
}

// The packages under internal are pieces of their own, which know nothing of each other, of the client, or of how requests are sent.
func TestInternalPackagesStandAlone(t *testing.T) {
	for _, name := range []string{"wait", "joblog", "jsonscan", "sse"} {
		for _, path := range importsOf(t, filepath.Join("internal", name)) {
			if strings.Contains(path, "/gen") || strings.Contains(path, "/facade") || path == "net/http" {
				t.Errorf("internal/%s imports %s", name, path)
			}
		}
	}
	if !slices.ContainsFunc(importsOf(t, "."), func(path string) bool { return strings.HasSuffix(path, "/facade/internal/wait") }) {
		t.Error("facade does not import internal/wait: has it moved?")
	}
}
