//go:build go1.25

package facade_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"example.com/windmill/facade"
	"example.com/windmill/gen"
)

func TestNoParameterLeadsToAnotherRoute(t *testing.T) {
	c, srv := newFake(t, answering(200, "application/json", "{}"))
	api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"../../../users/whoami", "f/x/../../../../users/whoami", `..\..\users`, "%2e%2e/users/whoami", ".%2E/x", "..;/..;/users/whoami", "f/x/..;y=1", "f/./x", "f/x/.."} {
		before := len(srv.requests())
		_, err := api.GetResourceValueWithResponse(t.Context(), "test", path)
		_, err2 := api.GetJobWithResponse(t.Context(), path, "x", nil)
		for _, err := range []error{err, err2} {
			if !errors.Is(err, facade.ErrInvalidArgument) {
				t.Errorf("%q: %v, want ErrInvalidArgument", path, err)
			}
		}
		if n := len(srv.requests()); n != before {
			t.Errorf("%q was sent", path)
		}
	}
	var sent string
	c, _ = newFake(t, func(w http.ResponseWriter, r *http.Request) {
		sent = r.URL.EscapedPath()
		reply(w, 200, "application/json", "{}")
	})
	api, _ = gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
	for path, want := range map[string]string{"f/crm/a b": "f/crm/a%20b", "p/f/x/y": "p%2Ff%2Fx%2Fy"} {
		if _, err := api.GetResourceValueWithResponse(t.Context(), "test", path); err != nil || !strings.HasSuffix(sent, "/get_value/"+want) {
			t.Errorf("%q went out as %s, %v; want %s", path, sent, err, want)
		}
	}
}

func TestABaseURLWithAnEscapedSlashIsRefused(t *testing.T) {
	for _, base := range []string{"http://h/a%2Fb", "http://h/%2e%2e/x", "http://h:99999", "http://h:0"} {
		if _, err := facade.NewClient(base, "t"); !errors.Is(err, facade.ErrInvalidArgument) {
			t.Errorf("%s: %v, want ErrInvalidArgument", base, err)
		}
	}
}
