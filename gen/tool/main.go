// Command tool follows Windmill's API: it makes openapi.yaml and gen/ from an API description of Windmill's, a file or a
// URL, such as that of a running server. The Makefile has a target for each of its commands:
//
//	tool [flags] spec UPSTREAM     write openapi.yaml
//	tool [flags] update UPSTREAM   write openapi.yaml and gen/, if the tests pass with them
//	tool [flags] drift UPSTREAM    tell what has changed, and write nothing
//
// The exit status is 1, and every file is as it was, if the library cannot live with UPSTREAM or anything else fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

type settings struct {
	root     string
	accept   bool
	packages string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	flags := flag.NewFlagSet("tool", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.root, "root", ".", "the root of the repository")
	flags.BoolVar(&s.accept, "accept", false, "take changes that break programs; what the list names has to be there all the same")
	flags.StringVar(&s.packages, "test", "./...", "the packages that update tests")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	commands := map[string]func(context.Context, settings, string, io.Writer, io.Writer) error{
		"spec": spec, "update": followAll, "drift": drift,
	}
	do := commands[flags.Arg(0)]
	if do == nil || flags.NArg() != 2 || flags.Arg(1) == "" {
		fmt.Fprintln(stderr, "usage: tool [flags] spec|update|drift UPSTREAM, a file or a URL")
		flags.PrintDefaults()
		return 2
	}
	if err := do(ctx, s, flags.Arg(1), stdout, stderr); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// plan is what an upstream description comes to.
type plan struct {
	openapi []byte
	changes *comparison
	notes   []string
}

// unfit says why the library cannot live with an upstream description.
type unfit struct {
	version  string
	problems []string
	news     []string
}

func (u *unfit) Error() string {
	text := "This library cannot live with the API of Windmill " + u.version + ":\n" + indent(u.problems)
	if u.news != nil {
		text += "Also changed:\n" + indent(u.news)
	}
	return text + "openapi.yaml and gen/ are as they were"
}

func indent(lines []string) (text string) {
	for _, line := range lines {
		text += "  " + line + "\n"
	}
	return text
}

func makePlan(ctx context.Context, s settings, upstream string) (*plan, error) {
	list, err := readList(filepath.Join(s.root, "gen", "operations.yaml"))
	if err != nil {
		return nil, err
	}
	old, err := readDescription(filepath.Join(s.root, "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	doc, err := loadUpstream(ctx, upstream)
	if err != nil {
		return nil, err
	}
	facts, problems := trim(doc, list, old)
	if problems != nil {
		return nil, &unfit{version: doc.Info.Version, problems: problems}
	}
	d, notes, err := correct(facts, filepath.Join(s.root, "gen", "overlay.yaml"))
	if err != nil {
		return nil, err
	}
	changes := compare(old, d)
	if changes.breaking != nil && !s.accept {
		return nil, &unfit{version: d.Info.Version, problems: changes.breaking, news: changes.news}
	}
	data, err := d.encode()
	return &plan{openapi: data, changes: changes, notes: notes}, err
}

func (p *plan) print(stdout, stderr io.Writer) {
	for _, note := range p.notes {
		fmt.Fprintln(stderr, "note:", note)
	}
	was, is := "nothing", p.changes.new.Info.Version
	if p.changes.old != nil {
		was = p.changes.old.Info.Version
	}
	if all := append(p.changes.breaking, p.changes.news...); all != nil {
		fmt.Fprintf(stdout, "From Windmill %s to %s, in the operations that this library uses:\n%s", was, is, indent(all))
		return
	}
	fmt.Fprintf(stdout, "From Windmill %s to %s, nothing has changed in the operations that this library uses.\n", was, is)
}

func spec(ctx context.Context, s settings, upstream string, stdout, stderr io.Writer) error {
	if _, err := finish(s.root); err != nil {
		return err
	}
	p, err := makePlan(ctx, s, upstream)
	if err != nil {
		return err
	}
	if err := replaceFile(s.root, "openapi.yaml", p.openapi); err != nil {
		return err
	}
	p.print(stdout, stderr)
	return nil
}

func followAll(ctx context.Context, s settings, upstream string, stdout, stderr io.Writer) error {
	if finished, err := finish(s.root); err != nil {
		return err
	} else if finished {
		fmt.Fprintln(stderr, "note: an update that was interrupted is finished now")
	}
	p, err := makePlan(ctx, s, upstream)
	if err != nil {
		return err
	}
	if err := update(ctx, s.root, p.openapi, s.packages, stderr); err != nil {
		return fmt.Errorf("%w\nopenapi.yaml and gen/ are as they were", err)
	}
	p.print(stdout, stderr)
	return nil
}

func drift(ctx context.Context, s settings, upstream string, stdout, stderr io.Writer) error {
	if pending(s.root) {
		return errors.New("an update was interrupted; make update finishes it")
	}
	p, err := makePlan(ctx, s, upstream)
	if err != nil {
		return err
	}
	p.print(stdout, stderr)
	return nil
}
