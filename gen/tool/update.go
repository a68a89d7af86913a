package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// generate tries a new openapi.yaml in a copy of the tree: it generates gen/, formats and tests. It returns the files that
// are to take the places of the old.
func generate(ctx context.Context, s settings, openapi []byte) (map[string][]byte, error) {
	dir, err := tempDir(s.root)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := copyTree(s.root, dir); err != nil {
		return nil, err
	}
	files := map[string][]byte{descriptionFile: openapi}
	if err := writeFile(filepath.Join(dir, descriptionFile), openapi); err != nil {
		return nil, err
	}
	fmt.Fprintln(s.stderr, "generating gen/")
	const mend = "Mend gen/operations.yaml or gen/overlay.yaml, if the generator stumbles over what they say."
	if err := goCommand(ctx, dir, mend, "generate", "."); err != nil {
		return nil, err
	}
	for _, name := range []string{"gen/models.gen.go", "gen/client.gen.go"} {
		if files[name], err = formatFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	const follow = "Mend what the tests name, and run make update again; make spec and make generate make the files without a test."
	for _, packages := range []string{".", s.packages} { // the contract first, which fails soon where a wait has lost its route
		fmt.Fprintln(s.stderr, "testing "+packages)
		if err := goCommand(ctx, dir, follow, append([]string{"test", "-failfast"}, strings.Fields(packages)...)...); err != nil {
			return nil, err
		}
	}
	// Past this point an interruption comes too late.
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	return files, nil
}

func formatFile(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if data, err = format.Source(data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, writeFile(name, data)
}

var errInterrupted = advise(errors.New("interrupted"), "Run it again.")

// maxLines is how much of a command's output a person reads.
const maxLines = 200

// goCommand runs the go command. Its output goes into the error of a failure, with the advice.
func goCommand(ctx context.Context, dir, advice string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	// The copy is no part of a workspace that the tree may be in.
	cmd.Env = append(os.Environ(), "GOWORK=off", "PWD="+dir)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errInterrupted
	}
	lines := strings.Split(string(bytes.TrimSpace(out)), "\n")
	if len(lines) > maxLines {
		lines = append(lines[:maxLines], fmt.Sprintf("… and %d more lines", len(lines)-maxLines))
	}
	return advise(fmt.Errorf("%s\ngo %s: %w", strings.Join(lines, "\n"), strings.Join(args, " "), err), advice)
}
