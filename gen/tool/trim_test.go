package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatTheLibraryCannotDoWithoutIsNamedAndNothingChanges(t *testing.T) {
	const (
		unsent = " is required, and the library does not send it"
		reason = "                reason:"
		args   = "{application/json: {schema: {$ref: \"#/components/schemas/Args\"}}}"
		job    = "{application/json: {schema: {$ref: \"#/components/schemas/Job\"}}}"
		moved  = "moved from GET /version to GET /about/version"
	)
	cases := []struct {
		name string
		edit []string
		want []string
	}{
		{"an operation is renamed",
			[]string{"operationId: getJob\n", "operationId: fetchJob\n"},
			[]string{"`getJob`: no such operation; GET /w/{workspace}/jobs_u/get/{id} is now `fetchJob`"}},
		{"an operation is dropped",
			[]string{"/getupdate/", "/news/", "getJobUpdates", "news"},
			[]string{"`getJobUpdates`: no such operation"}},
		{"an operation is dropped that has no route on the list",
			[]string{"operationId: login", "operationId: enter"},
			[]string{"`login`: no such operation"}},
		{"an operation moves",
			[]string{"  /version:", "  /about/version:"},
			[]string{"`backendVersion`: " + moved}},
		{"an operation has another method",
			[]string{"queue/cancel/{id}:\n    post:", "queue/cancel/{id}:\n    put:"},
			[]string{"`cancelQueuedJob`: moved from POST /w/{workspace}/jobs_u/queue/cancel/{id} " +
				"to PUT /w/{workspace}/jobs_u/queue/cancel/{id}"}},
		{"a parameter in the path is renamed",
			[]string{"getupdate/{id}", "getupdate/{job}"},
			[]string{"`getJobUpdates`: moved from GET /w/{workspace}/jobs_u/getupdate/{id} " +
				"to GET /w/{workspace}/jobs_u/getupdate/{job}"}},
		{"all operations move",
			[]string{"url: /api\n", "url: https://windmill.example.com/api/v2\n"},
			[]string{"all routes are under \"https://windmill.example.com/api/v2\", not /api"}},
		{"two operations have one id",
			[]string{"operationId: deleteOther", "operationId: getJob"},
			[]string{"`getJob`: DELETE /other/{thing} and GET /w/{workspace}/jobs_u/get/{id} have this id"}},
		{"a parameter is renamed",
			[]string{"name: tag,", "name: worker_tag,"},
			[]string{"`runScriptByPath`: no query parameter `tag`"}},
		{"a parameter moves to a header",
			[]string{"{name: no_code, in: query,", "{name: no_code, in: header,"},
			[]string{"`getJob`: no query parameter `no_code`"}},
		{"a parameter that is not in use becomes required",
			[]string{"name: cache_ttl, in: query,", "name: cache_ttl, in: query, required: true,"},
			[]string{"`runScriptByPath`: the query parameter `cache_ttl`" + unsent}},
		{"a header becomes required",
			[]string{"name: X-Trace, in: header,", "name: X-Trace, in: header, required: true,"},
			[]string{"`startOAuth`: the header parameter `X-Trace`" + unsent}},
		{"a field is dropped from two responses",
			[]string{"        duration_ms: {type: integer}\n        success: {type: boolean}\n", ""},
			[]string{"`getJob`: no field `success` in its response (Job)",
				"`listCompletedJobs`: no field `duration_ms` in its response (ListedJob)"}},
		{"a field moves into another",
			[]string{"        running: {type: boolean}\n        canceled",
				"        state: {type: object, properties: {running: {type: boolean}}}\n        canceled"},
			[]string{"`getJob`: no field `running` in its response (Job)"}},
		{"a response is dropped",
			[]string{"          content: " + job + "\n", ""},
			[]string{"`getJob`: no response of the type application/json (Job)"}},
		{"a response is no longer an object",
			[]string{job, "{application/json: {schema: {type: string}}}"},
			[]string{"`getJob`: the response is not an object (Job)"}},
		{"a field of a body is renamed",
			[]string{reason, "                why:"},
			[]string{"`cancelQueuedJob`: no field `reason` in its body (CancelRequest)"}},
		{"a body requires a field that is not in use",
			[]string{"              properties:\n" + reason,
				"              required: [who]\n              properties:\n" +
					"                who: {type: string}\n" + reason},
			[]string{"`cancelQueuedJob`: the field `who` of the body" + unsent}},
		{"a body requires a field that is not described",
			[]string{"Args: {type: object,", "Args: {type: object, required: [day],"},
			[]string{"`runScriptByPath`: the field `day` of the body" + unsent}},
		{"a body is no longer an object",
			[]string{args, "{application/json: {schema: {type: array, items: {}}}}"},
			[]string{"`runScriptByPath`: the body is not an object (ScriptArgs)"}},
		{"a body is an object or a list",
			[]string{"Args: {type: object,", "Args: {type: object, oneOf: [{type: array}],"},
			[]string{"`runScriptByPath`: the body is not an object (ScriptArgs)"}},
		{"a body is of another content type",
			[]string{args, "{text/plain: {}}"},
			[]string{"`runScriptByPath`: no body of the type application/json (ScriptArgs)"}},
		{"a body is dropped",
			[]string{"        required: true\n        content: " + args + "\n", "",
				"      requestBody:\n        description: args (theirs)\n", ""},
			[]string{"`runScriptByPath`: no body of the type application/json (ScriptArgs)"}},
		{"a reference leads nowhere",
			[]string{"components/parameters/Tag\"", "components/parameters/Gone\""},
			[]string{"`runScriptByPath`: no query parameter `tag`",
				"`runScriptByPath`: the reference \"#/components/parameters/Gone\" " +
					"cannot be followed: nothing is there"}},
		{"a reference leads to itself",
			[]string{"    Tag: {name: tag, in: query, description: tag (theirs), schema: {type: string}}",
				"    Tag: {$ref: \"#/components/parameters/Tag\"}"},
			[]string{"`runScriptByPath`: no query parameter `tag`",
				"`runScriptByPath`: the reference \"#/components/parameters/Tag\" " +
					"cannot be followed: it leads to itself"}},
		{"several things change at once",
			[]string{"/version:", "/about/version:", "name: no_code", "name: code", "new_logs:", "logs:"},
			[]string{"`backendVersion`: " + moved,
				"`getJob`: no query parameter `no_code`",
				"`getJobUpdates`: no field `new_logs` in its response (JobUpdate)"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			newProject(t).refused(edited(t, c.edit...), "API description of Windmill 7.1.0:\n  "+
				strings.Join(c.want, "\n  ")+"\nTake another version's description")
		})
	}
}

func TestWhatTheLibraryDoesNotUseMayBeBroken(t *testing.T) {
	cases := []struct {
		name string
		edit []string
	}{
		{"an operation", []string{"      operationId: deleteOther\n",
			"      operationId: [deleteOther]\n      requestBody: 5\n"}},
		{"a reference to a file that is not there",
			[]string{"../flow.yaml", "../gone.yaml"}},
		{"a schema", []string{"flow_status: {$ref: \"../flow.yaml#/components/schemas/FlowStatus\"}",
			"flow_status: {type: [[3]], properties: 7, enum: {}}"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { sameDescription(t, edited(t, c.edit...)) })
	}
}

// sameDescription checks that a description gives what the one in testdata gives.
func sameDescription(t *testing.T, upstream string) {
	t.Helper()
	p := newProject(t)
	before := p.files()
	if got := p.run("spec", upstream); got.status != 0 {
		t.Errorf("spec: %+v", got)
	}
	if diff := cmp.Diff(before, p.files()); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

// testdata/openapi.yaml is made by
//
//	go run . -root testdata spec testdata/source/api/openapi.yaml
func TestOfADescriptionOnlyTheFactsInUseAreTaken(t *testing.T) {
	sameDescription(t, upstream)
}

func TestNothingOfUpstreamsProseIsTaken(t *testing.T) {
	if text := newProject(t).files()[descriptionFile]; strings.Contains(text, "(theirs)") {
		t.Errorf("openapi.yaml repeats upstream:\n%s", text)
	}
}
