package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestReferencesMayMove(t *testing.T) {
	const (
		job   = "content: {application/json: {schema: {$ref: \"#/components/schemas/Job\"}}}"
		there = "#/paths/~1moved/get/responses/200/content/application~1json/schema"
	)
	sameDescription(t, edited(t,
		"components/parameters/ID\"", "components/parameters/TheID\"",
		"    ID: {name", "    TheID: {name",
		job, "content: {application/json: {schema: {$ref: \""+there+"\"}}}",
		"\n  /version:", "\n  /moved: {get: {responses: {\"200\": {"+job+"}}}}\n  /version:",
	))
}

func TestTheSameSchemaMayBeWrittenInOtherWays(t *testing.T) {
	const id = "        id: {type: string, format: uuid}\n"
	cases := []struct {
		name string
		edit []string
	}{
		{"an object is all of several", []string{
			id, "",
			"    QueuedJob:\n", "    WithID:\n      properties:\n" + id +
				"    QueuedJob:\n      allOf: [{$ref: \"#/components/schemas/WithID\"}]\n"}},
		{"an object is one of several", []string{
			id, "",
			"    QueuedJob:\n", "    WithID:\n      properties:\n" + id +
				"    QueuedJob:\n      oneOf: [{$ref: \"#/components/schemas/WithID\"}]\n"}},
		{"a field is of several types", []string{
			"id: {oneOf: [{type: string}, {type: integer}]}",
			"id: {anyOf: [{type: string}, {type: array, items: {}}]}"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { sameDescription(t, edited(t, c.edit...)) })
	}
}

// Without a bound, the ways through these schemas are more than can be walked.
func TestSchemasThatContainEachOtherAreAnyJSON(t *testing.T) {
	var circles strings.Builder
	const size = 1000
	for i := range size {
		next, far, self := circle((i+1)%size), circle((i*7+3)%size), circle(i)
		fmt.Fprintf(&circles, "    Circle%d: {anyOf: [%s, %s, %s, %s], properties: {next: %s}}\n",
			i, next, far, self, next, far)
	}
	sameDescription(t, edited(t,
		"    Args: {", circles.String()+"    Args: {",
		"                  result: {}\n", "                  result: "+circle(0)+"\n",
		"{application/json: {schema: {}}}", "{application/json: {schema: "+circle(1)+"}}"))
}

func circle(i int) string { return fmt.Sprintf("{$ref: \"#/components/schemas/Circle%d\"}", i) }
