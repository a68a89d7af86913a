package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (c *comparison) body(a, b *operation) {
	was, is := a.Body.kinds(), b.Body.kinds()
	if was != is {
		c.say(true, "`%s`: its body was %s, and is %s", a.ID, was, is)
	}
	if a.Body != nil && b.Body != nil {
		c.required(fmt.Sprintf("`%s`: its body", a.ID), a.Body.Required, b.Body.Required)
	}
	c.leftOut(a, b, "body", a.LeftOut.Body, b.LeftOut.Body)
}

func (c *comparison) answers(a, b *operation) {
	describe := func(op *operation) string {
		var all []string
		for _, status := range slices.Sorted(maps.Keys(op.Answers)) {
			if status != noAnswer {
				all = append(all, status+" with "+contentKinds(op.Answers[status].Content))
			}
		}
		if all == nil {
			return "nothing"
		}
		return strings.Join(all, " or ")
	}
	if was, is := describe(a), describe(b); was != is {
		c.say(true, "`%s`: its answer was %s, and is %s", a.ID, was, is)
	}
	c.leftOut(a, b, "answer", a.LeftOut.Answer, b.LeftOut.Answer)
}

// leftOut tells of fields that the library does not use. Those that have come into use or gone out of it are told of
// with the schema.
func (c *comparison) leftOut(a, b *operation, what string, was, is []string) {
	for _, name := range without(without(is, was), c.old.fields(a)) {
		c.say(false, "`%s`: new field `%s` in its %s", a.ID, name, what)
	}
	for _, name := range without(without(was, is), c.new.fields(b)) {
		c.say(false, "`%s`: the field `%s` of its %s, which is not in use, is gone", a.ID, name, what)
	}
}

// fields names those of an operation's own objects that are in use.
func (d *description) fields(op *operation) (names []string) {
	var contents []map[string]*media
	if op.Body != nil {
		contents = append(contents, op.Body.Content)
	}
	for _, a := range op.Answers {
		contents = append(contents, a.Content)
	}
	for _, content := range contents {
		for _, m := range content {
			s := &m.Schema
			if s.Items != nil {
				s = s.Items
			}
			if object := d.Components.Schemas[s.kind()]; object != nil {
				names = slices.AppendSeq(names, maps.Keys(object.Properties))
			}
		}
	}
	return names
}

func (b *requestBody) kinds() string {
	if b == nil {
		return "nothing"
	}
	return contentKinds(b.Content)
}

func contentKinds(content map[string]*media) string {
	if len(content) == 0 {
		return "nothing"
	}
	var all []string
	for _, contentType := range slices.Sorted(maps.Keys(content)) {
		all = append(all, contentType+" ("+content[contentType].Schema.kind()+")")
	}
	return strings.Join(all, ", ")
}

func (c *comparison) object(name string, a, b *schema) {
	if a == nil || b == nil {
		return // its operation has come or gone, or answers something else now: that has been said
	}
	if was, is := a.kind(), b.kind(); was != is {
		c.say(true, "`%s` was %s, and is %s", name, was, is)
	}
	gone := c.kindsOf(name, a, b)
	for _, field := range union(a.Properties, b.Properties) {
		subject := fmt.Sprintf("`%s.%s`:", name, field)
		was, is := a.Properties[field], b.Properties[field]
		switch {
		case was == nil:
			c.say(false, "%s new field", subject)
			c.required(subject, false, slices.Contains(b.Required, field))
		case is == nil && c.offers(field):
			c.say(false, "%s no longer on the list", subject)
		case is == nil:
			c.say(true, "%s gone", subject)
		default:
			c.types(subject, was, is)
			c.required(subject, slices.Contains(a.Required, field), slices.Contains(b.Required, field))
			c.deprecated(subject, was.Deprecated, is.Deprecated)
			if was.Ref == "" && is.Ref == "" { // AnyJSON has no senders
				c.senders(name, field, gone)
			}
		}
	}
}

// offers tells whether a field is still there, though not on the list.
func (c *comparison) offers(field string) bool {
	return slices.ContainsFunc(c.new.operations(), func(op *operation) bool {
		return slices.Contains(op.LeftOut.Body, field) || slices.Contains(op.LeftOut.Answer, field)
	})
}

// kindsOf tells of the kinds of an object that have come or gone as a whole, and returns them.
func (c *comparison) kindsOf(name string, a, b *schema) map[string]bool {
	all := func(s *schema) map[string]bool {
		names := make(map[string]bool)
		for _, field := range s.Properties {
			for sender := range field.Upstream {
				names[sender] = true
			}
		}
		return names
	}
	was, is := all(a), all(b)
	changed := make(map[string]bool)
	for _, sender := range union(was, is) {
		if was[sender] == is[sender] {
			continue
		}
		changed[sender] = true
		_, before := c.old.route(sender)
		_, after := c.new.route(sender)
		switch {
		case before != after: // an operation that has come to the list or left it
		case was[sender]:
			c.say(true, "`%s`: there is no %s any more", name, sender)
		default:
			c.say(false, "`%s`: there is a new kind, %s", name, sender)
		}
	}
	return changed
}

// senders tells which kinds of an object have begun or ceased to send a field.
func (c *comparison) senders(object, field string, known map[string]bool) {
	subject := fmt.Sprintf("`%s.%s`:", object, field)
	was := c.old.Components.Schemas[object].Properties[field].Upstream
	is := c.new.Components.Schemas[object].Properties[field].Upstream
	for _, sender := range union(was, is) {
		of := ""
		if len(was) > 1 || len(is) > 1 {
			of = " in " + sender
		}
		switch {
		case known[sender] || was[sender] == is[sender]:
		case is[sender] == "":
			c.say(true, "%s gone from %s", subject, sender)
		case was[sender] == "":
			c.say(false, "%s new in %s", subject, sender)
		case is[sender] == "optional":
			c.say(false, "%s no longer required%s", subject, of)
		default:
			c.say(false, "%s now required%s", subject, of)
		}
	}
}
