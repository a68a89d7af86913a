package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// update makes openapi.yaml and gen/ in their places, and puts the old ones back if that or a test
// fails.
func update(ctx context.Context, s settings) error {
	data, err := makeDescription(ctx, s)
	if err != nil {
		return err
	}
	restore, err := saveFiles(s.root, descriptionFile, "gen/models.gen.go", "gen/client.gen.go")
	if err != nil {
		return err
	}
	err = os.WriteFile(filepath.Join(s.root, descriptionFile), data, 0o644)
	if err == nil {
		err = goCommand(ctx, s, "generate", ".")
	}
	if err == nil {
		err = goCommand(ctx, s, append([]string{"test", "-failfast"}, strings.Fields(s.packages)...)...)
	}
	if err == nil {
		return nil
	}
	if failed := restore(); failed != nil {
		return fmt.Errorf("%w\n%w\ngit restore openapi.yaml gen brings the old files back", err, failed)
	}
	return fmt.Errorf("%w\nopenapi.yaml and gen/ are as they were", err)
}

// saveFiles returns a function that puts files back as they are now.
func saveFiles(root string, names ...string) (restore func() error, err error) {
	saved := make(map[string][]byte)
	for _, name := range names {
		name = filepath.Join(root, name)
		if saved[name], err = os.ReadFile(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return func() (err error) {
		for name, data := range saved {
			if data == nil {
				err = errors.Join(err, os.RemoveAll(name))
			} else {
				err = errors.Join(err, os.WriteFile(name, data, 0o644))
			}
		}
		return err
	}, nil
}

// goCommand runs the go command, which is interrupted when ctx ends.
func goCommand(ctx context.Context, s settings, args ...string) error {
	fmt.Fprintf(s.stderr, "go %s\n", strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.root, s.stderr, s.stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w", args[0], err)
	}
	return nil
}
