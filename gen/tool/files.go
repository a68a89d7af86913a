package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// buildDir is ignored by git.
	buildDir        = "bin"
	descriptionFile = "openapi.yaml"
)

func tempDir(root string) (string, error) {
	build := filepath.Join(root, buildDir)
	if err := os.MkdirAll(build, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(build, "update-*")
}

func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

// partlyPublished is a failure after which some files may be new.
type partlyPublished struct{ error }

// publish puts new files in the places of the old ones.
func publish(root string, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeFile(filepath.Join(root, name), files[name]); err != nil {
			return &partlyPublished{fmt.Errorf("%w\nSome of openapi.yaml and gen/ may be new now: git restore openapi.yaml gen brings the old back", err)}
		}
	}
	return nil
}

// copyTree copies the regular files under root, apart from what git and builds keep there.
func copyTree(root, target string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", buildDir}, name) {
			return filepath.SkipDir
		}
		// Editors' and other tools' temporary files come and go while the tree is copied.
		if !entry.Type().IsRegular() || strings.HasSuffix(name, "~") {
			return nil
		}
		return copyFile(path, filepath.Join(target, name))
	})
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}
