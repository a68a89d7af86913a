package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// news matches what is no reason to act: another version, and what the library does not use.
var news = regexp.MustCompile(`(?m)^  version: .*\n` +
	`|^ +x-left-out:\n( +(query|body|response):\n( +- .*\n)+)+`)

var errDrift = errors.New("more than the version and the x-left-out lists would change")

func drift(ctx context.Context, s settings) error {
	is, err := makeDescription(ctx, s)
	if err != nil {
		return err
	}
	name := filepath.Join(s.root, descriptionFile)
	was, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "diff", "-u",
		"--label", descriptionFile, name, "--label", "from UPSTREAM", "-")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(is), s.stdout, s.stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 {
		return fmt.Errorf("diff: %w", err)
	}
	if !bytes.Equal(news.ReplaceAll(was, nil), news.ReplaceAll(is, nil)) {
		return errDrift
	}
	return nil
}
