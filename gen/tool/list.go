package main

import (
	"bytes"
	"fmt"
	"os"

	"gopkg.in/yaml.v3"
)

// operationList is gen/operations.yaml: what the library uses of Windmill's API.
type operationList struct {
	Operations []listedOperation `yaml:"operations"`
}

// listedOperation is one operation in use. A nil Query stands for every parameter that upstream
// offers.
type listedOperation struct {
	ID       string     `yaml:"id"`
	Why      string     `yaml:"why"`
	Route    string     `yaml:"route"`
	Query    *[]string  `yaml:"query"`
	Body     *fieldList `yaml:"body"`
	Response *fieldList `yaml:"response"`
}

// fieldList names a schema of the trimmed description and the fields of it that are in use.
type fieldList struct {
	Schema string
	Fields []string
}

func (f *fieldList) UnmarshalYAML(node *yaml.Node) error {
	var named map[string][]string
	if err := node.Decode(&named); err != nil {
		return err
	}
	if len(named) != 1 {
		return fmt.Errorf("line %d: want one schema and its fields, {Name: [field, …]}", node.Line)
	}
	for f.Schema, f.Fields = range named {
	}
	return nil
}

func readList(path string) (*operationList, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	list := new(operationList)
	if err := decoder.Decode(list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	seen := make(map[string]bool)
	for _, op := range list.Operations {
		switch {
		case op.ID == "" || op.Why == "":
			return nil, fmt.Errorf("%s: every operation needs an id and a why; id %q, why %q",
				path, op.ID, op.Why)
		case seen[op.ID]:
			return nil, fmt.Errorf("%s: %s is listed twice", path, op.ID)
		}
		seen[op.ID] = true
	}
	return list, nil
}
