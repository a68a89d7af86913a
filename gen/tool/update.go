package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/format"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// made names the files that follow from an upstream description, openapi.yaml first.
func made() []string {
	return []string{"openapi.yaml", "gen/models.gen.go", "gen/client.gen.go"}
}

// update tries a new openapi.yaml in a copy of the tree: generates, formats and tests. Only when all of that has gone
// well do the new files take the places of the old.
func update(ctx context.Context, root string, openapi []byte, packages string, progress io.Writer) error {
	dir, err := tempDir(root)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tree := filepath.Join(dir, "tree")
	if err := copyTree(root, tree); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(tree, "openapi.yaml"), openapi); err != nil {
		return err
	}
	fmt.Fprintln(progress, "generating gen/")
	if err := command(ctx, tree, nil, "generate", "."); err != nil {
		return err
	}
	if err := formatAll(tree); err != nil {
		return err
	}
	fmt.Fprintln(progress, "testing "+packages)
	if err := command(ctx, tree, progress, append([]string{"test"}, strings.Fields(packages)...)...); err != nil {
		return err
	}
	if err := collect(tree, filepath.Join(dir, "new")); err != nil {
		return err
	}
	// Past this point an interruption comes too late.
	if err := ctx.Err(); err != nil {
		return errors.New("interrupted")
	}
	return publish(root, filepath.Join(dir, "new"))
}

func formatAll(tree string) error {
	for _, name := range made()[1:] {
		path := filepath.Join(tree, name)
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if data, err = format.Source(data); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := writeFile(path, data); err != nil {
			return err
		}
	}
	return nil
}

func collect(tree, dir string) error {
	for _, name := range made() {
		data, err := os.ReadFile(filepath.Join(tree, name))
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	return nil
}

// command runs the go command. Its output goes to out or, without one, into the error of a failure.
func command(ctx context.Context, dir string, out io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	// The copy is no part of a workspace that the tree may be in.
	cmd.Env = append(os.Environ(), "GOWORK=off", "PWD="+dir)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var kept bytes.Buffer
	if out == nil {
		out = &kept
	}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case kept.Len() > 0:
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(kept.Bytes()))
	}
	return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
}
