package main

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	goName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	other  = regexp.MustCompile(`[^a-z0-9]`)
)

// checkNames finds a schema whose name the generated code needs for something else.
func (l *operationList) checkNames() error {
	taken := make(map[string]string) // by what, of each name
	for _, name := range []string{"AnyJSON", "Client", "ClientInterface", "ClientOption", "ClientWithResponses", "ClientWithResponsesInterface",
		"HTTPRequestDoer", "NewClient", "NewClientWithResponses", "RequestEditorFn", "WithBaseURL", "WithHTTPClient", "WithRequestEditorFn"} {
		taken[plain(name)] = "a name that every generated client has"
	}
	for _, op := range l.Operations {
		for _, form := range []string{"%sParams", "%sResponse", "%sJSONBody", "%sJSONRequestBody", "%sAnswer", "%sBody",
			"New%sRequest", "New%sRequestWithBody", "Parse%sResponse"} {
			taken[plain(fmt.Sprintf(form, op.ID))] = "what is generated for " + op.ID
		}
		for _, schema := range op.schemas() {
			for _, field := range schema.Fields {
				taken[plain(schema.Schema+field)] = "the values of " + schema.Schema + "." + field
			}
		}
	}
	spelled := make(map[string]string)
	for _, op := range l.Operations {
		for _, schema := range op.schemas() {
			name := schema.Schema
			if !goName.MatchString(name) {
				return fmt.Errorf("%s: the schema name %q is none of Go's; want one such as JobUpdate", op.ID, name)
			}
			if by := taken[plain(name)]; by != "" {
				return fmt.Errorf("%s: the schema name %s is taken in the generated code, by %s; choose another", op.ID, name, by)
			}
			if before := spelled[plain(name)]; before != "" && before != name {
				return fmt.Errorf("%s: the schema names %s and %s become one in the generated code; choose another", op.ID, before, name)
			}
			spelled[plain(name)] = name
		}
	}
	return nil
}

func (op *listedOperation) schemas() (all []*fieldList) {
	for _, schema := range []*fieldList{op.Body, op.Answer} {
		if schema != nil {
			all = append(all, schema)
		}
	}
	return all
}

// plain makes names equal that the generator may spell alike.
func plain(name string) string { return other.ReplaceAllString(strings.ToLower(name), "") }
