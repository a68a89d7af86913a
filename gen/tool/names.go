package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	goName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	other  = regexp.MustCompile(`[^a-z0-9]`)
)

// checkNames finds schemas whose names the generated code needs for something else.
func (d *description) checkNames() error {
	taken := make(map[string]string) // by what, of each name
	for _, name := range []string{"Client", "ClientInterface", "ClientOption", "ClientWithResponses", "ClientWithResponsesInterface",
		"HTTPRequestDoer", "NewClient", "NewClientWithResponses", "RequestEditorFn", "WithBaseURL", "WithHTTPClient", "WithRequestEditorFn"} {
		taken[plain(name)] = "a name that every generated client has"
	}
	for _, op := range d.operations() {
		for _, form := range []string{"%sParams", "%sResponse", "%sJSONBody", "%sJSONRequestBody",
			"New%sRequest", "New%sRequestWithBody", "Parse%sResponse"} {
			taken[plain(fmt.Sprintf(form, op.ID))] = "what is generated for " + op.ID
		}
	}
	for name, s := range d.Components.Schemas {
		if s.GoType != "" && s.Properties != nil {
			taken[plain(name)] = "a type that the overlay adds"
		}
		for field, of := range s.Properties {
			for _, value := range append(of.Enum, "") {
				if of.Enum != nil {
					taken[plain(name+field+value)] = "the values of " + name + "." + field
				}
			}
		}
	}
	spelled := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		by, before := taken[plain(name)], spelled[plain(name)]
		switch {
		case !goName.MatchString(name):
			return fmt.Errorf("the schema name %q is none of Go's; want one such as JobUpdate", name)
		case by != "":
			return fmt.Errorf("the schema name %s is taken in the generated code, by %s; choose another", name, by)
		case before != "":
			return fmt.Errorf("the schema names %s and %s become one in the generated code; choose another", before, name)
		}
		spelled[plain(name)] = name
	}
	return nil
}

// plain makes names equal that the generator may spell alike.
func plain(name string) string { return other.ReplaceAllString(strings.ToLower(name), "") }
