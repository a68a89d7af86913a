// Command tool follows Windmill's API: it makes openapi.yaml and gen/ from one of Windmill's API
// descriptions, a file or a URL, such as that of a running server. The Makefile has a target for
// each of its commands:
//
//	tool spec UPSTREAM     write openapi.yaml
//	tool update UPSTREAM   write openapi.yaml and gen/, if the tests pass with them
//	tool drift UPSTREAM    print how openapi.yaml would change, and write nothing
//
// The exit status is 1, and every file is as it was, if the library cannot be generated from
// UPSTREAM or anything else fails. It is also 1 if drift finds a change of what is used,
// and 2 if the command line is wrong.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(),
		os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

type settings struct {
	root           string
	packages       string
	upstream       string
	stdout, stderr io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s := settings{stdout: stdout, stderr: stderr}
	flags := flag.NewFlagSet("tool", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: make spec|update|drift UPSTREAM=<file or URL>\n"+
			"UPSTREAM is openapi.yaml of Windmill's source, or that of a running server, such as\n"+
			"https://windmill.example.com/api/openapi.yaml")
	}
	flags.StringVar(&s.root, "root", ".", "the root of the repository")
	flags.StringVar(&s.packages, "test", "./...", "the packages that update tests")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	commands := map[string]func(context.Context, settings) error{
		"spec": spec, "update": update, "drift": drift,
	}
	command := commands[flags.Arg(0)]
	if s.upstream = flags.Arg(1); command == nil || s.upstream == "" || flags.NArg() > 2 {
		flags.Usage()
		return 2
	}
	err := command(ctx, s)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "interrupted: %v\n", err)
	default:
		fmt.Fprintln(stderr, err)
	}
	return 1
}

const descriptionFile = "openapi.yaml"

func spec(ctx context.Context, s settings) error {
	data, err := makeDescription(ctx, s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.root, descriptionFile), data, 0o644)
}
