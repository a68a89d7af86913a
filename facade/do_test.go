//go:build go1.25

package facade_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/gen"
)

func TestDoSendsNoRequestThatAParameterLeadsToAnotherRoute(t *testing.T) {
	c, srv := newFake(t, answering(200, "application/json", "{}"))
	api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"../../../users/whoami", "f/x/../../../../users/whoami", `..\..\users`,
		"..;/..;/users/whoami", "f/x/..;y=1", "f/./x", "f/x/..",
	} {
		_, asResource := api.GetResourceValueInterpolatedWithResponse(t.Context(), "test", path)
		_, asWorkspace := api.GetJobWithResponse(t.Context(), path, "x", nil)
		for _, err := range []error{asResource, asWorkspace} {
			if !errors.Is(err, facade.ErrInvalidArgument) {
				t.Errorf("%q: %v, want ErrInvalidArgument", path, err)
			}
		}
	}
	if sent := srv.requests(); len(sent) > 0 {
		t.Errorf("requests were sent: %v", sent)
	}
}

func TestPathsAreSentWithPlainSlashesAndTheRestEscaped(t *testing.T) {
	var got []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		uri, _, _ := strings.Cut(r.RequestURI, "?")
		got = append(got, r.Method+" "+uri)
		status, contentType, body := rightAnswer(r, "null")
		if r.Method == http.MethodPost {
			status, contentType, body = 201, "text/plain", r.URL.Query().Get("job_id")
		}
		reply(w, status, contentType, body)
	}))
	defer srv.Close()
	opts := []facade.ClientOption{facade.WithWorkspace("my team"), facade.WithMaxRetries(0)}
	c, err := facade.NewClient(srv.URL+"/some/prefix/", "t", opts...)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.GetResource(t.Context(), "f/a b/c?d#e%2Fü")
	if _, err := c.RunScriptAsync(t.Context(), "f/a b/c", nil); err != nil {
		t.Error(err)
	}
	want := []string{
		"GET /some/prefix/api/w/my%20team/resources/get_value_interpolated/" +
			"f/a%20b/c%3Fd%23e%252F%C3%BC",
		"POST /some/prefix/api/w/my%20team/jobs/run/p/f/a%20b/c",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTheTokenIsSentToTheBaseURLsHostOnly(t *testing.T) {
	var got string
	c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		w.Header().Set("Location", "http://elsewhere.test/login?secret=1")
		reply(w, 302, "", "")
	})
	for url, want := range map[string]string{
		"http://windmill.test/api/version":  "Bearer " + someToken,
		"http://Windmill.TEST/api/version":  "Bearer " + someToken,
		"https://windmill.test/api/version": "",
		"http://windmill.test:81/version":   "",
		"http://elsewhere.test/api/version": "",
	} {
		got = "nothing sent"
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		_, err := c.Do(req)
		if e := (*facade.APIError)(nil); !errors.As(err, &e) || e.StatusCode != 302 || got != want {
			t.Errorf("%s got the authorization %q, %v; want %q", url, got, err, want)
		}
		about := strings.Contains(fmt.Sprint(err), "the base URL is")
		if strings.Contains(fmt.Sprint(err), "secret") || about != (want != "") {
			t.Errorf("%s: %v; want a hint about the base URL: %t", url, err, want != "")
		}
	}
}

func TestDoKeepsTheRequestWithoutTheToken(t *testing.T) {
	c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Authorization") != "Bearer "+someToken {
			t.Errorf("the server got %q", r.Header)
		}
		reply(w, 200, string(body), string(body))
	})
	for _, kind := range []string{"text/plain", "text/event-stream"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, c.BaseURL()+"/x",
			strings.NewReader(kind))
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		dump, err := httputil.DumpRequestOut(resp.Request, true)
		if err != nil || !strings.HasSuffix(string(dump), "\r\n\r\n"+kind) {
			t.Errorf("the request dumped: %q, %v; want its body", dump, err)
		}
		all := fmt.Sprintf("%+v %#v %s", resp, resp.Request, dump)
		if resp.Request != req || strings.Contains(all, someToken) {
			t.Errorf("the response's request is not the caller's: %s", all)
		}
	}
}

func TestDoReturnsAnAPIErrorForOtherStatuses(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		status int
		want   string
	}{
		"not modified":          {"GET", 304, "windmill: GET /x: status 304"},
		"a HEAD, without text":  {"HEAD", 404, "windmill: HEAD /x: status 404"},
		"a POST, which is sent": {"POST", 409, "windmill: POST /x: status 409"},
	} {
		c, srv := newFake(t, answering(test.status, "", ""))
		req, _ := http.NewRequestWithContext(t.Context(), test.method, c.BaseURL()+"/x", nil)
		_, err := c.Do(req)
		if diff := cmp.Diff(test.want, fmt.Sprint(err)); diff != "" || len(srv.requests()) != 1 {
			t.Errorf("%s: the error (-want +got):\n%s", name, diff)
		}
		if e := (*facade.APIError)(nil); !errors.As(err, &e) || e.StatusCode != test.status {
			t.Errorf("%s: %v, want an *APIError", name, err)
		}
	}
}

func TestDoRepeatsOnlyWhatIsSafeToRepeat(t *testing.T) {
	const x = "x"
	for name, test := range map[string]struct {
		method string
		body   io.Reader
		want   []string // the bodies that are sent
	}{
		"a GET":                       {"GET", nil, []string{"", "", ""}},
		"a HEAD":                      {"HEAD", nil, []string{"", "", ""}},
		"no method, which is a GET":   {"", nil, []string{"", "", ""}},
		"a GET with a body":           {"GET", strings.NewReader(x), []string{x, x, x}},
		"a GET with a body once only": {"GET", io.MultiReader(strings.NewReader(x)), []string{x}},
		"a POST":                      {"POST", strings.NewReader(x), []string{x}},
		"a POST without a body":       {"POST", nil, []string{""}},
		"a PUT":                       {"PUT", strings.NewReader(x), []string{x}},
		"a DELETE":                    {"DELETE", nil, []string{""}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var got []string
			c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
				var body []byte
				if r.Body != nil {
					body, _ = io.ReadAll(r.Body)
				}
				got = append(got, string(body))
				reply(w, 503, "text/plain", "away")
			}, facade.WithMaxRetries(2))
			url := c.BaseURL() + "/w/test/x"
			req, err := http.NewRequestWithContext(t.Context(), test.method, url, test.body)
			if err != nil {
				t.Fatal(err)
			}
			req.Method = test.method
			if _, err := c.Do(req); !errors.As(err, new(*facade.APIError)) {
				t.Errorf("%s: %v, want an *APIError", name, err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s: the bodies (-want +got):\n%s", name, diff)
			}
		})
	}
}

func TestDoClosesTheRequestsBody(t *testing.T) {
	for name, path := range map[string]string{"sent": "/x", "refused": "/.."} {
		for _, again := range []bool{false, true} {
			c, _ := newFake(t, okHandler("1"), facade.WithMaxRetries(0))
			body := &closing{Reader: strings.NewReader("x")}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
				"http://windmill.test"+path, body)
			if err != nil {
				t.Fatal(err)
			}
			if again {
				req.GetBody = func() (io.ReadCloser, error) {
					return io.NopCloser(strings.NewReader("x")), nil
				}
			}
			if resp, err := c.Do(req); err == nil {
				resp.Body.Close()
			}
			if !body.closed {
				t.Errorf("%s, with GetBody %t: the body is open", name, again)
			}
		}
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}
