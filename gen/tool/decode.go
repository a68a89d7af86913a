package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"
)

// decode reads JSON or YAML into maps, lists, strings, numbers, booleans and nil. In what servers send, anchors contain
// themselves, which a YAML decoder refuses: here, so do the maps and lists.
func decode(data []byte) (any, error) {
	if json.Valid(data) {
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		var v any
		err := decoder.Decode(&v)
		return v, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	return (&nodes{made: make(map[*yaml.Node]any)}).value(&root), nil
}

// nodes makes one value of each node, however many aliases lead to it.
type nodes struct {
	made map[*yaml.Node]any
}

func (n *nodes) value(node *yaml.Node) any {
	if v, ok := n.made[node]; ok {
		return v
	}
	switch node.Kind {
	case yaml.DocumentNode:
		return n.value(node.Content[0])
	case yaml.AliasNode:
		return n.value(node.Alias)
	case yaml.MappingNode:
		m := make(map[string]any, len(node.Content)/2)
		n.made[node] = m
		n.fill(m, node)
		return m
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		n.made[node] = list
		for i, item := range node.Content {
			list[i] = n.value(item)
		}
		return list
	}
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		_ = node.Decode(&b) // what has this tag is one
		return b
	case "!!int", "!!float":
		return json.Number(node.Value)
	}
	return node.Value
}

// fill puts what a mapping has into m, after what it merges in, which it overrides.
func (n *nodes) fill(m map[string]any, node *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].ShortTag() == "!!merge" {
			mergeInto(m, n.value(node.Content[i+1]))
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.ShortTag() != "!!merge" {
			m[key.Value] = n.value(node.Content[i+1])
		}
	}
}

// mergeInto adds one map, or several, the first of which wins. One that is being made, as it is merged into itself, adds what it has so far.
func mergeInto(m map[string]any, from any) {
	all, ok := from.([]any)
	if !ok {
		all = []any{from}
	}
	for _, one := range slices.Backward(all) {
		one, _ := one.(map[string]any)
		maps.Copy(m, one)
	}
}
