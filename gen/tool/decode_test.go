package main

import (
	"encoding/json"
	"testing"

	"gopkg.in/yaml.v3"
)

// In a server's own description, what is repeated has an anchor, and what contains itself an alias
// inside.
func TestAServersOwnDescriptionGivesWhatTheSourceGives(t *testing.T) {
	const (
		status    = "{$ref: \"../flow.yaml#/components/schemas/FlowStatus\"}"
		workspace = "{$ref: \"#/components/parameters/Workspace\"}"
		path      = "\n        - {$ref: \"#/components/parameters/Path\"}"
		completed = "{$ref: \"#/components/schemas/CompletedJob\"}"
	)
	name := edited(t,
		workspace+path, "&w {name: workspace, in: path, required: true, schema: {type: string}}"+path,
		workspace, "*w",
		"items: "+completed, "items: &c {type: object, required: [id, success, canceled, duration_ms], "+
			"properties: {id: {type: string, format: uuid}, duration_ms: {type: integer}, "+
			"success: {type: boolean}, canceled: {type: boolean}, "+
			"flow_status: &s {type: object, properties: {inner: *s}}}}",
		completed, "*c",
		status, "*s")
	if err := yaml.Unmarshal([]byte(readFile(t, name)), new(any)); err == nil {
		t.Fatal("no anchor contains itself")
	}
	sameDescription(t, name)
}

func TestJSONGivesWhatYAMLGives(t *testing.T) {
	var doc any
	if err := yaml.Unmarshal([]byte(readFile(t, upstream)), &doc); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	sameDescription(t, described(t, string(data)))
}
