package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const queued = `        running: {type: boolean}
        canceled: {type: boolean}
`

func TestWhatTheLibraryCannotLiveWithIsNamedAndNothingChanges(t *testing.T) {
	cases := []struct {
		name string
		edit []string
		want []string
	}{
		{"an operation is renamed", []string{"operationId: getJob\n", "operationId: fetchJob\n"},
			[]string{"`getJob`: no such operation; GET /w/{workspace}/jobs_u/get/{id} is now `fetchJob`"}},
		{"an operation is gone with its path", []string{"/getupdate_sse/", "/stream/", "getJobUpdatesSSE", "stream"},
			[]string{"`getJobUpdatesSSE`: no such operation"}},
		{"a parameter is renamed", []string{"name: tag,", "name: worker_tag,"},
			[]string{"`runScriptByHash`: no query parameter `tag`", "`runScriptByPath`: no query parameter `tag`"}},
		{"a parameter has become required", []string{"name: get_started, in: query,", "name: get_started, in: query, required: true,"},
			[]string{"`getCompletedJobResultMaybe`: the query parameter `get_started` has become required"}},
		{"a parameter that is not in use has become required", []string{"name: cache_ttl, in: query,", "name: cache_ttl, in: query, required: true,"},
			[]string{"`runScriptByHash`: the query parameter `cache_ttl` is required, which the library does not send"}},
		{"a header is required", []string{"{name: no_code, in: query,", "{name: X-Why, in: header, required: true, schema: {type: string}}\n        - {name: no_code, in: query,"},
			[]string{"`getJob`: the header parameter `X-Why` is required, which the library does not send"}},
		{"a parameter's type has changed", []string{"name: per_page, in: query, schema: {type: integer}", "name: per_page, in: query, schema: {type: string}"},
			[]string{"`listCompletedJobs`: the query parameter `per_page` was integer, and is string"}},
		{"a parameter in the path has another name", []string{"jobs_u/queue/cancel/{id}", "jobs_u/queue/cancel/{job}"},
			[]string{"`cancelQueuedJob`: the parameters in its path were workspace (string), id (string), and are workspace (string), job (string)"}},
		{"a field is gone", []string{"        duration_ms: {type: integer}\n", "", "        success: {type: boolean}\n        is_skipped", "        is_skipped"},
			[]string{"`getJob`: no field `success` in its answer (Job)", "`listCompletedJobs`: no field `duration_ms` in its answer (ListedJob)"}},
		{"a field is gone from one kind of job", []string{queued, "        running: {type: boolean}\n"},
			[]string{"`Job.canceled`: gone from QueuedJob"}},
		{"a field's type has changed", []string{queued, "        running: {type: string}\n        canceled: {type: boolean}\n"},
			[]string{"`Job.running`: was boolean, and is string"}},
		{"a result is no longer any JSON", []string{"                  result: {}\n", "                  result: {type: string}\n"},
			[]string{"`ResultMaybe.result`: was AnyJSON, and is string"}},
		{"a kind of job has another name", []string{"enum: [QueuedJob]", "enum: [PendingJob]"},
			[]string{"`Job`: there is no QueuedJob any more", "`Job.type`: the value `QueuedJob` is gone"}},
		{"a field is restricted to some values", []string{queued, "        running: {type: boolean}\n        canceled: {type: boolean}\n", "new_logs: {type: string}", "new_logs: {type: string, enum: [none, some]}"},
			[]string{"`JobUpdate.new_logs`: was any string, and is one of none, some"}},
		{"a parameter is restricted to some values", []string{"name: script_hash, in: query, schema: {type: string}", "name: script_hash, in: query, schema: {type: string, enum: [new, old]}"},
			[]string{"`listCompletedJobs`: the query parameter `script_hash` was any string, and is one of new, old"}},
		{"a field is of several types", []string{queued, "        running: {type: [boolean, string]}\n        canceled: {type: boolean}\n"},
			[]string{"`Job.running`: was boolean, and is AnyJSON"}},
		{"a field of a body is renamed", []string{"reason: {type: string, description", "why: {type: string, description"},
			[]string{"`cancelQueuedJob`: no field `reason` in its body (CancelRequest)"}},
		{"a field of a body has become required", []string{"              properties:\n                reason:", "              required: [reason]\n              properties:\n                reason:"},
			[]string{"`CancelRequest.reason`: has become required"}},
		{"a body has a new required field", []string{"              properties:\n                reason:", "              required: [who]\n              properties:\n                who: {type: string}\n                reason:"},
			[]string{"`cancelQueuedJob`: the field `who` of the body is required, which the library does not send"}},
		{"a body requires a field that is not described", []string{"              properties:\n                reason:", "              required: [who]\n              properties:\n                reason:"},
			[]string{"`cancelQueuedJob`: the field `who` of the body is required, which the library does not send"}},
		{"arguments that have to be there", []string{"schema: {type: object}}}", "schema: {type: object, required: [day]}}}"},
			[]string{"`runScriptByHash`: the field `day` of the body is required, which the library does not send"}},
		{"a body is no longer an object", []string{"schema: {type: object}}}", "schema: {type: array, items: {}}}}"},
			[]string{"`runScriptByHash`: the body is not an object (ScriptArgs)"}},
		{"a body is an object and a list at once", []string{"schema: {type: object}}}", "schema: {type: object, oneOf: [{type: array, items: {}}]}}}"},
			[]string{"`runScriptByHash`: the body is not an object (ScriptArgs)"}},
		{"an answer is of another content type", []string{"content: {text/plain: {schema: {type: string}}}\n\n  /other", "content: {application/json: {schema: {type: string}}}\n\n  /other"},
			[]string{"`backendVersion`: its answer was 200 with text/plain (string), and is 200 with application/json (string)"}},
		{"an operation has moved", []string{"\n  /version:", "\n  /about/version:"},
			[]string{"`backendVersion`: moved from GET /version to GET /about/version"}},
		{"an operation has another method", []string{"queue/cancel/{id}:\n    post:", "queue/cancel/{id}:\n    put:"},
			[]string{"`cancelQueuedJob`: moved from POST /w/{workspace}/jobs_u/queue/cancel/{id} to PUT /w/{workspace}/jobs_u/queue/cancel/{id}"}},
		{"all routes have moved", []string{"url: /api\n", "url: https://windmill.example.com/api/v2\n"},
			[]string{"the server URL, under which all routes are, was \"/api/\", and is \"/api/v2/\""}},
		{"some routes have moved", []string{"  - url: /api\n", "  - url: /v2\n  - url: /api\n"},
			[]string{"the server URL, under which all routes are, was \"/api/\", and is \"/api/, /v2/\""}},
		{"all routes have moved to the top", []string{"servers:\n  - url: /api\n", ""},
			[]string{"the server URL, under which all routes are, was \"/api/\", and is \"/\""}},
		{"nobody knows where the routes are", []string{"url: /api\n", "url: \"{scheme}://windmill.example.com/api\"\n"},
			[]string{"the server URL, under which all routes are, was \"/api/\", and is \"{scheme}://windmill.example.com/api\""}},
		{"a parameter in the path that the overlay explains has another name", []string{"jobs/run/h/{hash}", "jobs/run/h/{version}", "name: hash, in: path", "name: version, in: path"},
			[]string{"`runScriptByHash`: the parameters in its path were workspace (string), hash (string), and are workspace (string), version (string)"}},
		{"an answer is gone", []string{"responses:\n        \"201\":\n          description: id (theirs)\n          content: {text/plain: {schema: {type: string, format: uuid}}}\n\n  /w/{workspace}/jobs/run/h", "responses: {}\n\n  /w/{workspace}/jobs/run/h"},
			[]string{"`runScriptByPath`: its answer was 201 with text/plain (string), and is nothing"}},
		{"an answer whose fields are used is gone", []string{"          content: {application/json: {schema: {$ref: \"#/components/schemas/Job\"}}}\n", ""},
			[]string{"`getJob`: no answer of the type application/json (Job)"}},
		{"an answer has another status", []string{"\"201\":", "\"202\":"},
			[]string{"`runScriptByHash`: its answer was 201 with text/plain (string), and is 202 with text/plain (string)", "`runScriptByPath`: its answer was 201 with text/plain (string), and is 202 with text/plain (string)"}},
		{"a reference in use leads nowhere", []string{"components/parameters/GetStarted\"", "components/parameters/NopeStarted\""},
			[]string{
				"`getCompletedJobResultMaybe`: no query parameter `get_started`",
				"`getCompletedJobResultMaybe`: the reference \"#/components/parameters/NopeStarted\" leads nowhere, at #/paths/~1w~1{workspace}~1jobs_u~1completed~1get_result_maybe~1{id}/get/parameters/2",
			}},
		{"a schema in use is malformed", []string{queued, "        running: {type: 3.5}\n        canceled: [boolean]\n"},
			[]string{
				"`getJob`: \"3.5\" is no type, at #/components/schemas/QueuedJob/properties/running/type",
				"`getJob`: want a map, not a list, at #/components/schemas/QueuedJob/properties/canceled",
			}},
		{"a type in use is misspelt", []string{"name: per_page, in: query, schema: {type: integer}", "name: per_page, in: query, schema: {type: array, items: {type: [interger, \"null\"]}}"},
			[]string{"`listCompletedJobs`: \"interger\" is no type, at #/paths/~1w~1{workspace}~1jobs~1completed~1list/get/parameters/3/schema/items/type"}},
		{"a reference in use is malformed", []string{queued, "        running: {$ref: 5}\n        canceled: {$ref: [x]}\n"},
			[]string{
				"`getJob`: a reference is a text, not 5, at #/components/schemas/QueuedJob/properties/running",
				"`getJob`: a reference is a text, not a list, at #/components/schemas/QueuedJob/properties/canceled",
			}},
		{"references in use go in a circle", []string{"    Tag: {name: tag, in: query, description: tag (theirs), schema: {type: string}}", "    Tag: {$ref: \"#/components/parameters/Tag\"}"},
			[]string{
				"`runScriptByHash`: no query parameter `tag`",
				"`runScriptByHash`: the references go in a circle, at #/components/parameters/Tag",
				"`runScriptByPath`: no query parameter `tag`",
				"`runScriptByPath`: the references go in a circle, at #/components/parameters/Tag",
			}},
		{"an operation in use is malformed", []string{"    get:\n      summary: version (theirs)", "    get: [backendVersion]\n    put:\n      summary: version (theirs)", "operationId: backendVersion", "operationId: version"},
			[]string{"`backendVersion`: no such operation", "`backendVersion`: want a map, not a list, at #/paths/~1version/get"}},
		{"a parameter in use is malformed", []string{"- {name: no_code,", "- {nam: no_code,"},
			[]string{"`getJob`: no query parameter `no_code`", "`getJob`: a parameter without a name, or without a place (in), at #/paths/~1w~1{workspace}~1jobs_u~1get~1{id}/get/parameters/1"}},
		{"two operations have one id", []string{"operationId: deleteOther", "operationId: getJob"},
			[]string{"`getJob`: DELETE /other/{thing} and GET /w/{workspace}/jobs_u/get/{id} have this id"}},
		{"an operation has a server URL of its own", []string{"      operationId: getJob\n", "      operationId: getJob\n      servers: [{url: /v2}]\n"},
			[]string{"`getJob`: it has a server URL of its own, which the generated client would not use"}},
		{"several things at once", []string{"operationId: backendVersion", "operationId: version", "name: no_code", "name: no_source", "new_logs:", "logs:"},
			[]string{"`backendVersion`: no such operation; GET /version is now `version`", "`getJob`: no query parameter `no_code`", "`getJobUpdates`: no field `new_logs` in its answer (JobUpdate)"}},
		{"things of several kinds at once", []string{"name: page,", "name: sheet,", "\n  /version:", "\n  /about/version:", "queue/cancel/{id}:\n    post:", "queue/cancel/{id}:\n    put:",
			"        duration_ms: {type: integer}\n", "", "operationId: getJob\n", "operationId: fetchJob\n", "reason: {type: string, description", "why: {type: string, description",
			"                  completed: {type: boolean}\n                  result: {}\n", "                  completed: {type: string}\n                  result: {}\n",
			"name: cache_ttl,", "name: ttl, required: true,"},
			[]string{
				"`runScriptByHash`: the query parameter `ttl` is required, which the library does not send",
				"`getJob`: no such operation; GET /w/{workspace}/jobs_u/get/{id} is now `fetchJob`",
				"`cancelQueuedJob`: no field `reason` in its body (CancelRequest)",
				"`listCompletedJobs`: no query parameter `page`",
				"`listCompletedJobs`: no field `duration_ms` in its answer (ListedJob)",
				"`backendVersion`: moved from GET /version to GET /about/version",
				"`cancelQueuedJob`: moved from POST /w/{workspace}/jobs_u/queue/cancel/{id} to PUT /w/{workspace}/jobs_u/queue/cancel/{id}",
				"`ResultMaybe.completed`: was boolean, and is string",
			}},
		{"an answer and a body are gone, and a type has changed", []string{
			"          content: {application/json: {schema: {$ref: \"#/components/schemas/Job\"}}}\n", "", "content: {application/json: {schema: {type: object}}}", "content: {text/plain: {}}",
			"name: per_page, in: query, schema: {type: integer}", "name: per_page, in: query, schema: {type: string}"},
			[]string{
				"`runScriptByHash`: no body of the type application/json",
				"`getJob`: no answer of the type application/json (Job)",
				"`listCompletedJobs`: the query parameter `per_page` was integer, and is string",
			}},
	}
	p := newProject(t)
	before := p.files()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			upstream := edited(t, c.edit...)
			for _, command := range []string{"spec", "drift", "update"} {
				got := p.run(command, upstream)
				if got.status != 1 {
					t.Errorf("%s: status %d, want 1", command, got.status)
				}
				if diff := cmp.Diff(c.want, problemsIn(got.stderr)); diff != "" {
					t.Errorf("%s: problems (-want +got):\n%s", command, diff)
				}
				if diff := cmp.Diff(before, p.files()); diff != "" {
					t.Errorf("%s: files (-before +after):\n%s", command, diff)
				}
			}
		})
	}
}

// problemsIn returns the list of what the library cannot live with.
func problemsIn(stderr string) (problems []string) {
	lines := strings.Split(stderr, "\n")
	for _, line := range lines[1:] {
		if !strings.HasPrefix(line, "  ") {
			break
		}
		problems = append(problems, strings.TrimSpace(line))
	}
	return problems
}

func TestDriftTellsWhatHasChangedForAPerson(t *testing.T) {
	cases := []struct {
		name string
		edit []string
		want string
	}{
		{"a new optional parameter", []string{"name: cache_ttl, in: query, schema: {type: string}}", "name: cache_ttl, in: query, schema: {type: string}}\n        - {name: x, in: query, schema: {type: string}}"},
			"`runScriptByHash`: new optional query parameter `x`"},
		{"a field is no longer required", []string{"required: [id, running, canceled]", "required: [id, canceled]"},
			"`Job.running`: no longer required"},
		{"a field is no longer required in one kind", []string{"required: [id, running, canceled]", "required: [id, running]"},
			"`Job.canceled`: no longer required in QueuedJob"},
		{"a field is now required", []string{"              schema:\n                type: object\n                properties:\n                  running", "              schema:\n                type: object\n                required: [completed]\n                properties:\n                  running"},
			"`JobUpdate.completed`: now required"},
		{"a field may be null", []string{queued, "        running: {type: boolean, nullable: true}\n        canceled: {type: boolean}\n"},
			"`Job.running`: may now be null"},
		{"a new value", []string{"enum: [QueuedJob]", "enum: [QueuedJob, ParkedJob]"},
			"`Job.type`: new value `ParkedJob`"},
		{"a new field", []string{"        canceled_reason: {type: string}\n        flow_status", "        canceled_reason: {type: string}\n        mood: {type: string}\n        flow_status"},
			"`getJob`: new field `mood` in its answer"},
		{"a parameter that is not in use is gone", []string{"        - {name: allow_cache, in: query, schema: {type: boolean}}\n", ""},
			"`getResourceValueInterpolated`: the query parameter `allow_cache`, which is not in use, is gone"},
		{"an operation is deprecated", []string{"      operationId: getJob\n", "      operationId: getJob\n      deprecated: true\n"},
			"`getJob`: now deprecated"},
		{"a parameter is deprecated", []string{"{name: no_code, in: query,", "{name: no_code, in: query, deprecated: true,"},
			"`getJob`: the query parameter `no_code` is now deprecated"},
		{"a field is deprecated", []string{queued, "        running: {type: boolean, deprecated: true}\n        canceled: {type: boolean}\n"},
			"`Job.running`: now deprecated"},
		{"a field is deprecated beside a reference", []string{queued, "        running: {$ref: \"#/components/schemas/Flag\", deprecated: true}\n        canceled: {type: boolean}\n", "    QueuedJob:\n", "    Flag: {type: boolean}\n    QueuedJob:\n"},
			"`Job.running`: now deprecated"},
		{"a field of any JSON is deprecated", []string{"                  result: {}\n", "                  result: {deprecated: true}\n"},
			"`ResultMaybe.result`: now deprecated"},
		{"the same routes on a named host", []string{"url: /api\n", "url: https://windmill.example.com/api/\n"},
			""},
		{"the same routes on any host", []string{"url: /api\n", "url: \"{scheme}://{host}/{base}\"\n    variables: {scheme: {default: http}, host: {default: localhost}, base: {default: api}}\n"},
			""},
		{"the same routes on several hosts", []string{"  - url: /api\n", "  - url: /api\n  - url: https://windmill.example.com/api\n"},
			""},
		{"a reference that is not used leads nowhere", []string{"schema: {type: array, items: {$ref: \"#/components/schemas/User\"}}", "schema: {type: array, items: {$ref: \"#/components/schemas/NopeUser\"}}"},
			""},
		{"a reference to a file that is not there, in a field that is not used", []string{"../flow.yaml", "../gone.yaml"},
			""},
		{"a schema that is not used is malformed", []string{"        email: {type: string, example: somebody@example.com}\n", "        email: {type: [[3]], properties: 7, enum: {}}\n"},
			""},
		{"an operation that is not used is malformed", []string{"      operationId: deleteOther\n", "      operationId: [deleteOther]\n      requestBody: 5\n"},
			""},
		{"a new operation", []string{"  /other/{thing}:\n", "  /other:\n    get:\n      operationId: getOther\n      responses: {\"200\": {description: ok}}\n  /other/{thing}:\n"},
			""},
		{"what the overlay adds is there now", []string{"{name: cache_ttl, in: query, schema: {type: string}}", "{name: cache_ttl, in: query, schema: {type: string}}\n        - {name: root_job, in: query, schema: {type: string}}"},
			""},
	}
	p := newProject(t)
	before := p.files()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := outcome{stdout: "From Windmill 7.1.0 to 7.1.0, nothing has changed in the operations that this library uses.\n"}
			if c.want != "" {
				want.stdout = "From Windmill 7.1.0 to 7.1.0, in the operations that this library uses:\n  " + c.want + "\n"
			}
			if diff := cmp.Diff(want, p.run("drift", edited(t, c.edit...)), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, p.files()); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
		})
	}
}

func TestABreakingChangeCanBeAccepted(t *testing.T) {
	p := newProject(t)
	upstream := edited(t, "name: per_page, in: query, schema: {type: integer}", "name: per_page, in: query, schema: {type: string}")
	got := p.run("-accept", "spec", upstream)
	want := "From Windmill 7.1.0 to 7.1.0, in the operations that this library uses:\n" +
		"  `listCompletedJobs`: the query parameter `per_page` was integer, and is string\n"
	if diff := cmp.Diff(outcome{stdout: want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if again := p.run("drift", upstream); again.status != 0 {
		t.Errorf("drift from what has been accepted: %+v", again)
	}
}

func TestNewsIsToldBesideWhatIsMissing(t *testing.T) {
	p := newProject(t)
	got := p.run("drift", edited(t, "name: page,", "name: sheet,", "enum: [QueuedJob]", "enum: [QueuedJob, ParkedJob]", "operationId: getJobUpdatesSSE", "operationId: stream"))
	want := "This library cannot be generated from the API description of Windmill 7.1.0:\n" +
		"  `getJobUpdatesSSE`: no such operation; GET /w/{workspace}/jobs_u/getupdate_sse/{id} is now `stream`\n" +
		"  `listCompletedJobs`: no query parameter `page`\n" +
		"Also changed:\n  `listCompletedJobs`: new optional query parameter `sheet`\n  `Job.type`: new value `ParkedJob`\nopenapi.yaml and gen/ are"
	if got.status != 1 || !strings.HasPrefix(got.stderr, want) {
		t.Errorf("drift: %+v, want %q", got, want)
	}
}
