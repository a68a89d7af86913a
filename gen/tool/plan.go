package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// plan is what an upstream description comes to.
type plan struct {
	openapi []byte
	changes *comparison
	notes   []string
}

func makePlan(ctx context.Context, s settings) (*plan, error) {
	list, err := readList(filepath.Join(s.root, "gen", "operations.yaml"))
	if err != nil {
		return nil, advise(err, listAdvice)
	}
	old, err := readDescription(filepath.Join(s.root, descriptionFile))
	if err != nil {
		return nil, advise(err, "It is never edited: restore it with git restore openapi.yaml, or delete it to have it made anew, without a comparison.")
	}
	doc, err := loadUpstream(ctx, s)
	if err != nil {
		return nil, err
	}
	facts, problems, malformed := trim(doc, list, old)
	if ctx.Err() != nil { // while another file was read
		return nil, errInterrupted
	}
	d, notes, misfits, err := correct(facts, filepath.Join(s.root, "gen", "overlay.yaml"))
	switch {
	case problems != nil && (malformed || err != nil): // there is not enough to compare
		return nil, advise(incompatible(facts, problems, nil, nil), goneAdvice)
	case err != nil:
		return nil, advise(err, overlayAdvice)
	}
	if err := d.checkNames(); err != nil {
		return nil, advise(fmt.Errorf("gen/operations.yaml: %w", err), listAdvice)
	}
	changes := compare(old, d)
	breaking, news := changes.breaking, changes.news
	if s.accept {
		breaking, news = nil, slices.Concat(breaking, news)
	}
	switch {
	case problems != nil: // the overlay may miss what is missing
		return nil, advise(incompatible(facts, append(problems, breaking...), news, nil), goneAdvice)
	case breaking != nil:
		return nil, advise(incompatible(facts, breaking, news, misfits), breakingAdvice)
	case misfits != nil:
		return nil, advise(incompatible(facts, nil, nil, misfits), overlayAdvice)
	}
	data, err := d.encode()
	return &plan{openapi: data, changes: changes, notes: notes}, err
}

const listAdvice = "Mend gen/operations.yaml; its first lines say what may stand in it."

const overlayAdvice = "Mend gen/overlay.yaml: an action has to find its target in the listed operations of UPSTREAM."

const goneAdvice = "Take another version's description, or take off gen/operations.yaml what is gone and mend what uses it. " +
	"Servers of this version may work with the library as it is."

const breakingAdvice = "Mend what uses this, and what gen/overlay.yaml says of it, and take the change with ACCEPT=yes; or take another version's description. " +
	"Servers of this version may work with the library as it is."

func loadUpstream(ctx context.Context, s settings) (value, error) {
	const advice = "UPSTREAM is openapi.yaml of Windmill's source, a file, or the URL of a running server's, such as https://windmill.example.com/api/openapi.yaml."
	root, err := parseLocation(s.upstream)
	if err != nil {
		return value{}, advise(err, advice)
	}
	doc, err := open(ctx, &source{root: root, timeout: s.timeout, progress: s.stderr})
	if ctx.Err() != nil {
		return value{}, errInterrupted
	}
	if err != nil {
		return value{}, advise(fmt.Errorf("cannot use %s as Windmill's API description: %w", shown(root), err), advice)
	}
	return doc, nil
}

// incompatible says why the library cannot be generated from an upstream description.
func incompatible(facts *description, problems, news, misfits []string) error {
	text, version := "", facts.Info.Version
	if problems != nil {
		text += "This library cannot be generated from the API description of Windmill " + version + ":\n" + indent(problems)
	}
	if news != nil {
		text += "Also changed:\n" + indent(news)
	}
	if misfits != nil {
		text += "gen/overlay.yaml does not fit the API description of Windmill " + version + ":\n" + indent(misfits)
	}
	return errors.New(text[:len(text)-1])
}

func indent(lines []string) (text string) {
	for _, line := range lines {
		text += "  " + line + "\n"
	}
	return text
}

func (p *plan) print(s settings) {
	for _, note := range p.notes {
		fmt.Fprintln(s.stderr, "note:", note)
	}
	is := p.changes.new.Info.Version
	if p.changes.old == nil {
		fmt.Fprintf(s.stdout, "From Windmill %s; there is no openapi.yaml yet to compare it with.\n", is)
		return
	}
	was := p.changes.old.Info.Version
	if all := append(p.changes.breaking, p.changes.news...); all != nil {
		fmt.Fprintf(s.stdout, "From Windmill %s to %s, in the operations that this library uses:\n%s", was, is, indent(all))
		return
	}
	fmt.Fprintf(s.stdout, "From Windmill %s to %s, nothing has changed in the operations that this library uses.\n", was, is)
}
