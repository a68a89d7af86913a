// Command dist packs the library as a release, in the layout of a module proxy. `make dist` calls it, in .ci:
//
//	go run ./dist
//
// It writes to bin/dist, from which the go command gets the library with GOPROXY=file://..., and any web server can serve it.
// Releases that are there already stay as they are.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := run("..", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run(root string, stdout io.Writer) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	r, err := read(root)
	if err != nil {
		return err
	}
	proxy := filepath.Join(root, "bin", "dist")
	if err := r.write(proxy); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s is in bin/dist; in a module of yours:\n", r.module)
	fmt.Fprintf(stdout, "  GOPROXY=%s,$(go env GOPROXY) GONOSUMDB=%s go get %s/facade@%s\n", quoted(address(proxy)), r.module.Path, r.module.Path, r.module.Version)
	return nil
}

// committed says when what is at root was committed. What is released has to be what the tag says: it is an error if there are changes, or if git does not
// tell. A copy without history has neither tags nor changes, nor a time.
func committed(root string) (when string, history bool, err error) {
	if _, err := os.Stat(filepath.Join(root, ".git")); errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	changes, err := git(root, "status", "--porcelain")
	if err != nil {
		return "", true, err
	}
	if changes != "" {
		return "", true, fmt.Errorf("a release is what is committed: commit or remove these first\n%s", changes)
	}
	when, err = git(root, "log", "-1", "--format=%cI")
	return when, true, err
}

// git says what a git command prints.
func git(root string, args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "git", append([]string{"-C", root}, args...)...)
	var words strings.Builder
	cmd.Stderr = &words
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w\n%s", args[0], err, strings.TrimSpace(words.String()))
	}
	return strings.TrimRight(string(out), "\n"), nil
}

// address is a folder as GOPROXY can name it, where a comma separates addresses.
func address(dir string) string {
	u := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(dir), "/")}
	return strings.ReplaceAll(u.String(), ",", "%2C")
}

// quoted is a word as the shell takes it.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
