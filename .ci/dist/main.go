// Command dist packs the library as a release, in the layout of a module proxy. `make dist` calls it, in .ci:
//
//	go run ./dist
//
// It writes to bin/dist, from which the go command gets the library with GOPROXY=file://..., and any web server can serve it.
// Releases that are there already stay.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(".."); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	// What is released has to be what the tag says. A copy without history has neither tags nor changes.
	changes, err := git(root, "status", "--porcelain")
	if err == nil && changes != "" {
		return fmt.Errorf("a release is what is committed: commit or remove these first\n%s", changes)
	}
	committed, _ := git(root, "log", "-1", "--format=%cI")
	r, err := read(root, committed)
	if err != nil {
		return err
	}
	proxy, err := filepath.Abs(filepath.Join(root, "bin", "dist"))
	if err != nil {
		return err
	}
	if err := r.write(proxy); err != nil {
		return err
	}
	fmt.Printf("%s is in bin/dist; in a module of yours:\n", r.module)
	fmt.Printf("  GOPROXY='file://%s,%s' GONOSUMDB=%s go get %s/facade@%s\n", filepath.ToSlash(proxy), goproxy(), r.module.Path, r.module.Path, r.module.Version)
	return nil
}

// git says what a git command prints. It fails where there is no repository at root, or one that root is only a part of.
func git(root string, args ...string) (string, error) {
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		return "", err
	}
	out, err := exec.CommandContext(context.Background(), "git", append([]string{"-C", root}, args...)...).Output()
	return strings.TrimRight(string(out), "\n"), err
}

func goproxy() string {
	out, err := exec.CommandContext(context.Background(), "go", "env", "GOPROXY").Output()
	if err != nil {
		return "direct"
	}
	return strings.TrimSpace(string(out))
}
