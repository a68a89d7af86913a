package main

import (
	"encoding/json"

	"gopkg.in/yaml.v3"
)

// decode reads YAML, or JSON, into maps, lists, strings, numbers, booleans and nil. In what servers
// send, anchors contain themselves, which a YAML decoder refuses: here, maps and lists do too.
func decode(data []byte) (any, error) {
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
		for i := 0; i+1 < len(node.Content); i += 2 {
			m[node.Content[i].Value] = n.value(node.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		n.made[node] = list
		for i, item := range node.Content {
			list[i] = n.value(item)
		}
		return list
	}
	return scalar(node)
}

func scalar(node *yaml.Node) any {
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
