package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// move replaces the path of the module at root by another. It returns the old path and the files that it changed; when it
// fails before the first of them is written, none is.
func move(root, to string) (from string, changed []string, err error) {
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", nil, err
	}
	line := regexp.MustCompile(`(?m)^module\s+"?([^"\s]+)`).FindSubmatch(gomod)
	if line == nil {
		return "", nil, errors.New("go.mod has no module line")
	}
	from = string(line[1])
	if err := valid(root, to); err != nil {
		return "", nil, err
	}
	if from == to {
		return from, nil, nil
	}

	rewritten := map[string][]byte{}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || path == filepath.Join(root, "bin")):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		before, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		after := replace(before, from, to)
		if path == filepath.Join(root, "README.md") {
			after = standIn.ReplaceAll(after, nil)
		}
		if bytes.Equal(before, after) {
			return nil
		}
		if strings.HasSuffix(path, ".go") {
			// The order of imports changes with their paths. What is no Go source, as test data may be, stays as it is.
			if formatted, err := format.Source(after); err == nil {
				after = formatted
			}
		}
		rewritten[path] = after
		changed = append(changed, path)
		return nil
	})
	if err != nil {
		return "", nil, err
	}
	for _, path := range changed {
		info, err := os.Stat(path)
		if err != nil {
			return "", nil, err
		}
		if err := os.WriteFile(path, rewritten[path], info.Mode().Perm()); err != nil {
			return "", nil, fmt.Errorf("%w; run it again to finish the move", err)
		}
	}
	return from, changed, nil
}

// standIn is what the README says of a path that no server answers for.
var standIn = regexp.MustCompile(`(?s)<!-- stand-in -->\n.*?<!-- /stand-in -->\n+`)

// atHome is a path that begins with a host's name. A shorter one would not be told from other words by the next move.
var atHome = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+/`)

// valid asks the go command whether a module can have this path, and refuses one that no server could answer for.
func valid(root, path string) error {
	if !atHome.MatchString(path) {
		return fmt.Errorf("%q cannot be the library's path: it has to begin with a host's name in small letters and a slash, as git.corp.example/team/windmill does", path)
	}
	edit := exec.CommandContext(context.Background(), "go", "mod", "edit", "-print", "-module="+path)
	edit.Dir = root
	var words strings.Builder
	edit.Stderr = &words
	if err := edit.Run(); err != nil {
		return fmt.Errorf("%q cannot be a module's path: %s", path, strings.TrimSpace(words.String()))
	}
	return nil
}

// replace puts one path in another's place wherever the whole of it stands, with or without a package behind it. Longer
// names that only hold it are left alone, and so are web addresses, which stand for servers.
func replace(text []byte, from, to string) []byte {
	if bytes.IndexByte(text, 0) >= 0 {
		return text // not text
	}
	var out bytes.Buffer
	rest := text
	for {
		i := bytes.Index(rest, []byte(from))
		if i < 0 {
			out.Write(rest)
			return out.Bytes()
		}
		end := i + len(from)
		before := text[:len(text)-len(rest)+i]
		out.Write(rest[:i])
		if whole(before, rest[end:]) {
			out.WriteString(to)
		} else {
			out.WriteString(from)
		}
		rest = rest[end:]
	}
}

var (
	continuesBefore = regexp.MustCompile(`([A-Za-z0-9._-]|://)$`)
	continuesAfter  = regexp.MustCompile(`^([A-Za-z0-9_-]|\.[A-Za-z0-9])`)
)

// whole says whether a path that stands between before and after is not a part of a longer name.
func whole(before, after []byte) bool {
	return !continuesBefore.Match(before[max(0, len(before)-3):]) && !continuesAfter.Match(after)
}
