package main

import (
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// Upstream's description names a schema here and repeats it inline there, and what a server sends has no names at all.
// So that both give the same, schemas are flattened: an object becomes its fields one level deep, and what is nested
// deeper, or is of several types, becomes AnyJSON.

const (
	anyJSON = "#/components/schemas/AnyJSON"
	// A description that nests or multiplies its alternatives further than this is treated as any JSON.
	maxNesting = 16
	maxKinds   = 64
)

// kind is one of the forms that an object can have: one alternative of a oneOf, with all that applies to it.
type kind struct {
	fields   openapi3.Schemas
	required map[string]bool
}

// kindsOf takes an object apart. It reports false for what is not an object with known fields.
func kindsOf(ref *openapi3.SchemaRef, nesting int) ([]kind, bool) {
	if ref == nil || ref.Value == nil || nesting > maxNesting || isArray(ref) {
		return nil, false
	}
	s := ref.Value
	own := kind{fields: s.Properties, required: make(map[string]bool)}
	for _, name := range s.Required {
		own.required[name] = true
	}
	kinds := []kind{own}
	for _, part := range s.AllOf {
		others, ok := kindsOf(part, nesting+1)
		if !ok {
			return nil, false
		}
		kinds = combine(kinds, others)
	}
	var alternatives []kind
	for _, part := range slices.Concat(s.OneOf, s.AnyOf) {
		others, ok := kindsOf(part, nesting+1)
		if !ok {
			return nil, false
		}
		alternatives = append(alternatives, others...)
	}
	if alternatives != nil {
		kinds = combine(kinds, alternatives)
	}
	withFields := slices.ContainsFunc(kinds, func(k kind) bool { return len(k.fields) > 0 })
	part := nesting > 0 && isObject(s)
	return kinds, len(kinds) <= maxKinds && (withFields || part)
}

// combine gives every pairing of the kinds in a with those in b.
func combine(a, b []kind) []kind {
	var all []kind
	for _, x := range a {
		for _, y := range b {
			both := kind{fields: make(openapi3.Schemas), required: make(map[string]bool)}
			for _, k := range []kind{x, y} {
				maps.Copy(both.fields, k.fields)
				maps.Copy(both.required, k.required)
			}
			all = append(all, both)
			if len(all) > maxKinds {
				return all
			}
		}
	}
	return all
}

// nameKinds tells the kinds of an object apart by a field whose values differ, as a discriminator's do. A lone kind goes
// by the name that it is given.
func nameKinds(kinds []kind, alone string) []string {
	if len(kinds) == 1 {
		return []string{alone}
	}
	for _, field := range slices.Sorted(maps.Keys(kinds[0].fields)) {
		seen := make(map[string]bool)
		var names []string
		for _, k := range kinds {
			// The first of several values names a kind, so that it keeps its name when values are added.
			if values := valuesOf(k.fields[field]); len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return seen[v] }) {
				names = append(names, values[0])
				for _, value := range values {
					seen[value] = true
				}
			}
		}
		if len(names) == len(kinds) {
			return names
		}
	}
	names := make([]string, len(kinds))
	for i := range kinds {
		names[i] = alone + strconv.Itoa(i+1)
	}
	return names
}

// valuesOf lists the texts that a field is restricted to.
func valuesOf(ref *openapi3.SchemaRef) (values []string) {
	if ref == nil || ref.Value == nil {
		return nil
	}
	for _, value := range ref.Value.Enum {
		if text, ok := value.(string); ok {
			values = append(values, text)
		}
	}
	return values
}

// simple describes a value without looking inside objects.
func simple(ref *openapi3.SchemaRef, nesting int) *schema {
	if ref == nil || ref.Value == nil || nesting > maxNesting {
		return &schema{Ref: anyJSON}
	}
	s := ref.Value
	types, nullable := typesOf(s)
	if parts := slices.Concat(s.AllOf, s.OneOf, s.AnyOf); len(types) == 0 && len(parts) > 0 {
		merged := simple(parts[0], nesting+1)
		for _, part := range parts[1:] {
			// Looking on would change nothing, and take for ever in a schema that contains itself many times.
			if merged.Ref == anyJSON {
				break
			}
			merged = merge(merged, simple(part, nesting+1))
		}
		merged.Nullable = merged.Nullable || nullable && merged.Ref == ""
		return merged
	}
	if len(types) != 1 || types[0] == openapi3.TypeObject {
		return &schema{Ref: anyJSON}
	}
	out := &schema{Type: types[0], Format: s.Format, Nullable: nullable}
	if isArray(ref) {
		out.Items = simple(s.Items, nesting+1)
		return out
	}
	out.Enum = slices.Sorted(slices.Values(valuesOf(ref)))
	return out
}

// merge describes a value that is of the one form or of the other.
func merge(a, b *schema) *schema {
	if a.Ref != b.Ref || a.Type != b.Type || a.Format != b.Format || !sameItems(a.Items, b.Items) {
		return &schema{Ref: anyJSON}
	}
	both := *a
	both.Nullable = a.Nullable || b.Nullable
	both.Enum = nil
	if a.Enum != nil && b.Enum != nil {
		both.Enum = slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.Enum, b.Enum))))
	}
	return &both
}

func sameItems(a, b *schema) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Ref == b.Ref && a.Type == b.Type && a.Format == b.Format && sameItems(a.Items, b.Items)
}

// typesOf also reads the newer way of saying nullable, a list of types with null among them.
func typesOf(s *openapi3.Schema) (types []string, nullable bool) {
	for _, t := range s.Type.Slice() {
		if t == openapi3.TypeNull {
			nullable = true
			continue
		}
		types = append(types, t)
	}
	return types, nullable || s.Nullable
}

func isArray(ref *openapi3.SchemaRef) bool {
	types, _ := typesOf(ref.Value)
	return len(types) == 1 && types[0] == openapi3.TypeArray
}

func isObject(s *openapi3.Schema) bool {
	types, _ := typesOf(s)
	return len(types) == 0 || len(types) == 1 && types[0] == openapi3.TypeObject
}
