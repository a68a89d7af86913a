package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// trimmer takes the operations on the list out of an upstream description, without its prose.
type trimmer struct {
	paths    map[string]value
	routes   map[string][]string // by operation id: "GET /version"
	out      *description
	problems []string // what the library needs and upstream does not have
}

// trim returns the facts of the listed operations, and what the library needs and does not find.
func trim(doc value, list *operationList) (facts *description, problems []string) {
	t := &trimmer{
		paths:  doc.get("paths").members(),
		routes: make(map[string][]string),
		out: &description{
			OpenAPI:    "3.0.3",
			Info:       info{Version: doc.get("info").get("version").text()},
			Servers:    []server{{URL: "/api"}},
			Paths:      make(map[string]map[string]*operation),
			Components: components{Schemas: make(map[string]*schema)},
		},
	}
	for _, s := range doc.get("servers").items() {
		base := s.get("url").text()
		if !strings.HasSuffix(strings.TrimSuffix(base, "/"), "/api") {
			t.problems = append(t.problems, fmt.Sprintf("all routes are under %q, not /api", base))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(t.paths)) {
		for _, method := range methods {
			if id := t.paths[path].get(method).get("operationId").text(); id != "" {
				t.routes[id] = append(t.routes[id], strings.ToUpper(method)+" "+path)
			}
		}
	}
	for _, op := range list.Operations {
		t.operation(op)
		for _, broken := range doc.r.broken {
			t.problem(op, "%s", broken)
		}
		doc.r.broken = nil
	}
	return t.out, t.problems
}

var methods = []string{"delete", "get", "head", "options", "patch", "post", "put", "trace"}

func (t *trimmer) problem(op listedOperation, format string, args ...any) {
	t.problems = append(t.problems, "`"+op.ID+"`: "+fmt.Sprintf(format, args...))
}

// find returns the route of an operation. It reports false if that is not where the list says.
func (t *trimmer) find(op listedOperation) (route string, ok bool) {
	routes := t.routes[op.ID]
	switch {
	case len(routes) > 1:
		t.problem(op, "%s have this id", strings.Join(routes, " and "))
	case len(routes) == 0:
		t.problem(op, "no such operation%s", t.renamed(op.Route))
	case op.Route != "" && op.Route != routes[0]:
		t.problem(op, "moved from %s to %s", op.Route, routes[0])
	default:
		return routes[0], true
	}
	return "", false
}

// renamed says which operation is at a route now.
func (t *trimmer) renamed(route string) string {
	for id, routes := range t.routes {
		if slices.Contains(routes, route) {
			return fmt.Sprintf("; %s is now `%s`", route, id)
		}
	}
	return ""
}

func (t *trimmer) operation(listed listedOperation) {
	route, ok := t.find(listed)
	if !ok {
		return
	}
	method, path, _ := strings.Cut(route, " ")
	method = strings.ToLower(method)
	item := t.paths[path]
	upstream := item.get(method)
	op := &operation{
		ID:         listed.ID,
		Deprecated: upstream.get("deprecated").isTrue(),
		Responses:  make(map[string]*response),
	}
	if t.out.Paths[path] == nil {
		t.out.Paths[path] = make(map[string]*operation)
	}
	t.out.Paths[path][method] = op

	parameters := make(map[string]value) // those of the operation win over those of its path
	for _, of := range []value{item, upstream} {
		for _, p := range of.get("parameters").items() {
			parameters[p.get("in").text()+" "+p.get("name").text()] = p
		}
	}
	t.pathParameters(op, path, parameters)
	t.queryParameters(op, listed, parameters)
	t.body(op, listed, upstream.get("requestBody"))
	t.responses(op, listed, upstream.get("responses").members())
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func (t *trimmer) pathParameters(op *operation, path string, upstream map[string]value) {
	for _, match := range placeholder.FindAllStringSubmatch(path, -1) {
		s := &schema{Type: typeString}
		if p, ok := upstream["path "+match[1]]; ok {
			s = simple(p.get("schema"), 0)
		}
		op.Parameters = append(op.Parameters,
			&parameter{Name: match[1], In: "path", Required: true, Schema: *s})
	}
}

func (t *trimmer) queryParameters(
	op *operation, listed listedOperation, upstream map[string]value,
) {
	var offered, required []string
	for _, key := range slices.Sorted(maps.Keys(upstream)) {
		in, name, _ := strings.Cut(key, " ")
		if in == "query" {
			offered = append(offered, name)
		}
		if in != "path" && upstream[key].get("required").isTrue() {
			required = append(required, key)
		}
	}
	used := offered
	if listed.Query != nil {
		used = *listed.Query
	}
	for _, name := range used {
		p, ok := upstream["query "+name]
		if !ok {
			t.problem(listed, "no query parameter `%s`", name)
			continue
		}
		op.Parameters = append(op.Parameters, &parameter{
			Name:       name,
			In:         "query",
			Required:   p.get("required").isTrue(),
			Deprecated: p.get("deprecated").isTrue(),
			Schema:     *simple(p.get("schema"), 0),
		})
	}
	op.LeftOut.Query = without(offered, used)
	for _, key := range required {
		in, name, _ := strings.Cut(key, " ")
		if in != "query" || !slices.Contains(used, name) {
			t.problem(listed, "the %s parameter `%s` is required, and the library does not send it",
				in, name)
		}
	}
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool {
		return slices.Contains(some, s)
	})
}
