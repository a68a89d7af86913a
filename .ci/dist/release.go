package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"

	"example.com/windmill/ci/tree"
)

// release is the library in one version.
type release struct {
	module  module.Version
	time    string // RFC 3339, of the commit; empty if that is not known
	gomod   []byte
	root    string
	history bool // whether root is a repository, and not a copy of its files
}

var versionLine = regexp.MustCompile(`(?m)^const version = "(.*)"$`)

func read(root string) (*release, error) {
	when, history, err := committed(root)
	if err != nil {
		return nil, err
	}
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	path := modfile.ModulePath(gomod)
	source, err := os.ReadFile(filepath.Join(root, "facade", "version.go"))
	if err != nil {
		return nil, err
	}
	line := versionLine.FindSubmatch(source)
	if line == nil {
		return nil, errors.New(`facade/version.go has no line such as const version = "1.2.3"`)
	}
	m := module.Version{Path: path, Version: "v" + string(line[1])}
	if err := module.Check(m.Path, m.Version); err != nil {
		return nil, fmt.Errorf("go.mod and facade/version.go: %w", err)
	}
	return &release{module: m, time: when, gomod: gomod, root: root, history: history}, nil
}

// write puts the release into a folder that is laid out as a module proxy.
func (r *release) write(proxy string) error {
	path, err := module.EscapePath(r.module.Path)
	if err != nil {
		return err
	}
	dir := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    string `json:",omitempty"`
	}{r.module.Version, r.time})
	if err != nil {
		return err
	}
	base := filepath.Join(dir, r.module.Version)
	packed := base + ".new"
	defer os.Remove(packed)
	if err := r.pack(packed); err != nil {
		return err
	}
	if out, err := isOut(base+".zip", packed); out || err != nil {
		return err
	}
	if err := errors.Join(
		os.WriteFile(base+".info", info, 0o644),
		os.WriteFile(base+".mod", r.gomod, 0o644),
		os.Rename(packed, base+".zip"),
	); err != nil {
		return err
	}
	return list(dir)
}

// isOut says whether a release is there already. It is an error if that has another content: programs which have got it know its checksum.
func isOut(name, packed string) (bool, error) {
	before, err := dirhash.HashZip(name, dirhash.Hash1)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	after, err := dirhash.HashZip(packed, dirhash.Hash1)
	if err == nil && before != after {
		err = fmt.Errorf("%s is out, with another content: set the next version in facade/version.go and CHANGELOG.md; if nobody has got it, remove it first", name)
	}
	return true, err
}

// pack writes the zip file: what is committed, and nothing that git ignores. What is built, and the modules inside the repository, are no part of it, as with
// any module.
func (r *release) pack(name string) error {
	copied, err := os.MkdirTemp("", "windmill-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(copied)
	if r.history {
		_, err = git(r.root, "checkout-index", "--all", "--prefix="+copied+string(filepath.Separator))
	} else {
		err = tree.Copy(copied, r.root)
	}
	if err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(zip.CreateFromDir(file, r.module, copied), file.Close())
}

// list writes the file that names the versions which are there.
func list(dir string) error {
	zips, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil {
		return err
	}
	var versions []string
	for _, name := range zips {
		versions = append(versions, strings.TrimSuffix(filepath.Base(name), ".zip"))
	}
	semver.Sort(versions)
	return os.WriteFile(filepath.Join(dir, "list"), []byte(strings.Join(versions, "\n")+"\n"), 0o644)
}
