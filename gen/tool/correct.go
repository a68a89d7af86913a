package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// correct puts the overlay over the facts. It returns notes about actions that have become needless.
func correct(facts *description, overlayPath string) (*description, []string, error) {
	data, err := facts.encode()
	if err != nil {
		return nil, nil, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, nil, err
	}
	notes, err := applyOverlay(&root, overlayPath)
	if err != nil {
		return nil, nil, err
	}
	if data, err = yaml.Marshal(&root); err != nil {
		return nil, nil, err
	}
	d, err := decodeDescription(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s adds what cannot stand in openapi.yaml: %w", overlayPath, err)
	}
	notes = append(notes, d.dropDoubles()...)
	if err := d.complete(facts); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", overlayPath, err)
	}
	return d, notes, nil
}

func applyOverlay(root *yaml.Node, path string) (notes []string, err error) {
	all, err := overlay.Parse(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := all.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var errs []error
	for _, action := range all.Actions {
		one := *all
		one.Actions = []overlay.Action{action}
		_, err := one.ApplyToStrict(root)
		switch {
		case err != nil && action.Remove:
			notes = append(notes, fmt.Sprintf("%s: nothing to remove at %s; the action can go", path, action.Target))
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
	}
	return notes, errors.Join(errs...)
}

// dropDoubles lets go of parameters that the overlay adds and upstream has begun to describe.
func (d *description) dropDoubles() (notes []string) {
	for _, op := range d.operations() {
		seen := make(map[string]bool)
		op.Parameters = slices.DeleteFunc(op.Parameters, func(p *parameter) bool {
			key := p.In + " " + p.Name
			if seen[key] {
				notes = append(notes, fmt.Sprintf("`%s`: upstream now describes the parameter `%s`, which the overlay adds; name it in the list instead", op.ID, p.Name))
				return true
			}
			seen[key] = true
			return false
		})
		if op.LeftOut != nil {
			op.LeftOut.Query = slices.DeleteFunc(op.LeftOut.Query, func(name string) bool { return seen["query "+name] })
		}
	}
	return notes
}

// complete finds what the overlay explains and nothing else mentions: a field or an answer that is not in the facts.
func (d *description) complete(facts *description) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		properties := d.Components.Schemas[name].Properties
		for _, field := range slices.Sorted(maps.Keys(properties)) {
			if s := properties[field]; s.Type == "" && s.Ref == "" {
				errs = append(errs, fmt.Errorf("it explains the field `%s.%s`, which is not on the list of operations", name, field))
			}
		}
	}
	for _, op := range d.operations() {
		path, method := facts.route(op.ID)
		for _, status := range slices.Sorted(maps.Keys(op.Answers)) {
			if from := facts.Paths[path][method]; from == nil || from.Answers[status] == nil {
				errs = append(errs, fmt.Errorf("it explains the answer %s of `%s`, which upstream does not describe", status, op.ID))
			}
		}
	}
	return errors.Join(errs...)
}
