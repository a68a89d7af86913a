package main

import (
	"maps"
	"slices"
	"strings"
)

// part is what a body or an answer has become: a schema that may refer to a named object, and what is known of the
// object's fields.
type part struct {
	schema  *schema
	object  string                       // the name of the object, if it is one
	senders map[string]map[string]string // of each field: which kinds of the object have it, required or optional
	always  map[string]bool              // the fields that every kind requires
	used    []string
	leftOut []string
}

// content describes a body or an answer. An object becomes a schema of its own; if the list says which fields of it are
// used, the others are left out. It returns nil if there is no such object.
func (t *trimmer) content(op listedOperation, listed *fieldList, upstream value, what string) *part {
	list := isArray(core(upstream))
	if list {
		upstream = core(upstream).get("items")
	}
	out := &part{always: make(map[string]bool), senders: make(map[string]map[string]string)}
	kinds, known := kindsOf(upstream, 0)
	types, _ := typesOf(core(upstream))
	free := !known && slices.Equal(types, []string{typeObject})
	switch {
	case known || free && listed != nil && kinds != nil:
		out.object = strings.ToUpper(op.ID[:1]) + op.ID[1:] + strings.ToUpper(what[:1]) + what[1:]
		if listed != nil {
			out.object = listed.Schema
		}
		out.schema = &schema{Ref: "#/components/schemas/" + out.object}
		t.object(out, op, listed, kinds, what)
	case free && listed == nil:
		out.schema = &schema{Type: typeObject, AdditionalProperties: true}
	case listed != nil:
		t.problem(op, "the %s is not an object (%s)", what, listed.Schema)
		return nil
	default:
		out.schema = simple(upstream, 0)
	}
	if list {
		out.schema = &schema{Type: typeArray, Items: out.schema}
	}
	return out
}

// object adds to the named schema what this operation uses of it.
func (t *trimmer) object(out *part, op listedOperation, listed *fieldList, kinds []kind, what string) {
	target := t.out.Components.Schemas[out.object]
	if target == nil {
		target = &schema{Type: typeObject, Properties: make(map[string]*schema)}
		t.out.Components.Schemas[out.object] = target
	}
	names := nameKinds(kinds, op.ID)
	for i, k := range kinds {
		for name := range k.fields {
			if out.senders[name] == nil {
				out.senders[name] = make(map[string]string)
			}
			out.senders[name][names[i]] = map[bool]string{true: "required", false: "optional"}[k.required[name]]
		}
	}
	for name := range kinds[0].required { // of a field that is not described, too
		out.always[name] = !slices.ContainsFunc(kinds, func(k kind) bool { return !k.required[name] })
	}
	offered := slices.Sorted(maps.Keys(out.senders))
	used := offered
	if listed != nil {
		used = listed.Fields
	}
	for _, name := range used {
		field := fieldOf(kinds, name)
		switch have := target.Properties[name]; {
		case field == nil:
			t.problem(op, "no field `%s` in its %s (%s)", name, what, out.object)
			if was := t.old.Components.Schemas[out.object]; have == nil && was != nil && was.Properties[name] != nil {
				target.Properties[name] = was.Properties[name]
			}
		case have == nil:
			target.Properties[name] = field
		default:
			upstream := have.Upstream
			target.Properties[name] = merge(have, field)
			target.Properties[name].Upstream = upstream
			if target.Properties[name].Ref != have.Ref {
				t.problem(op, "the field `%s` of its %s is not of the type that it has elsewhere (%s)", name, what, out.object)
			}
		}
	}
	if len(offered) == 0 {
		target.AdditionalProperties = true
	}
	out.used, out.leftOut = used, without(offered, used)
}

// fieldOf describes a field of all kinds of an object that have it. It returns nil if none has.
func fieldOf(kinds []kind, name string) (field *schema) {
	for _, k := range kinds {
		v, ok := k.fields[name]
		if !ok {
			continue
		}
		of := simple(v, 0)
		beside, _ := v.data.(map[string]any) // a reference, in OpenAPI 3.1
		of.Deprecated = beside["deprecated"] == true || v.get("deprecated").isTrue()
		if field == nil {
			field = of
		} else {
			field = merge(field, of)
		}
	}
	return field
}

// setRequired marks the fields of a body that have to be sent.
func (p *part) setRequired(schemas map[string]*schema) {
	target := schemas[p.object]
	if target == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(target.Properties)) {
		if p.always[name] && !slices.Contains(target.Required, name) {
			target.Required = append(target.Required, name)
		}
	}
}

// recordSenders notes who sends the fields of an answer that are in use. None is marked required: the generated type of a field would
// follow every change of that, and a field that is missing would read as a zero.
func (p *part) recordSenders(schemas map[string]*schema) {
	target := schemas[p.object]
	if target == nil {
		return
	}
	for _, name := range p.used {
		field := target.Properties[name]
		if field == nil || field.Ref != "" {
			continue
		}
		if field.Upstream == nil {
			field.Upstream = make(map[string]string)
		}
		maps.Copy(field.Upstream, p.senders[name])
	}
}
