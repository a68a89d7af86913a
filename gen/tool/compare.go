package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// comparison is what has changed between two trimmed descriptions, in words. A general diff of two APIs would not do:
// what a change means depends on what the library uses, and most of what it uses has been flattened or left out.
type comparison struct {
	old, new *description
	breaking []string // what a program that was written against old cannot live with
	news     []string // all else
}

func compare(was, is *description) *comparison {
	c := &comparison{old: was, new: is}
	if was == nil {
		return c
	}
	c.servers(was.Servers, is.Servers)
	before := make(map[string]*operation)
	for _, op := range was.operations() {
		before[op.ID] = op
	}
	for _, op := range is.operations() {
		if before[op.ID] == nil {
			c.say(false, "`%s`: new on the list", op.ID)
			continue
		}
		c.operation(before[op.ID], op)
		delete(before, op.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		c.say(false, "`%s`: no longer on the list", id)
	}
	for _, name := range union(was.Components.Schemas, is.Components.Schemas) {
		c.object(name, was.Components.Schemas[name], is.Components.Schemas[name])
	}
	return c
}

func (c *comparison) say(breaking bool, format string, args ...any) {
	list := &c.news
	if breaking {
		list = &c.breaking
	}
	*list = append(*list, fmt.Sprintf(format, args...))
}

// servers tells of another base of all routes. Which host serves them is not the library's concern.
func (c *comparison) servers(a, b []server) {
	bases := func(all []server) string {
		if len(all) == 0 {
			return "/"
		}
		var paths []string
		for _, s := range all {
			base := s.URL
			if u, err := url.Parse(base); err == nil {
				base = strings.TrimSuffix(u.Path, "/") + "/"
			}
			paths = append(paths, base)
		}
		slices.Sort(paths)
		return strings.Join(slices.Compact(paths), ", ")
	}
	if was, is := bases(a), bases(b); was != is {
		c.say(true, "the server URL, under which all routes are, was %q, and is %q", was, is)
	}
}

func (c *comparison) operation(a, b *operation) {
	oldPath, oldMethod := c.old.route(a.ID)
	newPath, newMethod := c.new.route(b.ID)
	was, is := strings.ToUpper(oldMethod)+" "+oldPath, strings.ToUpper(newMethod)+" "+newPath
	if placeholder.ReplaceAllString(was, "{}") != placeholder.ReplaceAllString(is, "{}") {
		c.say(true, "`%s`: moved from %s to %s", a.ID, was, is)
	}
	c.deprecated("`"+a.ID+"`:", a.Deprecated, b.Deprecated)
	oldQuery, oldNames := split(a)
	newQuery, newNames := split(b)
	if was, is := strings.Join(oldNames, ", "), strings.Join(newNames, ", "); was != is {
		c.say(true, "`%s`: the parameters in its path were %s, and are %s", a.ID, was, is)
	}
	for _, name := range union(oldQuery, newQuery) {
		c.parameter(a.ID, name, oldQuery[name], newQuery[name])
	}
	c.body(a, b)
	c.answers(a, b)
}

// split tells the query parameters of an operation, with a nil for those that are left out, and those of its path.
func split(op *operation) (query map[string]*parameter, path []string) {
	query = make(map[string]*parameter)
	for _, name := range op.LeftOut.Query {
		query[name] = nil
	}
	for _, p := range op.Parameters {
		if p.In == "path" {
			path = append(path, p.Name+" ("+p.Schema.kind()+")")
			continue
		}
		query[p.Name] = p
	}
	return query, path
}

func (c *comparison) parameter(id, name string, a, b *parameter) {
	_, was := lookup(c.old, id, name)
	_, is := lookup(c.new, id, name)
	switch {
	case !was && b != nil && b.Required:
		c.say(true, "`%s`: new required query parameter `%s`", id, name)
	case !was:
		c.say(false, "`%s`: new optional query parameter `%s`", id, name)
	case !is && a == nil:
		c.say(false, "`%s`: the query parameter `%s`, which is not in use, is gone", id, name)
	case !is:
		c.say(true, "`%s`: the query parameter `%s` is gone", id, name)
	case a == nil && b == nil:
	case a == nil:
		c.say(false, "`%s`: the query parameter `%s` is now on the list", id, name)
	case b == nil:
		c.say(false, "`%s`: the query parameter `%s` is no longer on the list", id, name)
	default:
		subject := fmt.Sprintf("`%s`: the query parameter `%s`", id, name)
		c.types(subject, &a.Schema, &b.Schema)
		c.required(subject, a.Required, b.Required)
		c.deprecated(subject+" is", a.Deprecated, b.Deprecated)
	}
}

// lookup tells whether an operation has a query parameter, used or left out.
func lookup(d *description, id, name string) (*parameter, bool) {
	query, _ := split(d.operation(id))
	p, ok := query[name]
	return p, ok
}

func (c *comparison) types(subject string, a, b *schema) {
	if was, is := a.kind(), b.kind(); was != is {
		c.say(true, "%s was %s, and is %s", subject, was, is)
	}
	switch {
	case !a.Nullable && b.Nullable:
		c.say(false, "%s may now be null", subject)
	case a.Nullable && !b.Nullable:
		c.say(false, "%s is no longer null", subject)
	}
	c.values(subject, a, b)
}

// values compares what a value, or an item of a list, is restricted to. Each has a name in the generated code.
func (c *comparison) values(subject string, a, b *schema) {
	if a.Items != nil && b.Items != nil {
		c.values(subject, a.Items, b.Items)
		return
	}
	if (a.Enum == nil) != (b.Enum == nil) {
		c.say(true, "%s was %s, and is %s", subject, a.choice(), b.choice())
		return
	}
	for _, value := range without(a.Enum, b.Enum) {
		c.say(true, "%s the value `%s` is gone", subject, value)
	}
	for _, value := range without(b.Enum, a.Enum) {
		c.say(false, "%s new value `%s`", subject, value)
	}
}

func (s *schema) choice() string {
	if s.Enum == nil {
		return "any " + s.kind()
	}
	return "one of " + strings.Join(s.Enum, ", ")
}

func (c *comparison) deprecated(subject string, was, is bool) {
	if !was && is {
		c.say(false, "%s now deprecated", subject)
	}
}

func (c *comparison) required(subject string, was, is bool) {
	switch {
	case !was && is:
		c.say(true, "%s has become required", subject)
	case was && !is:
		c.say(false, "%s is no longer required", subject)
	}
}

// kind names the type of a value.
func (s *schema) kind() string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case s.Items != nil:
		return "a list of " + s.Items.kind()
	case s.Type == "":
		return cmp.Or(s.GoType, "nothing")
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	}
	return s.Type
}

func union[V any](a, b map[string]V) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Keys(a)), slices.Collect(maps.Keys(b))))))
}
