package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func parsed(t *testing.T, name string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// inliner replaces references by what they lead to. Where a schema contains itself, it becomes any JSON in itself.
type inliner struct {
	t     *testing.T
	files map[string]map[string]any
}

// inlined gives the listed operations of a description with nothing left to refer to. The whole of a large one would
// take hundreds of megabytes.
func inlined(t *testing.T, source string) map[string]any {
	t.Helper()
	list, err := readList(filepath.Join("..", "operations.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	in := &inliner{t: t, files: make(map[string]map[string]any)}
	doc := in.file(source)
	paths := make(map[string]any)
	for path, item := range doc["paths"].(map[string]any) {
		for _, op := range item.(map[string]any) {
			for _, listed := range list.Operations {
				if op, ok := op.(map[string]any); ok && op["operationId"] == listed.ID {
					paths[path] = in.inline(item, source, nil)
				}
			}
		}
	}
	return map[string]any{"openapi": doc["openapi"], "info": doc["info"], "servers": doc["servers"], "paths": paths}
}

func (in *inliner) file(name string) map[string]any {
	if in.files[name] == nil {
		in.files[name] = parsed(in.t, name)
	}
	return in.files[name]
}

func (in *inliner) inline(value any, file string, within []string) any {
	switch value := value.(type) {
	case map[string]any:
		if ref, ok := value["$ref"].(string); ok {
			return in.follow(ref, file, within)
		}
		out := make(map[string]any, len(value))
		for key, v := range value {
			out[key] = in.inline(v, file, within)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, v := range value {
			out[i] = in.inline(v, file, within)
		}
		return out
	}
	return value
}

func (in *inliner) follow(ref, file string, within []string) any {
	name, pointer, _ := strings.Cut(ref, "#")
	if name != "" {
		file = filepath.Join(filepath.Dir(file), name)
	}
	here := file + "#" + pointer
	for _, outer := range within {
		if outer == here {
			return map[string]any{}
		}
	}
	return in.inline(in.lookup(file, pointer), file, append(within[:len(within):len(within)], here))
}

func (in *inliner) lookup(file, pointer string) any {
	var value any = in.file(file)
	for _, key := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
		inner, ok := value.(map[string]any)
		if !ok || inner[key] == nil {
			in.t.Fatalf("%s: nothing at %s", file, pointer)
		}
		value = inner[key]
	}
	return value
}

// anchored gives the inlined form in which every schema, parameter and answer that is said twice is said once, under an
// anchor.
func anchored(t *testing.T, source string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(marshal(t, inlined(t, source)), &doc); err != nil {
		t.Fatal(err)
	}
	s := &sharer{t: t, seen: make(map[string]*yaml.Node)}
	s.share(doc.Content[0])
	if s.anchors == 0 {
		t.Fatal("nothing is said twice")
	}
	return &doc
}

type sharer struct {
	t       *testing.T
	seen    map[string]*yaml.Node
	anchors int
}

func (s *sharer) share(node *yaml.Node) {
	for i, child := range node.Content {
		if child.Kind != yaml.MappingNode {
			s.share(child)
			continue
		}
		key := string(marshal(s.t, child))
		first := s.seen[key]
		if first == nil {
			s.share(child)
			s.seen[key] = child
			continue
		}
		if first.Anchor == "" {
			s.anchors++
			first.Anchor = fmt.Sprint("same", s.anchors)
		}
		node.Content[i] = &yaml.Node{Kind: yaml.AliasNode, Alias: first, Value: first.Anchor}
	}
}
