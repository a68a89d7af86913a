//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/gen"
)

func TestWhatDoCannotSendIsAnInvalidArgument(t *testing.T) {
	for name, spoil := range map[string]func(*http.Request){
		"a header with a line end":           func(r *http.Request) { r.Header.Set("X", "a\nb") },
		"a header with a NUL":                func(r *http.Request) { r.Header.Set("X", "a\x00") },
		"a header with a space in its name":  func(r *http.Request) { r.Header["X Y"] = []string{"1"} },
		"a header without a name":            func(r *http.Request) { r.Header[""] = []string{"1"} },
		"a trailer with a space in its name": func(r *http.Request) { r.Trailer = http.Header{"X Y": nil} },
		"a method of two words":              func(r *http.Request) { r.Method = "GET IT" },
		"a server's request":                 func(r *http.Request) { r.RequestURI = "/x" },
		"another protocol":                   func(r *http.Request) { r.URL.Scheme = "ftp" },
		"no protocol":                        func(r *http.Request) { r.URL.Scheme = "" },
		"a protocol in capitals":             func(r *http.Request) { r.URL.Scheme = "HTTP" },
		"no host":                            func(r *http.Request) { r.URL.Host = "" },
		"a host with a space":                func(r *http.Request) { r.URL.Host = "wind mill.test" },
		"a host with a path":                 func(r *http.Request) { r.URL.Host = "windmill.test/x" },
		"a host with a user":                 func(r *http.Request) { r.URL.Host = "me@windmill.test" },
		"a port that does not exist":         func(r *http.Request) { r.URL.Host = "windmill.test:99999" },
		"a port that is no number":           func(r *http.Request) { r.URL.Host = "windmill.test:http" },
		"a line end in the query":            func(r *http.Request) { r.URL.RawQuery = "a\nb" },
		"a tab in the query":                 func(r *http.Request) { r.URL.RawQuery = "a\tb" },
		"a length and no body":               func(r *http.Request) { r.ContentLength = 5 },
		"an opaque URL":                      func(r *http.Request) { r.URL.Opaque = "//windmill.test/api/w/test/x" },
		"an opaque URL to another route":     func(r *http.Request) { r.URL.Opaque = "//windmill.test/api/w/test/../../users/whoami" },
		"a path that goes up":                func(r *http.Request) { r.URL.Path = "/api/w/test/../../users/whoami" },
	} {
		synctest.Test(t, func(t *testing.T) {
			dial := func(context.Context, string, string) (net.Conn, error) {
				t.Errorf("%s: it was about to be sent", name)
				return nil, errors.New("nobody is there")
			}
			c, err := facade.NewClient("http://windmill.test", "t", facade.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: dial}}))
			if err != nil {
				t.Fatal(err)
			}
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/x", nil)
			spoil(req)
			start := time.Now()
			_, err = c.Do(req)
			if took := time.Since(start); !errors.Is(err, facade.ErrInvalidArgument) || took > 0 || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v after %v, want ErrInvalidArgument at once", name, err, took)
			}
		})
	}
}

func TestDoSendsWhatIsUnusualAndValid(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"a method of one's own":     func(r *http.Request) { r.Method = "X-PURGE" },
		"a header with a tab":       func(r *http.Request) { r.Header.Set("X", "a\tb") },
		"a header beyond ASCII":     func(r *http.Request) { r.Header.Set("X", "é") },
		"an IPv6 host":              func(r *http.Request) { r.URL.Host = "[::1]:8000" },
		"a host with a zone":        func(r *http.Request) { r.URL.Host = "[fe80::1%eth0]:8000" },
		"a host beyond ASCII":       func(r *http.Request) { r.URL.Host = "bücher.test" },
		"a port that is left empty": func(r *http.Request) { r.URL.Host = "windmill.test:" },
		"a user in the URL":         func(r *http.Request) { r.URL.User = url.UserPassword("me", "mine") },
		"a space in the path":       func(r *http.Request) { r.URL.Path = "/api/a b" },
	} {
		c, srv := newFake(t, answering(200, "text/plain", "x"))
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/x", nil)
		change(req)
		resp, err := c.Do(req)
		if err != nil || len(srv.requests()) != 1 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		resp.Body.Close()
	}
}

func TestAHEADIsNotSaidToLackARoute(t *testing.T) {
	c, _ := newFake(t, answering(404, "", ""))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodHead, c.BaseURL()+"/x", nil)
	if _, err := c.Do(req); err == nil || strings.Contains(err.Error(), "no such route") {
		t.Errorf("a HEAD, whose answer has no text: %v", err)
	}
}

func TestAnAnswersRequestIsTheCallersOwnWithoutTheToken(t *testing.T) {
	const token = "t0ken-that-nobody-may-see"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Authorization") != "Bearer "+token {
			t.Errorf("the server got %q", r.Header)
		}
		kind := "text/plain"
		if string(body) == "stream" {
			kind = "text/event-stream"
		}
		reply(w, 200, kind, string(body))
	}))
	defer server.Close()
	c, err := facade.NewClient(server.URL, token, facade.WithHTTPClient(server.Client()))
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"x", "stream"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, c.BaseURL()+"/x", strings.NewReader(body))
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		dump, err := httputil.DumpRequestOut(resp.Request, true)
		if err != nil || !strings.HasSuffix(string(dump), "\r\n\r\n"+body) {
			t.Errorf("the request dumped: %q, %v; want its body", dump, err)
		}
		if all := fmt.Sprintf("%+v %+v %#v %s", resp, resp.Request, resp.Request, dump); resp.Request != req || strings.Contains(all, "nobody") {
			t.Errorf("the answer's request is not the caller's: %s", all)
		}
	}
	api, _ := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
	version, err := api.BackendVersionWithResponse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if all := fmt.Sprintf("%+v", version.HTTPResponse.Request); strings.Contains(all, "nobody") {
		t.Errorf("gen's answer has the token: %s", all)
	}
}

func TestAnAnswerThatSaysNotModifiedIsCalledThat(t *testing.T) {
	c, srv := newFake(t, answering(304, "", ""))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/x", nil)
	req.Header.Set("If-None-Match", `"1"`)
	_, err := c.Do(req)
	want := "GET /x: status 304 (not modified: the caller's copy is still good)"
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" || len(srv.requests()) != 1 {
		t.Errorf("the error (-want +got):\n%s", diff)
	}
	if e := (*facade.APIError)(nil); !errors.As(err, &e) || e.StatusCode != 304 {
		t.Errorf("%v is no *APIError of status 304", err)
	}
}

func TestAStreamFromDoMayBeReadLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer client.Close()
		go func() {
			defer server.Close()
			buf := make([]byte, 4096)
			_, _ = server.Read(buf)
			io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
		}()
		dial := func(context.Context, string, string) (net.Conn, error) { return client, nil }
		c, err := facade.NewClient("http://windmill.test", "t", facade.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: dial}}))
		if err != nil {
			t.Fatal(err)
		}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/stream", nil)
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		time.Sleep(2 * time.Minute)
		if got, err := io.ReadAll(resp.Body); string(got) != "data: 1\n\n" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestDoRepeatsOnlyWhatIsSafeToRepeat(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		body   io.Reader
		want   int
	}{
		"a GET":                               {"GET", nil, 3},
		"a HEAD":                              {"HEAD", nil, 3},
		"no method, which is a GET":           {"", nil, 3},
		"a GET with a body":                   {"GET", strings.NewReader("x"), 3},
		"a GET whose body is there only once": {"GET", io.MultiReader(strings.NewReader("x")), 1},
		"a POST":                              {"POST", strings.NewReader("x"), 1},
		"a POST without a body":               {"POST", nil, 1},
		"a PUT":                               {"PUT", strings.NewReader("x"), 1},
		"a DELETE":                            {"DELETE", nil, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			var bodies []string
			c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
				var body []byte
				if r.Body != nil {
					body, _ = io.ReadAll(r.Body)
				}
				bodies = append(bodies, string(body))
				reply(w, 503, "text/plain", "away")
			}, facade.WithMaxRetries(2))
			req, err := http.NewRequestWithContext(t.Context(), test.method, c.BaseURL()+"/w/test/x", test.body)
			if err != nil {
				t.Fatal(err)
			}
			req.Method = test.method
			resp, err := c.Do(req)
			if err == nil {
				resp.Body.Close()
			}
			want := ""
			if test.body != nil {
				want = "x"
			}
			if len(bodies) != test.want || err == nil {
				t.Errorf("%s: sent %d times, want %d; %v", name, len(bodies), test.want, err)
			}
			for i, body := range bodies {
				if body != want {
					t.Errorf("%s: the body of request %d is %q, want %q", name, i+1, body, want)
				}
			}
		})
	}
}
