// Command tool follows Windmill's API: it makes openapi.yaml and gen/ from an API description of Windmill's, a file or a
// URL, such as that of a running server. The Makefile has a target for each of its commands:
//
//	tool [flags] spec UPSTREAM     write openapi.yaml
//	tool [flags] update UPSTREAM   write openapi.yaml and gen/, if the tests pass with them
//	tool [flags] drift UPSTREAM    tell what has changed, and write nothing
//
// Without UPSTREAM, the environment variable WINDMILL_UPSTREAM names it. The exit status is 1, and every file is as it was,
// if the library cannot be generated from UPSTREAM or anything else fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

type settings struct {
	root           string
	accept         bool
	packages       string
	timeout        time.Duration
	upstream       string
	stdout, stderr io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s := settings{stdout: stdout, stderr: stderr}
	flags := flag.NewFlagSet("tool", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.root, "root", ".", "the root of the repository")
	flags.BoolVar(&s.accept, "accept", false, "take changes that break programs; what the list names has to be there all the same")
	flags.StringVar(&s.packages, "test", "./...", "the packages that update tests")
	flags.DurationVar(&s.timeout, "timeout", 2*time.Minute, "how long a server may take to send a file")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	name := flags.Arg(0)
	do := map[string]func(context.Context, settings) error{"spec": spec, "update": update, "drift": drift}[name]
	if do == nil || flags.NArg() > 2 {
		fmt.Fprintln(stderr, "usage: tool [flags] spec|update|drift UPSTREAM, a file or a URL")
		flags.PrintDefaults()
		return 2
	}
	if s.upstream = flags.Arg(1); s.upstream == "" {
		s.upstream = os.Getenv("WINDMILL_UPSTREAM")
	}
	if s.upstream == "" {
		fmt.Fprintf(stderr, "say which description: make %s UPSTREAM=<file or URL>\n", name)
		return 2
	}
	if err := do(ctx, s); err != nil {
		fmt.Fprintln(stderr, explain(err))
		return 1
	}
	return 0
}

// advised is an error with what to do about it.
type advised struct {
	error
	advice string
}

func advise(err error, advice string) error { return &advised{err, advice} }

func (a *advised) Unwrap() error { return a.error }

func explain(err error) string {
	var published *partlyPublished
	if errors.As(err, &published) {
		return err.Error()
	}
	advice := "Mend that, and run it again."
	if a := (*advised)(nil); errors.As(err, &a) {
		advice = a.advice
	}
	return err.Error() + "\nopenapi.yaml and gen/ are as they were. " + advice
}

func spec(ctx context.Context, s settings) error {
	p, err := makePlan(ctx, s)
	if err != nil {
		return err
	}
	p.print(s)
	return publish(s.root, map[string][]byte{descriptionFile: p.openapi})
}

func update(ctx context.Context, s settings) error {
	p, err := makePlan(ctx, s)
	if err != nil {
		return err
	}
	p.print(s)
	files, err := generate(ctx, s, p.openapi)
	if err != nil {
		return err
	}
	return publish(s.root, files)
}

func drift(ctx context.Context, s settings) error {
	p, err := makePlan(ctx, s)
	if err != nil {
		return err
	}
	p.print(s)
	return nil
}
