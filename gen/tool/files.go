package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// What is new is written beside what is there, in the build directory, which git ignores and which is on the same file
// system. It takes effect by renaming.
const (
	buildDir = "bin"
	// readyDir holds new files whose time has come. From the moment that it exists, the new state is decided, and
	// whoever finds it goes on putting its files into their places.
	readyDir = "update-ready"
	// abandoned is the age at which a directory for new files must be that of a program that was killed.
	abandoned = 6 * time.Hour
)

// replaceFile puts a file in the place of another, which is there, old or new, at every moment.
func replaceFile(root, name string, data []byte) error {
	dir, err := tempDir(root)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := writeFile(filepath.Join(dir, "new"), data); err != nil {
		return err
	}
	return os.Rename(filepath.Join(dir, "new"), filepath.Join(root, name))
}

func tempDir(root string) (string, error) {
	build := filepath.Join(root, buildDir)
	if err := os.MkdirAll(build, 0o755); err != nil {
		return "", err
	}
	leftovers, err := filepath.Glob(filepath.Join(build, "update-[0-9]*"))
	if err != nil {
		return "", err
	}
	for _, dir := range leftovers {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > abandoned {
			if err := os.RemoveAll(dir); err != nil {
				return "", err
			}
		}
	}
	return os.MkdirTemp(build, "update-*")
}

func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}

// publish makes the files in dir, which is on the same file system, the new state of those under root: all of them, even
// if the program dies on the way and finish has to be called by the next one.
func publish(root, dir string) error {
	if err := os.Rename(dir, filepath.Join(root, buildDir, readyDir)); err != nil {
		return err
	}
	_, err := finish(root)
	return err
}

// pending tells whether an update was interrupted while it put files into their places.
func pending(root string) bool {
	_, err := os.Stat(filepath.Join(root, buildDir, readyDir))
	return err == nil
}

// finish moves files that are ready to their places, and tells whether there were any.
func finish(root string) (bool, error) {
	if !pending(root) {
		return false, nil
	}
	ready := filepath.Join(root, buildDir, readyDir)
	err := filepath.WalkDir(ready, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(ready, path)
		if err != nil {
			return err
		}
		return os.Rename(path, filepath.Join(root, name))
	})
	if err != nil {
		return true, err
	}
	return true, os.RemoveAll(ready)
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
