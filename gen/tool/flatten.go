package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
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
	fields   map[string]value
	required map[string]bool
}

// kindsOf takes an object apart. It reports false for what is not an object with known fields.
func kindsOf(v value, nesting int) ([]kind, bool) {
	if !v.exists() || nesting > maxNesting || isArray(v) {
		return nil, false
	}
	own := kind{fields: v.get("properties").members(), required: make(map[string]bool)}
	for _, name := range v.get("required").items() {
		own.required[name.text()] = true
	}
	kinds := []kind{own}
	for _, part := range v.get("allOf").items() {
		others, ok := kindsOf(part, nesting+1)
		if !ok {
			return nil, false
		}
		kinds = combine(kinds, others)
	}
	var alternatives []kind
	for _, part := range alternativesOf(v) {
		others, ok := kindsOf(part, nesting+1)
		if !ok || len(alternatives) > maxKinds {
			return nil, false
		}
		alternatives = append(alternatives, others...)
	}
	if alternatives != nil {
		kinds = combine(kinds, alternatives)
	}
	withFields := slices.ContainsFunc(kinds, func(k kind) bool { return len(k.fields) > 0 })
	part := nesting > 0 && isObject(v)
	return kinds, len(kinds) <= maxKinds && (withFields || part)
}

// alternativesOf leaves out null, which says that a value may be missing and nothing of what it is.
func alternativesOf(v value) []value {
	all := slices.Concat(v.get("oneOf").items(), v.get("anyOf").items())
	return slices.DeleteFunc(all, isNull)
}

// partsOf lists what a schema is put together from, without what only explains it.
func partsOf(v value) []value {
	return append(slices.DeleteFunc(v.get("allOf").items(), explains), alternativesOf(v)...)
}

// explains reports whether a part says nothing of what a value is.
func explains(v value) bool {
	v = v.target()
	m, ok := v.data.(map[string]any)
	return v.data == true || ok && !slices.ContainsFunc([]string{"type", "format", "enum", "const", "items", "properties", "required", "allOf", "oneOf", "anyOf"},
		func(key string) bool { _, ok := m[key]; return ok })
}

// core follows a schema to its only part.
func core(v value) value {
	for range maxNesting {
		parts := partsOf(v)
		if types, _ := typesOf(v); len(types) > 0 || len(parts) != 1 {
			break
		}
		v = parts[0]
	}
	return v.target()
}

// combine gives every pairing of the kinds in a with those in b.
func combine(a, b []kind) []kind {
	var all []kind
	for _, x := range a {
		for _, y := range b {
			both := kind{fields: make(map[string]value), required: make(map[string]bool)}
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
			if values := k.valuesOf(field); len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return seen[v] }) {
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

// allowed lists what a value is restricted to.
func allowed(v value) (all []any) {
	for _, one := range v.get("enum").items() {
		all = append(all, one.data)
	}
	m, _ := v.target().data.(map[string]any)
	if always, ok := m["const"]; ok {
		all = append(all, always)
	}
	return all
}

// valuesOf lists the texts that a value is restricted to.
func valuesOf(v value) (values []string) {
	for _, one := range allowed(v) {
		if text, ok := one.(string); ok {
			values = append(values, text)
		}
	}
	return values
}

// valuesOf looks at fields of which nobody knows yet whether they are used.
func (k kind) valuesOf(field string) (values []string) {
	if v, ok := k.fields[field]; ok {
		v.r.quietly(func() { values = valuesOf(v) })
	}
	return values
}

// simple describes a value without looking inside objects.
func simple(v value, nesting int) *schema {
	if v = v.target(); !v.exists() || nesting > maxNesting {
		return &schema{Ref: anyJSON}
	}
	types, nullable := typesOf(v)
	nullable = nullable || len(alternativesOf(v)) < len(v.get("oneOf").items())+len(v.get("anyOf").items())
	if parts := partsOf(v); len(types) == 0 && len(parts) > 0 {
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
	if len(types) != 1 || types[0] == typeObject {
		return &schema{Ref: anyJSON}
	}
	if !slices.Contains([]string{typeArray, "boolean", "integer", "number", typeString}, types[0]) {
		v.get("type").complain("%q is no type", types[0])
	}
	out := &schema{Type: types[0], Format: v.get("format").text(), Nullable: nullable}
	if isArray(v) {
		out.Items = simple(v.get("items"), nesting+1)
		return out
	}
	out.Enum = slices.Sorted(slices.Values(valuesOf(v)))
	return out
}

// merge describes a value that is of the one form or of the other.
func merge(a, b *schema) *schema {
	if a.Ref != b.Ref || a.Type != b.Type || a.Format != b.Format || !sameItems(a.Items, b.Items) {
		return &schema{Ref: anyJSON, Deprecated: a.Deprecated || b.Deprecated}
	}
	both := *a
	both.Nullable = a.Nullable || b.Nullable
	both.Deprecated = a.Deprecated || b.Deprecated
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

const (
	typeArray  = "array"
	typeNull   = "null"
	typeObject = "object"
	typeString = "string"
)

// typesOf also reads the newer way of saying nullable, a list of types with null among them.
func typesOf(v value) (types []string, nullable bool) {
	names := typeNames(v)
	types = without(names, []string{typeNull})
	return types, len(types) < len(names) || v.get("nullable").isTrue()
}

// isNull reports whether a schema is for null and nothing else.
func isNull(v value) bool { return slices.Equal(typeNames(v), []string{typeNull}) }

// typeNames lists the types of a value. Where none is said, the values that are allowed tell it.
func typeNames(v value) (names []string) {
	said := v.get("type")
	switch said.data.(type) {
	case nil:
		for _, one := range allowed(v) {
			names = append(names, typeOf(one))
		}
	case []any:
		for _, name := range said.items() {
			names = append(names, name.text())
		}
	default:
		names = []string{said.text()}
	}
	return slices.Compact(slices.Sorted(slices.Values(without(names, []string{""}))))
}

func typeOf(data any) string {
	switch data := data.(type) {
	case nil:
		return typeNull
	case bool:
		return "boolean"
	case string:
		return typeString
	case json.Number:
		if _, err := data.Int64(); err == nil {
			return "integer"
		}
		return "number"
	}
	return typeObject
}

func isArray(v value) bool {
	types, _ := typesOf(v)
	return len(types) == 1 && types[0] == typeArray
}

func isObject(v value) bool {
	types, _ := typesOf(v)
	return len(types) == 0 || len(types) == 1 && types[0] == typeObject
}
