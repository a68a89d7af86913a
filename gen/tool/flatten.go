package main

import (
	"maps"
	"slices"
)

// Upstream's description names a schema here and repeats it inline there, and what a server sends
// has no names at all. So that both give the same, schemas are flattened: an object becomes its
// fields one level deep, and what is nested deeper, or is of several types, becomes AnyJSON.

const (
	typeArray  = "array"
	typeObject = "object"
	typeString = "string"

	anyJSON = "#/components/schemas/AnyJSON"
	// maxNesting bounds the parts within parts of a schema, which may contain itself.
	maxNesting = 16
)

// object is what is known of an object: the schemas that each field has in its alternatives, and
// the fields that all alternatives require.
type object struct {
	fields   map[string][]value
	required map[string]bool
}

// objectOf returns nil for what is not always an object.
func objectOf(v value, nesting int) *object {
	kind := v.get("type").text()
	if !v.exists() || nesting > maxNesting || kind != "" && kind != typeObject {
		return nil
	}
	o := &object{fields: make(map[string][]value), required: make(map[string]bool)}
	for name, field := range v.get("properties").members() {
		o.fields[name] = []value{field}
	}
	for _, name := range v.get("required").items() {
		o.required[name.text()] = true
	}
	for _, part := range v.get("allOf").items() {
		p := objectOf(part, nesting+1)
		if p == nil {
			return nil
		}
		o = both(o, p)
	}
	var alternatives []*object
	for _, part := range alternativesOf(v) {
		p := objectOf(part, nesting+1)
		if p == nil {
			return nil
		}
		alternatives = append(alternatives, both(o, p))
	}
	if alternatives != nil {
		o = either(alternatives)
	}
	return o
}

// both returns an object that is a and b at once. Where they differ, b says it more exactly.
func both(a, b *object) *object {
	o := &object{fields: maps.Clone(a.fields), required: maps.Clone(a.required)}
	maps.Copy(o.fields, b.fields)
	maps.Copy(o.required, b.required)
	return o
}

// either returns an object that is one of several.
func either(alternatives []*object) *object {
	o := &object{fields: make(map[string][]value), required: maps.Clone(alternatives[0].required)}
	for _, a := range alternatives {
		for name, schemas := range a.fields {
			o.fields[name] = append(o.fields[name], schemas...)
		}
		maps.DeleteFunc(o.required, func(name string, _ bool) bool { return !a.required[name] })
	}
	return o
}

func alternativesOf(v value) []value {
	return slices.Concat(v.get("oneOf").items(), v.get("anyOf").items())
}

// field describes a field in all alternatives that have it. It returns nil if none has.
func (o *object) field(name string) (field *schema) {
	for _, v := range o.fields[name] {
		s := simple(v, 0)
		s.Deprecated = v.get("deprecated").isTrue()
		if field == nil {
			field = s
		} else {
			field = merge(field, s)
		}
	}
	return field
}

// simple describes a value without looking inside objects.
func simple(v value, nesting int) *schema {
	if v = v.target(); !v.exists() || nesting > maxNesting {
		return &schema{Ref: anyJSON}
	}
	nullable := v.get("nullable").isTrue()
	parts := append(v.get("allOf").items(), alternativesOf(v)...)
	kind := v.get("type").text()
	switch {
	case kind == "" && len(parts) > 0:
		merged := simple(parts[0], nesting+1)
		for _, part := range parts[1:] {
			// Looking on would change nothing, and never end in a schema that contains itself.
			if merged.Ref == anyJSON {
				break
			}
			merged = merge(merged, simple(part, nesting+1))
		}
		merged.Nullable = merged.Nullable || nullable && merged.Ref == ""
		return merged
	case kind == "" || kind == typeObject:
		return &schema{Ref: anyJSON}
	case kind == typeArray:
		return &schema{Type: typeArray, Nullable: nullable, Items: simple(v.get("items"), nesting+1)}
	}
	s := &schema{Type: kind, Format: v.get("format").text(), Nullable: nullable}
	for _, one := range v.get("enum").items() {
		if text, ok := one.data.(string); ok {
			s.Enum = append(s.Enum, text)
		}
	}
	slices.Sort(s.Enum)
	return s
}

// merge describes a value that is of the one form or of the other.
func merge(a, b *schema) *schema {
	if !sameType(a, b) {
		return &schema{Ref: anyJSON, Deprecated: a.Deprecated || b.Deprecated}
	}
	merged := *a
	merged.Nullable = a.Nullable || b.Nullable
	merged.Deprecated = a.Deprecated || b.Deprecated
	merged.Enum = nil
	if a.Enum != nil && b.Enum != nil {
		merged.Enum = slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.Enum, b.Enum))))
	}
	return &merged
}

func sameType(a, b *schema) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Ref == b.Ref && a.Type == b.Type && a.Format == b.Format && sameType(a.Items, b.Items)
}
