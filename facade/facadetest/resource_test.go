package facadetest_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestResourcesAreInterpolatedAsOnTheServer(t *testing.T) {
	srv := newServer(t)
	srv.SetVariable("f/a/v", "s3cr3t")
	srv.SetVariable("f/a/json", `{"n":1}`)
	srv.SetVariable("f/a/broken", `{`)
	srv.SetResource("f/a/inner",
		json.RawMessage(`{"list":["$var:f/a/v"],"deep":{"list":["$var:f/a/v"]}}`))
	srv.SetResource("f/a/loop", map[string]string{"again": "$res:f/a/loop"})
	long := `["` + strings.Repeat(`$var:f/a/v","`, 1000) + `"]`
	for name, c := range map[string]struct {
		value  string
		status int
		want   string
	}{
		"a variable, deep down": {
			`{"a":{"b":{"c":{"d":{"e":"$var:f/a/v"}}}}}`, 200,
			`{"a":{"b":{"c":{"d":{"e":"s3cr3t"}}}}}`,
		},
		"a part of a string":      {`{"a":"x $var:f/a/v"}`, 200, `{"a":"x $var:f/a/v"}`},
		"a variable that is JSON": {`{"a":"$jsonvar:f/a/json"}`, 200, `{"a":{"n":1}}`},
		"a variable that should be JSON": {
			`{"a":"$jsonvar:f/a/broken"}`, 500,
			"Internal: Failed to parse $jsonvar value as JSON: expected value at line 1 column 1",
		},
		"a context variable": {`{"a":"$WM_TOKEN"}`, 200, `{"a":"$WM_TOKEN"}`},
		"an array near the top": {
			`[["$var:f/a/v",[["$var:f/a/v"]]]]`, 200, `[["s3cr3t",[["$var:f/a/v"]]]]`,
		},
		"an array too long": {long, 200, long},
		"a resource, its arrays now deeper": {
			`{"a":"$res:f/a/inner"}`, 200,
			`{"a":{"deep":{"list":["$var:f/a/v"]},"list":["$var:f/a/v"]}}`,
		},
		"a resource as the whole": {
			`"$res:f/a/inner"`, 200, `{"deep":{"list":["$var:f/a/v"]},"list":["s3cr3t"]}`,
		},
		"a variable that is not there": {
			`{"a":"$var:f/a/none"}`, 404, "Not found: Variable f/a/none not found",
		},
		"a resource that is not there": {
			`{"a":"$res:f/a/none"}`, 404,
			"Not found: Resource not found at name f/a/none (resources.rs:850)",
		},
		"a path that is none": {`{"a":"$res:none"}`, 500, "Internal: Invalid resource path: none"},
		"a circle": {
			`"$res:f/a/loop"`, 500, "Internal: Maximum resource/variable interpolation depth (50) " +
				"exceeded; this usually indicates a circular `$res:` or `$var:` reference",
		},
		"numbers": {
			`[1e2,1.50,18446744073709551615,-9223372036854775808]`, 200,
			`[1e2,1.50,18446744073709551615,-9223372036854775808]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv.SetResource("f/a/tried", json.RawMessage(c.value))
			got := get(t, srv, "w/test/resources/get_value_interpolated/f/a/tried")
			if got.status != c.status || got.body != c.want {
				t.Errorf("%d %.300s, want %d %.300s", got.status, got.body, c.status, c.want)
			}
		})
	}
}

func TestSlashesInResourcePaths(t *testing.T) {
	srv := newServer(t)
	srv.SetResource("u/ada b/x", 1)
	for path, want := range map[string]int{
		"u/ada%20b/x": 200, "u%2Fada%20b%2Fx": 200, "/u/ada%20b/x": 200, "u/ada%20b/x?job_id=x": 200,
		"u/ada%20b/x/": 404, "u/ada%20b/../ada%20b/x": 404, "": 404,
		"u/ada%ffb/x": 400, "u/ada%00b/x": 400,
	} {
		if got := get(t, srv, "w/test/resources/get_value/"+path); got.status != want {
			t.Errorf("%q: %d %s, want %d", path, got.status, got.body, want)
		}
	}
}
