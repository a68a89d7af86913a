package facadetest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

func TestRequestsAreLogged(t *testing.T) {
	srv := newServer(t)
	srv.Script("f/demo/x", returning(1))
	run(t, srv, "f%2Fdemo%2Fx", `{"a":1}`, "tag=other")
	get(t, srv, "nope")
	type entry struct{ Operation, Method, Path, Tag, Body, Authorization string }
	var got []entry
	for _, r := range srv.Requests() {
		if r.Time.IsZero() {
			t.Errorf("%s: no time", r.Path)
		}
		got = append(got, entry{
			r.Operation, r.Method, r.Path, r.Query.Get("tag"), string(r.Body),
			r.Header.Get("Authorization"),
		})
	}
	authorization := "Bearer " + srv.Token
	want := []entry{
		{
			"runScriptByPath", "POST", "/api/w/test/jobs/run/p/f%2Fdemo%2Fx", "other", `{"a":1}`,
			authorization,
		},
		{"", "GET", "/api/nope", "", "", authorization},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestOnlyTheLatestRequestsAreKeptButAllAreCounted(t *testing.T) {
	for _, keep := range []int{0, 1, 3} {
		srv := newServer(t, facadetest.KeepRequests(keep))
		for range 10 {
			get(t, srv, "version")
		}
		get(t, srv, "nope")
		if got := len(srv.Requests()); got != keep {
			t.Errorf("KeepRequests(%d) kept %d", keep, got)
		}
		if all, version := srv.CountRequests(""), srv.CountRequests("backendVersion"); all != 11 ||
			version != 10 {
			t.Errorf("KeepRequests(%d): counted %d and %d, want 11 and 10", keep, all, version)
		}
	}
}
