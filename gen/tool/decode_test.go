package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// A server's own description is one file without references. The tool that makes it gives what is
// repeated an anchor, and what contains itself an alias inside.
func TestAServersOwnDescriptionGivesWhatTheSourceGives(t *testing.T) {
	in := &inliner{made: make(map[string]*yaml.Node)}
	doc := in.inline(t, upstream, parsed(t, upstream))
	data, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(data); strings.Contains(text, "$ref") || !strings.Contains(text, "*n") {
		t.Fatalf("it has references, or no aliases:\n%s", text)
	}
	if err := yaml.Unmarshal(data, new(any)); err == nil {
		t.Fatal("no anchor contains itself")
	}
	sameDescription(t, described(t, string(data)))
}

func TestJSONGivesWhatYAMLGives(t *testing.T) {
	var doc any
	if err := yaml.Unmarshal([]byte(readFile(t, upstream)), &doc); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	sameDescription(t, described(t, string(data)))
}

func parsed(t *testing.T, name string) *yaml.Node {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(readFile(t, name)), &root); err != nil {
		t.Fatal(err)
	}
	return root.Content[0]
}

// inliner replaces references by aliases of what they lead to.
type inliner struct {
	made map[string]*yaml.Node // by file and pointer
}

func (in *inliner) inline(t *testing.T, file string, node *yaml.Node) *yaml.Node {
	t.Helper()
	if len(node.Content) == 2 && node.Content[0].Value == "$ref" {
		return in.follow(t, file, node.Content[1].Value)
	}
	for i, child := range node.Content {
		node.Content[i] = in.inline(t, file, child)
	}
	return node
}

func (in *inliner) follow(t *testing.T, file, ref string) *yaml.Node {
	t.Helper()
	name, pointer, _ := strings.Cut(ref, "#/")
	if name != "" {
		file = filepath.Join(filepath.Dir(file), name)
	}
	key := file + "#" + pointer
	if in.made[key] == nil {
		target := parsed(t, file)
		for _, part := range strings.Split(pointer, "/") {
			for i := 0; i < len(target.Content); i += 2 {
				if target.Content[i].Value == part {
					target = target.Content[i+1]
					break
				}
			}
		}
		target.Anchor = "n" + string(rune('a'+len(in.made)))
		in.made[key] = target
		in.inline(t, file, target)
		return target
	}
	return &yaml.Node{Kind: yaml.AliasNode, Alias: in.made[key], Value: in.made[key].Anchor}
}
