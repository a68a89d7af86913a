package main

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/tools/go/packages"
)

// surface is what a package exports, as declarations: now, and when it was accepted last.
type surface struct {
	path     string // the package's import path
	file     string // where the accepted declarations are
	accepted string
	current  string
	importer types.Importer
}

// load reads the surfaces of the packages that keep to semantic versioning, in the repository at root.
func load(root string) ([]*surface, error) {
	dirs := []string{"facade", "facade/facadetest"}
	var surfaces []*surface
	var patterns []string
	for _, dir := range dirs {
		s := &surface{file: filepath.Join(root, "facade", "testdata", "api", filepath.Base(dir)+".txt")}
		data, err := os.ReadFile(s.file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			data = []byte("package " + filepath.Base(dir) + "\n")
		case err != nil:
			return nil, err
		}
		s.accepted = string(data)
		surfaces = append(surfaces, s)
		patterns = append(patterns, "./"+dir)
		mentioned, err := imports(s.accepted)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.file, err)
		}
		patterns = append(patterns, mentioned...)
	}

	mode := packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile |
		packages.NeedModule
	loaded, err := packages.Load(&packages.Config{Dir: root, Mode: mode}, patterns...)
	if err != nil {
		return nil, err
	}
	if packages.PrintErrors(loaded) > 0 {
		return nil, errors.New("the library does not compile")
	}
	known := typesByPath{"unsafe": types.Unsafe}
	packages.Visit(loaded, nil, func(p *packages.Package) { known[p.PkgPath] = p.Types })
	for _, p := range loaded {
		if i := slices.IndexFunc(dirs, func(dir string) bool { return p.Module != nil && p.PkgPath == p.Module.Path+"/"+dir }); i >= 0 {
			surfaces[i].path, surfaces[i].current, surfaces[i].importer = p.PkgPath, render(p.Types), known
		}
	}
	return surfaces, nil
}

// imports lists what declarations mention of other packages.
func imports(declarations string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", declarations, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// typesByPath is an importer of packages that are loaded already.
type typesByPath map[string]*types.Package

func (known typesByPath) Import(path string) (*types.Package, error) {
	if pkg := known[path]; pkg != nil {
		return pkg, nil
	}
	return nil, fmt.Errorf("no package %s", path)
}

// compare tells what has changed since the surface was accepted, and what that means for programs. It is empty when
// nothing has.
func (s *surface) compare() (string, error) {
	if s.accepted == s.current {
		return "", nil
	}
	before, err := check(s.path, s.accepted, s.importer)
	if err != nil {
		return "", fmt.Errorf("%s: %w", s.file, err)
	}
	now, err := check(s.path, s.current, s.importer)
	if err != nil {
		return "", err
	}
	changes := apidiff.Changes(before, now)
	if len(changes.Changes) == 0 {
		return "No change for programs: names of parameters, or the order of declarations.\n" + lines(s.accepted, s.current), nil
	}
	return changes.String() + lines(s.accepted, s.current), nil
}

// lines shows which declarations have gone and which have come.
func lines(before, now string) string {
	var b strings.Builder
	missing(&b, "  - ", before, now)
	missing(&b, "  + ", now, before)
	return b.String()
}

func missing(b *strings.Builder, mark, here, there string) {
	has := map[string]bool{"\n": true}
	for line := range strings.Lines(there) {
		has[line] = true
	}
	for line := range strings.Lines(here) {
		if !has[line] {
			b.WriteString(mark + line)
		}
	}
}
