//go:build go1.25

package facade_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/windmill/facade"
)

// sent calls a method that makes one request, and returns that request, or nil where the method refused to make one.
func sent(t *testing.T, call func(*facade.Client) error, opts ...facade.ClientOption) (*http.Request, []byte) {
	t.Helper()
	var got *http.Request
	var body []byte
	c, srv := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		wellAnswered("1")(w, r)
	}, opts...)
	err := call(c)
	if n := len(srv.requests()); err != nil && n != 0 || err == nil && n != 1 {
		t.Fatalf("%d requests, and the error %v", n, err)
	}
	return got, body
}

// wantPath wants a request's path to be that of the route and the name, as each reader of it on its way would read it.
func wantPath(t *testing.T, r *http.Request, route, name string) {
	t.Helper()
	if want := "/api/w/test/" + route + name; r.URL.Path != want || path.Clean(want) != want {
		t.Errorf("the path is %q, want %q", r.URL.Path, want)
	}
	raw := strings.TrimPrefix(r.URL.EscapedPath(), "/api/w/test/"+route)
	var parts []string
	for _, part := range strings.Split(raw, "/") {
		decoded, err := url.PathUnescape(part)
		if err != nil || strings.ContainsAny(part, "?#%") && decoded == part {
			t.Errorf("the path %q is not well encoded: %v", raw, err)
		}
		parts = append(parts, decoded)
	}
	if got := strings.Join(parts, "/"); got != name {
		t.Errorf("the encoded path %q is that of %q, want %q", raw, got, name)
	}
}

func FuzzScript(f *testing.F) {
	for _, seed := range []string{"f/team/report", "u/ada/x y", "hub/1/slack/send", "00000000DEADBEEF", "f/../x", "f/a/..", "f//x", "f/a/b?c#d", "f/a/%2e%2e", "\x00", "f/a/\xff", "5a90", "f/a/é你", `f/a\..\b`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, script string) {
		if f.Failed() {
			return // what fails once mostly fails for all, and after retries
		}
		r, _ := sent(t, func(c *facade.Client) error {
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
				t.Errorf("the hash %q has been sent", script)
			}
		}
	})
}

func FuzzJobID(f *testing.F) {
	for _, seed := range []string{someJob, strings.ToUpper(someJob), "01a20b9e-6f31-fe08-9923-5108e4dfdbc6", "{" + someJob + "}", "urn:uuid:" + someJob, strings.ReplaceAll(someJob, "-", ""), someJob + "/..", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if f.Failed() {
			return // what fails once mostly fails for all, and after retries
		}
		r, _ := sent(t, func(c *facade.Client) error {
			_, err := c.GetJobStatus(context.Background(), id)
			return err
		})
		if r != nil {
			wantPath(t, r, "jobs_u/get/", strings.ToLower(id))
		}
		run, _ := sent(t, func(c *facade.Client) error {
			_, err := c.RunScriptAsync(context.Background(), somePath, nil, facade.JobID(id))
			return err
		})
		if (run == nil) != (r == nil) {
			t.Errorf("a run takes the id %q: %t; a look: %t", id, run != nil, r != nil)
		}
	})
}

func FuzzResource(f *testing.F) {
	for _, seed := range []string{"f/crm/admin", "$res:f/crm/admin", "res://f/crm/admin", "$res:res://f/a/b", "u/a/b c", "..", "f/./x", "/f/a/b", "f/a/b/", "", "$res:", "CUSTOM_INSTANCE_DB/x", "f/a/\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, resource string) {
		if f.Failed() {
			return // what fails once mostly fails for all, and after retries
		}
		r, _ := sent(t, func(c *facade.Client) error {
			_, err := c.GetResource(context.Background(), resource)
			return err
		})
		if r != nil {
			name := strings.TrimPrefix(strings.TrimPrefix(resource, "$res:"), "res://")
			wantPath(t, r, "resources/get_value_interpolated/", name)
		}
	})
}

func FuzzBaseURL(f *testing.F) {
	for _, seed := range []string{"http://localhost:8000", "https://w.example.com/api/", "http://[::1]:80/windmill", "localhost:8000", "http://u:hunter2@h", "http://h?x=1", "http://h#f", "http://h/a/../b", "ftp://h", "http://h/%2e%2e/x", "//h", "http://", "http://h/api/api", "http://h:99999", "HTTP://H/x%2Fy", "http://h /", "http://h:", "http://[::1]:/x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, base string) {
		if base == "" {
			return // means the environment
		}
		var got *http.Request
		hc := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			got = r
			return nil, errors.New("no network")
		})}
		c, err := facade.NewClient(base, "t", facade.WithHTTPClient(hc), facade.WithMaxRetries(0))
		if err != nil {
			if strings.Contains(base, ":hunter2@") && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error has the password in it: %v", err)
			}
			return
		}
		u, err := url.Parse(c.BaseURL())
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
			!strings.HasSuffix(u.Path, "/api") || path.Clean(u.Path) != u.Path {
			t.Errorf("%q became %q: %v", base, c.BaseURL(), err)
		}
		again, err := facade.NewClient(c.BaseURL(), "t")
		if err != nil || again.BaseURL() != c.BaseURL() {
			t.Errorf("%q became %q, and that became another, %v", base, c.BaseURL(), err)
		}
		_, _ = c.GetVersion(context.Background())
		if got == nil || got.URL.String() != c.BaseURL()+"/version" {
			t.Errorf("%q became %q, and its version is asked for at %v", base, c.BaseURL(), got)
		}
	})
}

func FuzzWorkspaceAndToken(f *testing.F) {
	f.Add("test", "token")
	f.Add("..", "a\nX-Evil: 1")
	f.Add("a/b", "a b")
	f.Add("ä?#%", "\x7f")
	f.Add("", "é")
	f.Fuzz(func(t *testing.T, workspace, token string) {
		if workspace == "" || token == "" {
			return // means the environment
		}
		var got *http.Request
		hc := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			got = r
			return nil, errors.New("no network")
		})}
		c, err := facade.NewClient("http://windmill.test", token, facade.WithWorkspace(workspace), facade.WithHTTPClient(hc), facade.WithMaxRetries(0))
		if err != nil {
			return
		}
		_, _ = c.GetJobStatus(context.Background(), someJob)
		if got == nil {
			t.Fatal("nothing was sent")
		}
		if want := "/api/w/" + workspace + "/jobs_u/get/" + someJob; got.URL.Path != want || path.Clean(want) != want || strings.Count(got.URL.EscapedPath(), "/") != 6 {
			t.Errorf("workspace %q is asked for at %q", workspace, got.URL.EscapedPath())
		}
		if auth := got.Header.Get("Authorization"); auth != "Bearer "+token || strings.ContainsAny(auth, "\r\n\x00") {
			t.Errorf("token %q is sent as %q", token, auth)
		}
	})
}

func FuzzJobStatusText(f *testing.F) {
	for _, seed := range []string{"WAITING", "RUNNING", "COMPLETED", "waiting", "", "JobStatus(0)", "2"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var status facade.JobStatus
		err := status.UnmarshalText(text)
		known := slices.Contains([]string{"WAITING", "RUNNING", "COMPLETED"}, string(text))
		if known != (err == nil) {
			t.Errorf("%q: %v", text, err)
		}
		if back, err := status.MarshalText(); known && (err != nil || !bytes.Equal(back, text)) || !known && err == nil {
			t.Errorf("%q became %q, %v", text, back, err)
		}
	})
}

func FuzzAs(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e400,"x",null]}`, "9007199254740993", "null", "", " ", "1 2", `{"a":1}{`, "[1,]", `"\ud800"`, "\xff", strings.Repeat("[", 20_000)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := facade.As[any](raw, nil)
		if valid := json.Valid(raw); valid != (err == nil) {
			t.Fatalf("%q is JSON: %t; As: %v", raw, valid, err)
		}
		if err == nil {
			back, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := facade.As[any](back, nil); err != nil || !reflect.DeepEqual(again, v) {
				t.Errorf("%q became %#v, and that became %#v, %v", raw, v, again, err)
			}
		}
		_, _ = facade.As[map[string]int64](raw, nil)
		_, _ = facade.As[[]facade.JobStatus](raw, nil)
		if s, err := facade.As[string](raw, nil); err != nil && s != "" {
			t.Errorf("%q gave %q with the error %v", raw, s, err)
		}
	})
}

func FuzzArgs(f *testing.F) {
	for _, seed := range []string{`{}`, ` {"a": 9007199254740993}`, "null", "[1]", `"x"`, "7", `{"a":`, `{"<&>":"\u0000"}`, "\xef\xbb\xbf{}", `{"a":1}x`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, args []byte) {
		if f.Failed() {
			return // what fails once mostly fails for all, and after retries
		}
		r, body := sent(t, func(c *facade.Client) error {
			_, err := c.RunScriptAsync(context.Background(), somePath, json.RawMessage(args))
			return err
		})
		if r == nil {
			return
		}
		want, err := facade.As[any](args, nil)
		if len(args) == 0 || want == nil {
			want, err = map[string]any{}, nil
		}
		got, err2 := facade.As[map[string]any](body, nil)
		if err := errors.Join(err, err2); err != nil || body[0] != '{' || !reflect.DeepEqual(any(got), want) {
			t.Errorf("%q was sent as %q: %v", args, body, err)
		}
	})
}
