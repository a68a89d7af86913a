package main

import (
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

// valuesOf lists the texts that a value is restricted to.
func valuesOf(v value) (values []string) {
	for _, one := range append(v.get("enum").items(), v.get("const")) {
		if text, ok := one.data.(string); ok {
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
	alternatives := alternativesOf(v)
	nullable = nullable || len(alternatives) < len(v.get("oneOf").items())+len(v.get("anyOf").items())
	if parts := append(v.get("allOf").items(), alternatives...); len(types) == 0 && len(parts) > 0 {
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
		return &schema{Ref: anyJSON}
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
	typeObject = "object"
	typeString = "string"
)

// typesOf also reads the newer ways of saying nullable, a list of types with null among them, and of saying that a value
// is always the same text.
func typesOf(v value) (types []string, nullable bool) {
	said := v.get("type")
	all := []value{said}
	if _, ok := said.data.([]any); ok {
		all = said.items()
	}
	for _, t := range all {
		switch name := t.text(); name {
		case "":
		case "null":
			nullable = true
		default:
			types = append(types, name)
		}
	}
	if _, ok := v.get("const").data.(string); ok && len(types) == 0 {
		types = []string{typeString}
	}
	return types, nullable || v.get("nullable").isTrue()
}

// isNull reports whether a schema is for null and nothing else.
func isNull(v value) bool {
	types, nullable := typesOf(v)
	m, _ := v.target().data.(map[string]any)
	always, ok := m["const"]
	return ok && always == nil || len(types) == 0 && nullable && v.get("type").exists()
}

func isArray(v value) bool {
	types, _ := typesOf(v)
	return len(types) == 1 && types[0] == typeArray
}

func isObject(v value) bool {
	types, _ := typesOf(v)
	return len(types) == 0 || len(types) == 1 && types[0] == typeObject
}
