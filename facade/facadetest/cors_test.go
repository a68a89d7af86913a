package facadetest_test

import (
	"net/http"
	"testing"
)

func TestWebPagesMayCallJobsAndResources(t *testing.T) {
	srv := newServer(t)
	srv.SetResource("f/demo/x", 1)
	for name, c := range map[string]struct {
		method, token, path string
		status              int
		origin, headers     string
	}{
		"a preflight needs no token":          {http.MethodOptions, "", "w/test/jobs/run/p/f/demo/x", 200, "*", "content-type,authorization"},
		"a preflight for a resource":          {http.MethodOptions, "", "w/test/resources/get_value/f/demo/x", 200, "*", "content-type,authorization"},
		"an answer":                           {http.MethodGet, srv.Token, "w/test/resources/get_value/f/demo/x", 200, "*", ""},
		"a refusal":                           {http.MethodGet, "", "w/test/resources/get_value/f/demo/x", 401, "*", ""},
		"another route is for no other pages": {http.MethodGet, srv.Token, "version", 200, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, srv, c.token, c.method, c.path, "")
			origin, headers := got.header.Get("Access-Control-Allow-Origin"), got.header.Get("Access-Control-Allow-Headers")
			if got.status != c.status || origin != c.origin || headers != c.headers {
				t.Errorf("got %d, origin %q, headers %q; want %d, %q, %q", got.status, origin, headers, c.status, c.origin, c.headers)
			}
		})
	}
}
