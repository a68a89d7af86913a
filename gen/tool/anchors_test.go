package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A server's own tool gives what contains itself an anchor, and an alias to it inside.
func TestAnchorsMayContainThemselves(t *testing.T) {
	const flow = "{$ref: \"../flow.yaml#/components/schemas/FlowStatus\"}"
	circular := strings.NewReplacer(
		"result: {}\n", "result: &ref_3 {anyOf: [*ref_3, {type: array, items: *ref_3}], properties: {self: *ref_3}}\n",
	)
	p := newProject(t)
	before := p.openapi()
	upstream := edited(t, "../flow.yaml#/components/schemas/FlowStatus", "#/components/schemas/Circle",
		"    Args: {", "    Circle: &ref_1\n      type: object\n      properties:\n        modules: &ref_2 {type: array, items: *ref_1, oneOf: [*ref_2, *ref_1]}\n        again: *ref_2\n    Args: {")
	data, err := os.ReadFile(upstream)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeFile(upstream, []byte(circular.Replace(string(data)))); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), flow) {
		t.Fatal("the file beside it is still in use")
	}
	if got := p.run("spec", upstream); got.status != 0 {
		t.Errorf("spec: %+v", got)
	}
	if diff := cmp.Diff(before, p.openapi()); diff != "" {
		t.Errorf("openapi.yaml (-before +after):\n%s", diff)
	}
}

func TestMergedMappings(t *testing.T) {
	p := newProject(t)
	before := p.openapi()
	upstream := edited(t,
		"    Tag: {name: tag, in: query, description: tag (theirs), schema: {type: string}}",
		"    Tag: &tag\n      <<: [{in: query}, {in: path, name: colour}, *tag]\n      name: tag\n      schema: &text {type: string, <<: *text}",
		"        script_path: {type: string}\n", "        script_path: &path {<<: &also {<<: *path, title: x}, type: string}\n")
	if got := p.run("spec", upstream); got.status != 0 {
		t.Errorf("spec: %+v", got)
	}
	if diff := cmp.Diff(before, p.openapi()); diff != "" {
		t.Errorf("openapi.yaml (-before +after):\n%s", diff)
	}
}

func TestAnAliasMayBeAKey(t *testing.T) {
	p := newProject(t)
	before := p.openapi()
	upstream := edited(t, "    CompletedJob:\n", "    Name: {title: &name duration_ms}\n    CompletedJob:\n", "        duration_ms: {type: integer}\n", "        *name : {type: integer}\n")
	if got := p.run("spec", upstream); got.status != 0 {
		t.Errorf("spec: %+v", got)
	}
	if diff := cmp.Diff(before, p.openapi()); diff != "" {
		t.Errorf("openapi.yaml (-before +after):\n%s", diff)
	}
}

// Each mapping merges the one before it twice: 2^60 ways lead to the first.
func TestMergedMappingsThatMultiply(t *testing.T) {
	p := newProject(t)
	chain := "x-merged:\n  - &m0 {type: boolean}\n"
	for i := range 60 {
		chain += fmt.Sprintf("  - &m%d {<<: [*m%d, *m%d]}\n", i+1, i, i)
	}
	want := "From Windmill 7.1.0 to 7.1.0, nothing has changed in the operations that this library uses.\n"
	got := p.run("drift", edited(t, "openapi: 3.0.3\n", "openapi: 3.0.3\n"+chain, "                  started: {type: boolean}\n", "                  started: *m60\n"))
	if diff := cmp.Diff(outcome{stdout: want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
}

// The whole description of a server gives what its source gives, but for the version.
func TestWhatAServerServesGivesWhatItsSourceGives(t *testing.T) {
	served, err := filepath.Glob(filepath.Join(os.Getenv("WINDMILL_DESCRIPTIONS"), "served-*", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("WINDMILL_DESCRIPTIONS") == "" {
		served = nil // none is kept here
	}
	committed, err := readDescription(filepath.Join("..", "..", descriptionFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range served {
		p := newProject(t)
		if got := p.run("-accept", "spec", name); got.status != 0 {
			t.Fatalf("spec: %+v", got)
		}
		got, err := readDescription(filepath.Join(p.root, descriptionFile))
		if err != nil {
			t.Fatal(err)
		}
		got.Info.Version = committed.Info.Version
		if diff := cmp.Diff(committed, got); diff != "" {
			t.Errorf("%s (-committed +served):\n%s", name, diff)
		}
	}
}

func TestNewerWaysOfSayingTheSame(t *testing.T) {
	const list = "{type: array, items: {$ref: \"#/components/schemas/CompletedJob\"}}"
	cases := []struct {
		name string
		edit []string
	}{
		{"several", []string{"openapi: 3.0.3", "openapi: 3.1.0",
			"{type: string, enum: [CompletedJob]}", "{const: CompletedJob}",
			"                  result: {}\n", "                  result: true\n",
			"                  success: {type: boolean}\n", "                  success: {anyOf: [{type: boolean}, {type: \"null\"}]}\n",
			"                  started: {type: boolean}\n", "                  started: {type: [boolean, \"null\"]}\n",
			"{$ref: \"#/components/schemas/CompletedJob\"}\n            - {type: object", "{anyOf: [{$ref: \"#/components/schemas/CompletedJob\"}, {type: \"null\"}]}\n            - {type: object"}},
		{"a list or null", []string{"schema: " + list, "schema: {anyOf: [" + list + ", {type: \"null\"}]}"}},
		{"an explained list", []string{"schema: " + list, "schema: {allOf: [{oneOf: [" + list + "]}, {title: x}]}"}},
		{"a list of what may be null", []string{"schema: " + list, "schema: {type: [array, \"null\"], items: {oneOf: [{const: null}, {$ref: \"#/components/schemas/CompletedJob\"}]}}"}},
		{"any object or null", []string{"schema: {type: object}}}", "schema: {oneOf: [{type: object}, {enum: [null]}]}}}"}},
		{"null as the only value", []string{"                  started: {type: boolean}\n", "                  started: {anyOf: [{enum: [null]}, {type: boolean}, {const: null}]}\n"}},
		{"values instead of a type", []string{"{type: string, enum: [QueuedJob]}", "{enum: [QueuedJob]}", "success: {type: boolean}\n        is_skipped", "success: {const: true}\n        is_skipped",
			"log_offset: {type: integer}", "log_offset: {enum: [1, 2]}", "                  success: {type: boolean}\n", "                  success: {enum: [true, false, null]}\n"}},
		{"explanations apart", []string{"success: {type: boolean}\n", "success: {allOf: [{type: boolean}, {description: x}, {}]}\n",
			"script_hash: {type: string}\n", "script_hash: {allOf: [{title: x, deprecated: false}, {anyOf: [{type: string}]}]}\n"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			before := p.openapi()
			if got := p.run("spec", edited(t, c.edit...)); got.status != 0 {
				t.Errorf("spec: %+v", got)
			}
			if diff := cmp.Diff(before, p.openapi()); diff != "" {
				t.Errorf("openapi.yaml (-before +after):\n%s", diff)
			}
		})
	}
}
