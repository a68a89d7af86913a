package facadetest_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/windmill/facade/facadetest"
)

func TestTokensMayDoWhatTheyAreGiven(t *testing.T) {
	srv := newServer(t)
	srv.Script("f/crm/x", returning(1))
	srv.Script("u/ada/x", returning(1))
	srv.SetResource("f/crm/r", 1)
	srv.SetResource("f/hr/r", 1)
	srv.SetVariable("u/admin/v", "x")
	srv.SetResource("u/ada/r", map[string]any{"v": "$var:u/admin/v"})
	job := run(t, srv, "f/crm/x", "{}", "tag=nobody")

	const (
		runCRM      = "POST w/test/jobs/run/p/f/crm/x"
		runAda      = "POST w/test/jobs/run/p/u/ada/x"
		readCRM     = "GET w/test/resources/get_value/f/crm/r"
		readHR      = "GET w/test/resources/get_value/f/hr/r"
		readAda     = "GET w/test/resources/get_value/u/ada/r"
		readAdminsV = "GET w/test/resources/get_value_interpolated/u/ada/r"
		list        = "GET w/test/jobs/completed/list"
		elsewhere   = "GET w/other/jobs/completed/list"
	)
	lookAt := "GET w/test/jobs_u/get/" + job
	for name, c := range map[string]struct {
		access facadetest.Access
		want   map[string]int
	}{
		"the administrator's": {
			facadetest.Access{},
			map[string]int{
				runCRM: 201, runAda: 201, readCRM: 200, readHR: 200, readAda: 200, readAdminsV: 200,
				lookAt: 200, list: 200, elsewhere: 200,
			},
		},
		"another user's": {
			facadetest.Access{User: "ada"},
			map[string]int{
				runCRM: 401, runAda: 201, readCRM: 401, readHR: 401, readAda: 200, readAdminsV: 401,
				lookAt: 403, list: 200, elsewhere: 401,
			},
		},
		"a user's with a folder": {
			facadetest.Access{User: "ada", Folders: []string{"crm"}},
			map[string]int{runCRM: 201, readCRM: 200, readHR: 401, lookAt: 200},
		},
		"limited to resources": {
			facadetest.Access{Scopes: []string{"resources:read"}},
			map[string]int{runCRM: 403, readCRM: 200, readHR: 200, lookAt: 400, list: 403},
		},
		"limited to one resource": {
			facadetest.Access{Scopes: []string{"resources:read:f/crm/r"}},
			map[string]int{readCRM: 200, readHR: 403},
		},
		"limited to one script": {
			facadetest.Access{Scopes: []string{"jobs:run:scripts:f/crm/*"}},
			map[string]int{runCRM: 201, runAda: 403, readCRM: 403, lookAt: 200, list: 200},
		},
		"read-only": {
			facadetest.Access{ReadOnly: true},
			map[string]int{runCRM: 403, readCRM: 200, lookAt: 200, list: 200},
		},
	} {
		t.Run(name, func(t *testing.T) {
			token := srv.AddToken(c.access)
			for request, want := range c.want {
				method, path, _ := strings.Cut(request, " ")
				body := ""
				if method == http.MethodPost {
					body = "{}"
				}
				if got := ask(t, srv, token, method, path, body); got.status != want {
					t.Errorf("%s: %d %s, want %d", request, got.status, got.body, want)
				}
			}
		})
	}
}

func TestRevokedTokenIsUnknown(t *testing.T) {
	srv := newServer(t)
	srv.RevokeToken(srv.Token)
	if got := get(t, srv, "w/test/jobs/completed/list"); got.status != http.StatusUnauthorized {
		t.Errorf("%d %s, want 401", got.status, got.body)
	}
}
