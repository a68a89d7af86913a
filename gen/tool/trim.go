package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// trimmer takes the operations on the list out of an upstream description, without a word of its prose.
type trimmer struct {
	paths    map[string]value
	old      *description // what openapi.yaml says so far
	was      *operation   // what it says of the operation at hand
	out      *description
	problems []string // what is on the list and not upstream, or required upstream and not on the list
}

// trim returns the facts of the listed operations, and what the library needs and does not find. In the place of that, the facts
// have what old says, so that a comparison tells of all else, and of nothing twice. Of what is malformed they say nothing useful.
func trim(doc value, list *operationList, old *description) (facts *description, problems []string, malformed bool) {
	if old == nil {
		old = new(description)
	}
	t := &trimmer{paths: doc.get("paths").members(), old: old, out: &description{
		OpenAPI:    "3.0.3",
		Info:       info{Version: doc.get("info").get("version").text()},
		Paths:      make(map[string]map[string]*operation),
		Components: components{Schemas: make(map[string]*schema)},
	}}
	for _, s := range doc.get("servers").items() {
		base := s.get("url").text()
		for name, variable := range s.get("variables").members() {
			base = strings.ReplaceAll(base, "{"+name+"}", variable.get("default").text())
		}
		t.out.Servers = append(t.out.Servers, server{URL: base})
	}
	t.problems, doc.r.wrong = doc.r.wrong, nil
	malformed = t.problems != nil
	for _, op := range list.Operations {
		t.operation(op)
		for _, wrong := range doc.r.wrong {
			t.problem(op, "%s", wrong)
			malformed = true
		}
		doc.r.wrong = nil
	}
	return t.out, t.problems, malformed
}

func (t *trimmer) problem(op listedOperation, format string, args ...any) {
	t.problems = append(t.problems, "`"+op.ID+"`: "+fmt.Sprintf(format, args...))
}

func (t *trimmer) operation(listed listedOperation) {
	t.was = cmp.Or(t.old.operation(listed.ID), new(operation))
	routes := t.routes(listed.ID)
	if len(routes) != 1 {
		if len(routes) == 0 {
			t.problem(listed, "no such operation%s", t.renamed(listed.ID))
		} else {
			t.problem(listed, "%s and %s have this id", routes[0], routes[1])
		}
		if path, method := t.old.route(listed.ID); path != "" {
			t.put(path, method, t.was)
		}
		return
	}
	path, method := routes[0].path, routes[0].method
	upstream := t.at(path, method)
	for _, level := range []value{t.paths[path], upstream} {
		if level.get("servers").exists() {
			t.problem(listed, "it has a server URL of its own, which the generated client would not use")
		}
	}
	op := &operation{ID: listed.ID, Deprecated: upstream.get("deprecated").isTrue(), Answers: make(map[string]*answer)}
	t.put(path, method, op)
	t.parameters(op, listed, path, parametersOf(t.paths[path], upstream))
	if !t.body(op, listed, upstream.get("requestBody")) {
		op.Body, op.LeftOut.Body = t.was.Body, t.was.LeftOut.Body
	}
	if !t.answers(op, listed, upstream.get("responses").members()) {
		op.Answers, op.LeftOut.Answer = t.was.Answers, t.was.LeftOut.Answer
	}
}

func (t *trimmer) put(path, method string, op *operation) {
	if t.out.Paths[path] == nil {
		t.out.Paths[path] = make(map[string]*operation)
	}
	t.out.Paths[path][method] = op
}

var methods = []string{"delete", "get", "head", "options", "patch", "post", "put", "trace"}

type route struct{ path, method string }

func (r route) String() string { return strings.ToUpper(r.method) + " " + r.path }

// routes finds where upstream has an operation: at one place, or something is wrong.
func (t *trimmer) routes(id string) (all []route) {
	for _, path := range slices.Sorted(maps.Keys(t.paths)) {
		for _, method := range methods {
			if t.idOf(t.at(path, method)) == id {
				all = append(all, route{path, method})
			}
		}
	}
	return all
}

// at returns the operation at a route. Most are none of ours, and may be broken.
func (t *trimmer) at(path, method string) (op value) {
	item, ok := t.paths[path]
	if ok {
		item.r.quietly(func() { op = item.get(method).target() })
	}
	return op
}

func (t *trimmer) idOf(op value) string {
	m, _ := op.data.(map[string]any)
	id, _ := m["operationId"].(string)
	return id
}

// renamed tells what stands where a missing operation was.
func (t *trimmer) renamed(id string) string {
	path, method := t.old.route(id)
	if is := t.idOf(t.at(path, method)); is != "" {
		return fmt.Sprintf("; %s is now `%s`", route{path, method}, is)
	}
	if item, ok := t.paths[path]; ok {
		item.get(method).members() // complains, if it is there and malformed
	}
	return ""
}

// parametersOf joins the parameters of a path with those of one of its operations, which win.
func parametersOf(item, op value) map[string]value {
	parameters := make(map[string]value)
	for _, p := range slices.Concat(item.get("parameters").items(), op.get("parameters").items()) {
		if p = p.target(); !p.exists() {
			continue
		}
		name, in := p.get("name").text(), p.get("in").text()
		if name == "" || in == "" {
			p.complain("a parameter without a name, or without a place (in)")
		}
		parameters[in+" "+name] = p
	}
	return parameters
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func (t *trimmer) parameters(op *operation, listed listedOperation, path string, upstream map[string]value) {
	for _, match := range placeholder.FindAllStringSubmatch(path, -1) {
		p := &parameter{Name: match[1], In: "path", Required: true, Schema: schema{Type: typeString}}
		if described, ok := upstream["path "+match[1]]; ok {
			p.Schema = *simple(described.get("schema"), 0)
			p.Deprecated = described.get("deprecated").isTrue()
		}
		op.Parameters = append(op.Parameters, p)
	}
	var offered []string
	for _, key := range slices.Sorted(maps.Keys(upstream)) {
		in, name, _ := strings.Cut(key, " ")
		if in == "query" {
			offered = append(offered, name)
		} else if in != "path" && upstream[key].get("required").isTrue() {
			t.problem(listed, "the %s parameter `%s` is required, which the library does not send", in, name)
		}
	}
	wanted := offered
	if listed.Query != nil {
		wanted = *listed.Query
	}
	for _, name := range wanted {
		p, ok := upstream["query "+name]
		if !ok {
			t.problem(listed, "no query parameter `%s`", name)
			if was, _ := split(t.was); was[name] != nil {
				op.Parameters = append(op.Parameters, was[name])
			}
			continue
		}
		op.Parameters = append(op.Parameters, &parameter{Name: name, In: "query", Required: p.get("required").isTrue(),
			Deprecated: p.get("deprecated").isTrue(), Schema: *simple(p.get("schema"), 0)})
	}
	leftOut := without(offered, wanted)
	required := slices.DeleteFunc(slices.Clone(leftOut), func(name string) bool { return !upstream["query "+name].get("required").isTrue() })
	op.LeftOut.Query = t.unsent(listed, "query parameter `%s`", required, leftOut, t.was.LeftOut.Query)
}

// unsent complains of what is required and not in use. Where that is new, it is not left out as well, which would be told as news.
func (t *trimmer) unsent(listed listedOperation, what string, required, leftOut, was []string) []string {
	for _, name := range required {
		t.problem(listed, "the "+what+" is required, which the library does not send", name)
	}
	return without(leftOut, without(required, was))
}

// noAnswer stands for the answer of an operation that has none.
const noAnswer = "default"

const contentJSON = "application/json"

// body reports false if what the list names is not there.
func (t *trimmer) body(op *operation, listed listedOperation, body value) bool {
	if !body.exists() {
		if listed.Body != nil {
			t.problem(listed, "no body")
		}
		return listed.Body == nil
	}
	op.Body = &requestBody{Required: body.get("required").isTrue(), Content: make(map[string]*media)}
	content := body.get("content").members()
	described, ok := content[contentJSON]
	if !ok {
		if listed.Body != nil {
			t.problem(listed, "no body of the type %s", contentJSON)
		}
		for contentType := range content {
			op.Body.Content[contentType] = &media{Schema: schema{Type: typeString}}
		}
		return listed.Body == nil
	}
	part := t.content(listed, listed.Body, described.get("schema"), "body")
	if part == nil {
		return false
	}
	var required []string
	for _, name := range slices.Sorted(maps.Keys(part.always)) {
		if listed.Body != nil && part.always[name] && !slices.Contains(part.used, name) {
			required = append(required, name)
		}
	}
	part.setRequired(t.out.Components.Schemas)
	op.Body.Content[contentJSON] = &media{Schema: *part.schema}
	op.LeftOut.Body = t.unsent(listed, "field `%s` of the body", required, part.leftOut, t.was.LeftOut.Body)
	return true
}

// answers reports false if what the list names is not there.
func (t *trimmer) answers(op *operation, listed listedOperation, all map[string]value) bool {
	described := false
	for _, status := range slices.Sorted(maps.Keys(all)) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		out := &answer{Description: "The answer.", Content: make(map[string]*media)}
		op.Answers[status] = out
		for contentType, m := range all[status].get("content").members() {
			if contentType != contentJSON {
				out.Content[contentType] = &media{Schema: schema{Type: typeString}}
				continue
			}
			part := t.content(listed, listed.Answer, m.get("schema"), "answer")
			if part == nil {
				return false
			}
			part.recordSenders(t.out.Components.Schemas)
			out.Content[contentType] = &media{Schema: *part.schema}
			op.LeftOut.Answer = part.leftOut
			described = true
		}
	}
	if listed.Answer != nil && !described {
		t.problem(listed, "no answer of the type %s (%s)", contentJSON, listed.Answer.Schema)
		return false
	}
	// A redirection, for one: OpenAPI wants an answer all the same.
	if len(op.Answers) == 0 {
		op.Answers[noAnswer] = &answer{Description: "The answer."}
	}
	return true
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}
