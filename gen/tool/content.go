package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

const contentJSON = "application/json"

func (t *trimmer) body(op *operation, listed listedOperation, upstream value) {
	content := upstream.get("content").members()
	described, isJSON := content[contentJSON]
	if listed.Body != nil && !isJSON {
		t.problem(listed, "no body of the type %s (%s)", contentJSON, listed.Body.Schema)
	}
	if !upstream.exists() {
		return
	}
	op.Body = &requestBody{Required: upstream.get("required").isTrue()}
	if !isJSON {
		op.Body.Content = texts(content)
		return
	}
	body := part{listed, listed.Body, "body", "Body"}
	s, leftOut := t.content(body, described.get("schema"))
	op.Body.Content = map[string]*media{contentJSON: {Schema: *s}}
	op.LeftOut.Body = leftOut
}

func (t *trimmer) responses(op *operation, listed listedOperation, upstream map[string]value) {
	found := false
	for _, status := range slices.Sorted(maps.Keys(upstream)) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		content := upstream[status].get("content").members()
		out := &response{Description: "The response.", Content: texts(content)}
		if described, ok := content[contentJSON]; ok {
			response := part{listed, listed.Response, "response", "Result"}
			s, leftOut := t.content(response, described.get("schema"))
			out.Content[contentJSON].Schema = *s
			op.LeftOut.Response = leftOut
			found = true
		}
		op.Responses[status] = out
	}
	if listed.Response != nil && !found {
		t.problem(listed, "no response of the type %s (%s)", contentJSON, listed.Response.Schema)
	}
	// OpenAPI wants a response even of an operation that only redirects.
	if len(op.Responses) == 0 {
		op.Responses["default"] = &response{Description: "The response."}
	}
}

// texts describes contents as texts.
func texts(upstream map[string]value) map[string]*media {
	content := make(map[string]*media)
	for contentType := range upstream {
		content[contentType] = &media{Schema: schema{Type: typeString}}
	}
	return content
}

// part is the body or the response of an operation.
type part struct {
	op     listedOperation
	used   *fieldList // nil for all that upstream has
	kind   string
	suffix string // of a schema that the list does not name
}

// content describes a body or a response. An object becomes a schema of its own; if the list names
// the fields in use, the others are left out.
func (t *trimmer) content(p part, upstream value) (s *schema, leftOut []string) {
	list := upstream.get("type").text() == typeArray
	if list {
		upstream = upstream.get("items")
	}
	o := objectOf(upstream, 0)
	anyFields := upstream.get("type").text() == typeObject
	switch {
	case o != nil && (len(o.fields) > 0 || anyFields && p.used != nil):
		name := goName(p.op.ID) + p.suffix
		if p.used != nil {
			name = p.used.Schema
		}
		leftOut = t.object(p, name, o)
		s = &schema{Ref: "#/components/schemas/" + name}
	case anyFields && p.used == nil:
		s = &schema{Type: typeObject, AdditionalProperties: true}
	default:
		s = simple(upstream, 0)
		if p.used != nil {
			t.problem(p.op, "the %s is not an object (%s)", p.kind, p.used.Schema)
		}
	}
	if list {
		s = &schema{Type: typeArray, Items: s}
	}
	return s, leftOut
}

// object adds to a named schema what an operation uses of it, and returns the fields left out. No
// field of a response is marked required: its Go type would change whenever upstream changes that.
func (t *trimmer) object(p part, name string, o *object) (leftOut []string) {
	target := t.out.Components.Schemas[name]
	if target == nil {
		target = &schema{Type: typeObject, Properties: make(map[string]*schema)}
		t.out.Components.Schemas[name] = target
	}
	offered := slices.Sorted(maps.Keys(o.fields))
	target.AdditionalProperties = len(offered) == 0
	used := offered
	if p.used != nil {
		used = p.used.Fields
	}
	for _, field := range used {
		s, have := o.field(field), target.Properties[field]
		switch {
		case s == nil:
			t.problem(p.op, "no field `%s` in its %s (%s)", field, p.kind, name)
		case have == nil:
			target.Properties[field] = s
		default:
			target.Properties[field] = merge(have, s)
		}
	}
	if p.kind == "body" {
		for _, field := range slices.Sorted(maps.Keys(o.required)) {
			switch {
			case target.Properties[field] == nil && p.used != nil:
				const text = "the field `%s` of the body is required, and the library does not send it"
				t.problem(p.op, text, field)
			case target.Properties[field] != nil && !slices.Contains(target.Required, field):
				target.Required = append(target.Required, field)
			}
		}
	}
	return without(offered, used)
}

var word = regexp.MustCompile(`[A-Za-z0-9]+`)

// goName makes a Go name of an operation's id, which may have spaces.
func goName(id string) (name string) {
	for _, w := range word.FindAllString(id, -1) {
		name += strings.ToUpper(w[:1]) + w[1:]
	}
	return name
}
