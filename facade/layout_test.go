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

func TestInternalPackagesImportNeitherFacadeNorGen(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("internal", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no internal packages, %v", err)
	}
	for _, dir := range dirs {
		for _, path := range importsOf(t, dir) {
			if strings.HasSuffix(path, "/gen") || strings.HasSuffix(path, "/facade") {
				t.Errorf("%s imports %s", dir, path)
			}
		}
	}
	if slices.Contains(importsOf(t, filepath.Join("internal", "wait")), "net/http") {
		t.Error("internal/wait imports net/http")
	}
}
