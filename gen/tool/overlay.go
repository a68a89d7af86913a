package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// correct puts the overlay over the facts.
func correct(facts *description, overlayPath string) (*description, error) {
	data, err := facts.encode()
	if err != nil {
		return nil, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	actions, err := overlay.Parse(overlayPath)
	if err != nil {
		return nil, err
	}
	if _, err := actions.ApplyToStrict(&root); err != nil {
		return nil, err
	}
	if data, err = yaml.Marshal(&root); err != nil {
		return nil, err
	}
	d, err := decodeDescription(data)
	if err != nil {
		return nil, err
	}
	if stale := d.stale(facts); stale != nil {
		return nil, errors.New("it explains what is not in use: " + strings.Join(stale, ", "))
	}
	return d, nil
}

// stale lists what the overlay explains and upstream or the list of operations does not have.
func (d *description) stale(facts *description) (lines []string) {
	for name, object := range d.Components.Schemas {
		for field, s := range object.Properties {
			if s == nil || s.Type == "" && s.Ref == "" {
				lines = append(lines, fmt.Sprintf("the field `%s.%s`", name, field))
			}
		}
	}
	for path, methods := range d.Paths {
		for method, op := range methods {
			upstream := facts.Paths[path][method]
			if op == nil || upstream == nil || len(op.Responses) > len(upstream.Responses) {
				lines = append(lines, fmt.Sprintf("a response of %s %s", method, path))
			}
		}
	}
	slices.Sort(lines)
	return lines
}
