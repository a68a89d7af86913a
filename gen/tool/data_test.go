package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSlipsInTheListAndTheOverlayAreReported(t *testing.T) {
	const action = "overlay: 1.1.0\ninfo: {title: x, version: \"1\"}\nactions:\n"
	cases := []struct {
		name, file, text, want string
	}{
		{"an operation without a reason", "operations.yaml", "operations:\n  - id: backendVersion\n", "needs an id and a why"},
		{"an operation twice", "operations.yaml", "operations:\n  - {id: a, why: b}\n  - {id: a, why: c}\n", "a is listed twice"},
		{"a key that means nothing", "operations.yaml", "operations:\n  - {id: a, why: b, params: [c]}\n", "params"},
		{"two schemas for one answer", "operations.yaml", "operations:\n  - {id: a, why: b, answer: {A: [], B: []}}\n", "want one schema and its fields"},
		{"an operation that nobody has", "operations.yaml", "operations:\n  - {id: a, why: b}\n", "7.1.0:\n  `a`: no such operation\n"},
		{"a parameter twice", "operations.yaml", "operations:\n  - {id: a, why: b, query: [c, d, c]}\n", "operations.yaml: line 2: c is named twice\n"},
		{"a parameter without a name", "operations.yaml", "operations:\n  - {id: a, why: b, query: [c, null]}\n", "operations.yaml: line 2: a name is missing\n"},
		{"a field twice", "operations.yaml", "operations:\n  - {id: a, why: b, answer: {A: [c, c]}}\n", "operations.yaml: line 2: c is named twice\n"},
		{"a field without a name", "operations.yaml", "operations:\n  - {id: a, why: b, body: {A: [\"\"]}}\n", "operations.yaml: line 2: a name is missing\n"},
		{"a damaged description of our own", "../openapi.yaml", "paths: {/version: {get: null}}\n", "openapi.yaml is damaged: line 1: there is nothing where something should be\n"},
		{"an empty description of our own", "../openapi.yaml", "", "openapi.yaml is damaged: it describes no operations\n"},
		{"a description of our own without schemas", "../openapi.yaml", "paths: {/version: {get: {operationId: backendVersion, parameters: [{name: page, in: query}], responses: {\"200\": {content: {text/plain: {}}}}}}}\n", "openapi.yaml is damaged: it is not as make spec writes it\n"},
		{"an empty list", "operations.yaml", "# nothing\n", "operations.yaml lists no operations\n"},
		{"half a description of our own", "../openapi.yaml", "openapi: 3.0.3\npaths:\n  /version: {get", "or delete it to have it made anew, without a comparison"},
		{"an overlay for what is not there", "overlay.yaml", action + "  - target: $.paths.*.*.parameters[?@.name == 'colour']\n    update: {description: x}\n", "colour"},
		{"an overlay that explains a field which is not on the list", "overlay.yaml", action + "  - {target: $.components.schemas.Job.properties, update: {mood: {description: x}}}\n", "`Job.mood`, which is not on the list"},
		{"an overlay with a key that means nothing here", "overlay.yaml", action + "  - {target: $.info, update: {titel: x}}\n", "titel"},
		{"an overlay that contains itself", "overlay.yaml", action + "  - {target: $.info, update: &a {x: *a}}\n", "overlay.yaml: yaml: anchor 'a' value contains itself"},
		{"an overlay whose target is no path", "overlay.yaml", action + "  - {target: '$..[?@.x == ', remove: true}\n", "overlay.yaml: the target $..[?@.x == : "},
		{"an overlay that removes what others refer to", "overlay.yaml", action + "  - {target: $.components, remove: true}\n", "nothing is at #/components/schemas/ScriptArgs, which is referred to\n"},
		{"an overlay that refers to what is not there", "overlay.yaml", action + "  - {target: $.components.schemas.Job.properties, update: {id: {$ref: \"#/components/schemas/Id\"}}}\n", "nothing is at #/components/schemas/Id, which is referred to\n"},
		{"an overlay that is none", "overlay.yaml", "actions: 3\n", "overlay.yaml"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			if err := writeFile(filepath.Join(p.root, "gen", c.file), []byte(c.text)); err != nil {
				t.Fatal(err)
			}
			before := p.files()
			if got := p.run("spec", filepath.Join(sourceDir, "api", "openapi.yaml")); got.status != 1 || !strings.Contains(got.stderr, c.want) ||
				!strings.Contains(got.stderr, "\nopenapi.yaml and gen/ are as they were. ") {
				t.Errorf("spec: %+v, want status 1 and an error with %q", got, c.want)
			}
			if diff := cmp.Diff(before, p.files()); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
		})
	}
}

func TestNamesThatTheGeneratedCodeNeedsForSomethingElse(t *testing.T) {
	cases := []struct{ name, want string }{
		{"Client", "the schema name Client is taken in the generated code, by a name that every generated client has; choose another"},
		{"AnyJSON", "the schema name AnyJSON is taken in the generated code, by a type that the overlay adds; choose another"},
		{"GetJobParams", "the schema name GetJobParams is taken in the generated code, by what is generated for getJob; choose another"},
		{"JobType", "the schema name JobType is taken in the generated code, by the values of Job.type; choose another"},
		{"JobTypeQueuedJob", "the schema name JobTypeQueuedJob is taken in the generated code, by the values of Job.type; choose another"},
		{"JobUpdateType", "the schema name JobUpdateType is taken in the generated code, by the values of JobUpdate.type; choose another"},
		{"ListedJOB", "the schema names ListedJOB and ListedJob become one in the generated code; choose another"},
		{"my-user", "the schema name \"my-user\" is none of Go's; want one such as JobUpdate"},
	}
	for _, c := range cases {
		p := newProject(t)
		p.editList(func(text string) string { return text + ownOperation + "    answer: {" + c.name + ": [email]}\n" })
		before := p.files()
		if got := p.run("spec", filepath.Join(sourceDir, "api", "openapi.yaml")); got.status != 1 ||
			!strings.HasPrefix(got.stderr, "gen/operations.yaml: "+c.want+"\nopenapi.yaml and gen/ are as they were. ") {
			t.Errorf("%s: %+v, want status 1 and %q", c.name, got, c.want)
		}
		if diff := cmp.Diff(before, p.files()); diff != "" {
			t.Errorf("%s: files (-before +after):\n%s", c.name, diff)
		}
	}
}

func TestACorrectionThatUpstreamHasMadeIsNotedAndDoesNotStopAnything(t *testing.T) {
	p := newProject(t)
	before := p.openapi()
	got := p.run("spec", edited(t, ", format: uuid", ""))
	if got.status != 0 || !strings.Contains(got.stderr, "nothing to remove at $..[?@.format == 'uuid'].format; the action can go") {
		t.Errorf("spec: %+v, want status 0 and a note", got)
	}
	if diff := cmp.Diff(before, p.openapi()); diff != "" {
		t.Errorf("openapi.yaml (-before +after):\n%s", diff)
	}
}

func TestAnOperationIsTakenWholeByTwoLinesInTheList(t *testing.T) {
	p := newProject(t)
	p.listUsers()
	got := p.run("spec", filepath.Join(sourceDir, "api", "openapi.yaml"))
	want := outcome{stdout: "From Windmill 7.1.0 to 7.1.0, in the operations that this library uses:\n  `listUsers`: new on the list\n"}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	d, err := decodeDescription([]byte(p.openapi()))
	if err != nil {
		t.Fatal(err)
	}
	wantUser := &schema{Type: "object", Properties: map[string]*schema{
		"email":    {Type: "string", Upstream: map[string]string{"listUsers": "required"}},
		"is_admin": {Type: "boolean", Upstream: map[string]string{"listUsers": "required"}},
		"groups":   {Type: "array", Items: &schema{Type: "string"}, Upstream: map[string]string{"listUsers": "optional"}},
		"usage":    {Ref: anyJSON},
	}}
	if diff := cmp.Diff(wantUser, d.Components.Schemas["ListUsersAnswer"]); diff != "" {
		t.Errorf("ListUsersAnswer (-want +got):\n%s", diff)
	}
}

func TestWhatTheListNamesCanChange(t *testing.T) {
	const head = "From Windmill 7.1.0 to 7.1.0, in the operations that this library uses:\n"
	p := newProject(t)
	before := p.openapi()
	longer := []string{"query: []", "query: [allow_cache]", "JobUpdate: [running, ", "JobUpdate: [running, flow_status, "}
	p.editList(func(text string) string { return strings.NewReplacer(longer...).Replace(text) })
	want := outcome{stdout: head + "  `getResourceValueInterpolated`: the query parameter `allow_cache` is now on the list\n  `JobUpdate.flow_status`: new field\n"}
	if diff := cmp.Diff(want, p.run("spec", upstream), cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("a longer list, outcome (-want +got):\n%s", diff)
	}
	slices.Reverse(longer)
	p.editList(func(text string) string { return strings.NewReplacer(longer...).Replace(text) })
	want = outcome{stdout: head + "  `getResourceValueInterpolated`: the query parameter `allow_cache` is no longer on the list\n  `JobUpdate.flow_status`: no longer on the list\n"}
	if diff := cmp.Diff(want, p.run("spec", upstream), cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("a shorter list, outcome (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, p.openapi()); diff != "" {
		t.Errorf("openapi.yaml (-before +after):\n%s", diff)
	}
}

func TestAParameterThatTheOverlayAddsAndTheListNames(t *testing.T) {
	p := newProject(t)
	p.editList(func(text string) string { return strings.ReplaceAll(text, "tag, job_id]", "tag, job_id, root_job]") })
	before := p.files()
	want := "gen/overlay.yaml does not fit the API description of Windmill 7.1.0:\n" +
		"  the parameter `root_job` of `runScriptByHash` is there twice\n  the parameter `root_job` of `runScriptByPath` is there twice\n"
	got := p.run("spec", edited(t, "- {$ref: \"#/components/parameters/Tag\"}", "- {$ref: \"#/components/parameters/Tag\"}\n        - {name: root_job, in: query, schema: {type: string}}"))
	if got.status != 1 || !strings.HasPrefix(got.stderr, want+"openapi.yaml and gen/ are as they were. Mend gen/overlay.yaml") {
		t.Errorf("spec: %+v, want status 1 and %q", got, want)
	}
	if diff := cmp.Diff(before, p.files()); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

func TestAnOperationCanLeaveTheList(t *testing.T) {
	p := newProject(t)
	before := p.openapi()
	p.listUsers()
	upstream := filepath.Join(sourceDir, "api", "openapi.yaml")
	if got := p.run("spec", upstream); got.status != 0 {
		t.Fatalf("spec with it: %+v", got)
	}
	p.unlistUsers()
	want := outcome{stdout: "From Windmill 7.1.0 to 7.1.0, in the operations that this library uses:\n  `listUsers`: no longer on the list\n"}
	if diff := cmp.Diff(want, p.run("spec", upstream), cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, p.openapi()); diff != "" {
		t.Errorf("openapi.yaml (-before +after):\n%s", diff)
	}
}
