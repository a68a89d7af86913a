package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// correct puts the overlay over the facts. It returns notes about actions that have become needless, and what does not
// fit the facts.
func correct(facts *description, overlayPath string) (d *description, notes, misfits []string, err error) {
	data, err := facts.encode()
	if err != nil {
		return nil, nil, nil, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, nil, nil, err
	}
	notes, misfits, err = applyOverlay(&root, overlayPath)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", overlayPath, err)
	}
	if data, err = yaml.Marshal(&root); err != nil {
		return nil, nil, nil, err
	}
	if d, err = decodeDescription(data); err != nil {
		return nil, nil, nil, fmt.Errorf("%s adds what cannot stand in openapi.yaml: %w", overlayPath, err)
	}
	misfits = append(misfits, d.dropMisfits(facts)...)
	for _, ref := range slices.Compact(slices.Sorted(slices.Values(refsIn(&root)))) {
		if name, ok := strings.CutPrefix(ref, "#/components/schemas/"); !ok || d.Components.Schemas[name] == nil {
			misfits = append(misfits, fmt.Sprintf("nothing is at %s, which is referred to", ref))
		}
	}
	return d, notes, misfits, nil
}

func refsIn(node *yaml.Node) (refs []string) {
	for i, child := range node.Content {
		if i%2 == 1 && node.Content[i-1].Value == "$ref" {
			refs = append(refs, child.Value)
		}
		refs = append(refs, refsIn(child)...)
	}
	return refs
}

func applyOverlay(root *yaml.Node, path string) (notes, misfits []string, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	var plain any
	if err := yaml.Unmarshal(data, &plain); err != nil { // such as an anchor that contains itself, which the module does not survive
		return nil, nil, err
	}
	all, err := overlay.Parse(path)
	if err != nil {
		return nil, nil, err
	}
	if err := all.Validate(); err != nil {
		return nil, nil, err
	}
	for _, action := range all.Actions {
		if _, err := all.NewPath(action.Target, nil); err != nil {
			return nil, nil, fmt.Errorf("the target %s: %s", action.Target, strings.TrimSpace(err.Error()))
		}
		one := *all
		one.Actions = []overlay.Action{action}
		_, err := one.ApplyToStrict(root)
		switch {
		case err != nil && action.Remove:
			notes = append(notes, fmt.Sprintf("%s: nothing to remove at %s; the action can go", path, action.Target))
		case err != nil:
			misfits = append(misfits, err.Error())
		}
	}
	return notes, misfits, nil
}

// dropMisfits takes away what the overlay explains and nothing else mentions, a field or an answer that is not in the facts, and a
// parameter that it adds to one of that name.
func (d *description) dropMisfits(facts *description) (misfits []string) {
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		properties := d.Components.Schemas[name].Properties
		for _, field := range slices.Sorted(maps.Keys(properties)) {
			if s := properties[field]; s.Type == "" && s.Ref == "" {
				delete(properties, field)
				misfits = append(misfits, fmt.Sprintf("it explains the field `%s.%s`, which is not on the list of operations", name, field))
			}
		}
	}
	for _, op := range d.operations() {
		seen := make(map[string]bool)
		op.Parameters = slices.DeleteFunc(op.Parameters, func(p *parameter) bool {
			if seen[p.In+" "+p.Name] {
				misfits = append(misfits, fmt.Sprintf("the parameter `%s` of `%s` is there twice", p.Name, op.ID))
				return true
			}
			seen[p.In+" "+p.Name] = true
			return false
		})
		from := facts.operation(op.ID)
		for _, status := range slices.Sorted(maps.Keys(op.Answers)) {
			if from == nil || from.Answers[status] == nil {
				delete(op.Answers, status)
				misfits = append(misfits, fmt.Sprintf("it explains the answer %s of `%s`, which upstream does not describe", status, op.ID))
			}
		}
	}
	return misfits
}
