//go:build go1.25

package facade_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strings"
	"testing"

	"example.com/windmill/facade"
)

// fuzz adds seeds and runs test on each input, until one has failed: what fails for one mostly
// fails for all.
func fuzz(f *testing.F, seeds []string, test func(t *testing.T, input string)) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		if !f.Failed() {
			test(t, input)
		}
	})
}

// sent calls a method that sends one request, and returns that request, or nil if it was refused.
func sent(t *testing.T, call func(*facade.Client) error) *http.Request {
	t.Helper()
	var got *http.Request
	c, srv := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		okHandler("1")(w, r)
	})
	err := call(c)
	if n := len(srv.requests()); err != nil && n != 0 || err == nil && n != 1 {
		t.Fatalf("%d requests, and the error %v", n, err)
	}
	return got
}

// wantPath checks that a request's path is the route and the name, however often it is unescaped.
func wantPath(t *testing.T, r *http.Request, route, name string) {
	t.Helper()
	want := "/api/w/test/" + route + name
	if r.URL.Path != want || path.Clean(want) != want {
		t.Errorf("the path is %q, want %q", r.URL.Path, want)
	}
	raw := strings.TrimPrefix(r.URL.EscapedPath(), "/api/w/test/"+route)
	if got, err := url.PathUnescape(raw); got != name || err != nil || strings.ContainsAny(raw, "?#") {
		t.Errorf("the encoded path %q is that of %q, %v; want %q", raw, got, err, name)
	}
	if strings.Count(raw, "/") != strings.Count(name, "/") {
		t.Errorf("the encoded path %q has other segments than %q", raw, name)
	}
}

func FuzzScript(f *testing.F) {
	fuzz(f, []string{
		"f/team/report", "u/ada/x y", "hub/1/slack/send", "00000000DEADBEEF", "f/../x", "f/a/..",
		"f//x", "f/a/b?c#d", "f/a/%2e%2e", "\x00", "f/a/\xff", "5a90", "f/a/é你", `f/a\..\b`,
	}, func(t *testing.T, script string) {
		r := sent(t, func(c *facade.Client) error {
			_, err := c.RunScriptAsync(context.Background(), script, nil)
			return err
		})
		switch {
		case r == nil:
		case strings.Contains(script, "/"):
			wantPath(t, r, "jobs/run/p/", script)
		default:
			wantPath(t, r, "jobs/run/h/", strings.ToLower(script))
			if len(script) != 16 {
				t.Errorf("the hash %q was sent", script)
			}
		}
	})
}

// unreachableServer returns an HTTP client that sends nothing, and keeps the request.
func unreachableServer(got **http.Request) facade.ClientOption {
	return facade.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			*got = r
			return nil, errors.New("no network")
		}),
	})
}

func FuzzBaseURL(f *testing.F) {
	fuzz(f, []string{
		"http://localhost:8000", "https://w.example.com/api/", "http://[::1]:80/windmill", "http://",
		"localhost:8000", "http://u:hunter2@h", "http://h?x=1", "http://h#f", "http://h/a/../b",
		"ftp://h", "http://h/%2e%2e/x", "//h", "http://h/api/api", "HTTP://H/x%2Fy", "http://h /",
		"http://h:",
	}, func(t *testing.T, base string) {
		if base == "" {
			return // means the environment
		}
		var got *http.Request
		c, err := facade.NewClient(base, "t", unreachableServer(&got), facade.WithMaxRetries(0))
		if err != nil {
			if strings.Contains(base, ":hunter2@") && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error has the password in it: %v", err)
			}
			return
		}
		u, err := url.Parse(c.BaseURL())
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
			u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
			!strings.HasSuffix(u.Path, "/api") || path.Clean(u.Path) != u.Path {
			t.Errorf("%q became %q: %v", base, c.BaseURL(), err)
		}
		again, err := facade.NewClient(c.BaseURL(), "t")
		if err != nil || again.BaseURL() != c.BaseURL() {
			t.Errorf("%q became %q, which became another, %v", base, c.BaseURL(), err)
		}
		_, err = c.GetVersion(context.Background())
		if got != nil && got.URL.String() != c.BaseURL()+"/version" || got == nil && err == nil {
			t.Errorf("%q became %q, and its version is asked for at %v", base, c.BaseURL(), got)
		}
	})
}

func FuzzAs(f *testing.F) {
	fuzz(f, []string{
		`{"a":[1,2.5e400,"x",null]}`, "9007199254740993", "null", "", " ", "1 2", `{"a":1}{`, "[1,]",
		`"\ud800"`, "\xff", strings.Repeat("[", 20_000),
	}, func(t *testing.T, raw string) {
		v, err := facade.As[any](json.RawMessage(raw), nil)
		if valid := json.Valid([]byte(raw)); valid != (err == nil) {
			t.Fatalf("%q is JSON: %t; As: %v", raw, valid, err)
		}
		if err == nil {
			back, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			again, err := facade.As[any](back, nil)
			if err != nil || !reflect.DeepEqual(again, v) {
				t.Errorf("%q became %#v, and that became %#v, %v", raw, v, again, err)
			}
		}
		if s, err := facade.As[string](json.RawMessage(raw), nil); err != nil && s != "" {
			t.Errorf("%q gave %q with the error %v", raw, s, err)
		}
	})
}
