package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// trimmer takes the operations on the list out of an upstream description, without a word of its prose.
type trimmer struct {
	paths    *openapi3.Paths
	old      *description // what openapi.yaml says so far; nil if there is none
	out      *description
	problems []string // what is on the list and not upstream, or required upstream and not on the list
}

// trim returns the facts of the listed operations, and what the library needs and does not find.
func trim(doc *openapi3.T, list *operationList, old *description) (*description, []string) {
	t := &trimmer{paths: doc.Paths, old: old, out: &description{
		OpenAPI:    "3.0.3",
		Info:       info{Version: doc.Info.Version},
		Paths:      make(map[string]map[string]*operation),
		Components: components{Schemas: make(map[string]*schema)},
	}}
	for _, s := range doc.Servers {
		t.out.Servers = append(t.out.Servers, server{URL: s.URL})
	}
	for _, op := range list.Operations {
		t.operation(op)
	}
	return t.out, t.problems
}

func (t *trimmer) problem(op listedOperation, format string, args ...any) {
	t.problems = append(t.problems, "`"+op.ID+"`: "+fmt.Sprintf(format, args...))
}

func (t *trimmer) operation(listed listedOperation) {
	path, method, upstream := find(t.paths, listed.ID)
	if upstream == nil {
		t.problem(listed, "no such operation%s", t.renamed(listed.ID))
		return
	}
	op := &operation{ID: listed.ID, Answers: make(map[string]*answer), LeftOut: new(leftOut)}
	if t.out.Paths[path] == nil {
		t.out.Paths[path] = make(map[string]*operation)
	}
	t.out.Paths[path][method] = op
	t.parameters(op, listed, path, parametersOf(t.paths.Value(path), upstream))
	t.body(op, listed, upstream)
	t.answers(op, listed, upstream)
	if op.LeftOut.empty() {
		op.LeftOut = nil
	}
}

// find returns nil for an operation that upstream does not have.
func find(paths *openapi3.Paths, id string) (path, method string, op *openapi3.Operation) {
	for _, path := range slices.Sorted(maps.Keys(paths.Map())) {
		operations := paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			if operations[method].OperationID == id {
				return path, strings.ToLower(method), operations[method]
			}
		}
	}
	return "", "", nil
}

// renamed tells what stands where a missing operation was.
func (t *trimmer) renamed(id string) string {
	path, method := t.old.route(id)
	item := t.paths.Value(path)
	if item == nil {
		return ""
	}
	if op := item.GetOperation(strings.ToUpper(method)); op != nil {
		return fmt.Sprintf("; %s %s is now `%s`", strings.ToUpper(method), path, op.OperationID)
	}
	return ""
}

// parametersOf joins the parameters of a path with those of one of its operations, which win.
func parametersOf(item *openapi3.PathItem, op *openapi3.Operation) map[string]*openapi3.Parameter {
	parameters := make(map[string]*openapi3.Parameter)
	for _, ref := range slices.Concat(item.Parameters, op.Parameters) {
		if ref.Value != nil {
			parameters[ref.Value.In+" "+ref.Value.Name] = ref.Value
		}
	}
	return parameters
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func (t *trimmer) parameters(op *operation, listed listedOperation, path string, upstream map[string]*openapi3.Parameter) {
	for _, match := range placeholder.FindAllStringSubmatch(path, -1) {
		p := &parameter{Name: match[1], In: openapi3.ParameterInPath, Required: true, Schema: &schema{Type: openapi3.TypeString}}
		if described := upstream["path "+match[1]]; described != nil {
			p.Schema = simple(described.Schema, 0)
		}
		op.Parameters = append(op.Parameters, p)
	}
	var wanted, offered []string
	for _, key := range slices.Sorted(maps.Keys(upstream)) {
		if p := upstream[key]; p.In == openapi3.ParameterInQuery {
			offered = append(offered, p.Name)
		} else if p.In != openapi3.ParameterInPath && p.Required {
			t.problem(listed, "the %s parameter `%s` is required, which the library does not send", p.In, p.Name)
		}
	}
	if wanted = offered; listed.Query != nil {
		wanted = *listed.Query
	}
	for _, name := range wanted {
		p := upstream["query "+name]
		if p == nil {
			t.problem(listed, "no query parameter `%s`", name)
			continue
		}
		op.Parameters = append(op.Parameters, &parameter{Name: name, In: p.In, Required: p.Required, Schema: simple(p.Schema, 0)})
	}
	for _, name := range without(offered, wanted) {
		op.LeftOut.Query = append(op.LeftOut.Query, name)
		if upstream["query "+name].Required {
			t.problem(listed, "the query parameter `%s` is required, which the library does not send", name)
		}
	}
}

const contentJSON = "application/json"

func (t *trimmer) body(op *operation, listed listedOperation, upstream *openapi3.Operation) {
	if upstream.RequestBody == nil || upstream.RequestBody.Value == nil {
		if listed.Body != nil {
			t.problem(listed, "no body")
		}
		return
	}
	body := upstream.RequestBody.Value
	op.Body = &requestBody{Required: body.Required, Content: make(map[string]*media)}
	described := body.Content[contentJSON]
	if described == nil {
		if listed.Body != nil {
			t.problem(listed, "no body of the type %s", contentJSON)
		}
		for _, contentType := range slices.Sorted(maps.Keys(body.Content)) {
			op.Body.Content[contentType] = &media{Schema: &schema{Type: openapi3.TypeString}}
		}
		return
	}
	part := t.content(listed, listed.Body, described.Schema, "body")
	for _, name := range part.leftOut {
		if part.always[name] {
			t.problem(listed, "the field `%s` of the body is required, which the library does not send", name)
		}
	}
	part.setRequired(t.out.Components.Schemas)
	op.Body.Content[contentJSON] = &media{Schema: part.schema}
	op.LeftOut.Body = part.leftOut
}

func (t *trimmer) answers(op *operation, listed listedOperation, upstream *openapi3.Operation) {
	all := upstream.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(all)) {
		if !strings.HasPrefix(status, "2") || all[status].Value == nil {
			continue
		}
		out := &answer{Description: "The answer.", Content: make(map[string]*media)}
		op.Answers[status] = out
		for _, contentType := range slices.Sorted(maps.Keys(all[status].Value.Content)) {
			if contentType != contentJSON {
				out.Content[contentType] = &media{Schema: &schema{Type: openapi3.TypeString}}
				continue
			}
			part := t.content(listed, listed.Answer, all[status].Value.Content[contentType].Schema, "answer")
			part.recordSenders(t.out.Components.Schemas)
			out.Content[contentType] = &media{Schema: part.schema}
			op.LeftOut.Answer = part.leftOut
		}
	}
	// A redirection, for one: OpenAPI wants an answer all the same.
	if len(op.Answers) == 0 {
		op.Answers["default"] = &answer{Description: "The answer."}
	}
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}

func (l *leftOut) empty() bool {
	return len(l.Query)+len(l.Body)+len(l.Answer) == 0
}
