package transport

import (
	"net/url"
	"testing"
)

func TestCleanPathLeavesARouteWhereItSeemsToLead(t *testing.T) {
	for path, want := range map[string]string{ // empty means an error
		"/w/test/get_value/f%2Fcrm%2Fa%20b":      "/w/test/get_value/f/crm/a%20b",
		"/w/test/get_value/u%2fada%2fx%3Fy":      "/w/test/get_value/u/ada/x%3Fy",
		"/w/test/get_value/hub%2F1%2Fslack":      "/w/test/get_value/hub/1/slack",
		"/w/test/get_value/p%2Ff%2Fx":            "/w/test/get_value/p%2Ff%2Fx",
		"/w/test/get_value/f%2F%2Fx":             "/w/test/get_value/f%2F%2Fx",
		"/w/f%2Fx/get_value/y":                   "/w/f%2Fx/get_value/y",
		"/w/test/x..y/.z/...":                    "/w/test/x..y/.z/...",
		"/w/test/get_value/f%2F..%2Fx":           "",
		"/w/test/../users/whoami":                "",
		"/w/test/./x":                            "",
		"/w/test/%2e%2E/x":                       "",
		"/w/..%2f..%2fusers/x":                   "",
		`/w/..%5C..%5Cusers/x`:                   "",
		"/w/test/..;/x":                          "",
		"/w/test/get_value/f%2Fx%2F..%3By=1":     "",
		"/w/test/get_value/..%2F..%2F..%2Fusers": "",
	} {
		u, err := url.Parse("http://windmill.test/api" + path)
		if err != nil {
			t.Fatal(err)
		}
		decoded := u.Path
		err = cleanPath(u)
		if want == "" {
			if err == nil {
				t.Errorf("%s: %s, want an error", path, u.EscapedPath())
			}
			continue
		}
		if got := u.EscapedPath(); err != nil || got != "/api"+want || u.Path != decoded {
			t.Errorf("%s: %s, %v; want %s", path, got, err, "/api"+want)
		}
	}
	if err := cleanPath(&url.URL{Scheme: "http", Opaque: "//windmill.test/../x"}); err == nil {
		t.Error("an opaque URL: no error")
	}
}
