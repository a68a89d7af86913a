//go:build go1.25

package facade_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/windmill/facade"
)

func TestUnaskedContentEncodingsAreUndone(t *testing.T) {
	zip := func(body string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		io.WriteString(w, body)
		w.Close()
		return b.String()
	}
	c, srv := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		status, contentType, body := rightAnswer(r, `{"a":1}`)
		w.Header().Set("Content-Encoding", "gzip")
		reply(w, status, contentType, zip(body))
	})
	for name, call := range calls {
		before := len(srv.requests())
		if err := call(t.Context(), c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(srv.requests()) - before; n != 1 {
			t.Errorf("%s: %d requests, want 1", name, n)
		}
	}
	c, _ = newFake(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		reply(w, 200, "text/plain", "x")
	}, facade.WithMaxRetries(0))
	if _, err := c.GetVersion(t.Context()); err == nil || !strings.Contains(err.Error(), `"br"`) {
		t.Errorf("an encoding that is not known: %v", err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/version", nil)
	req.Header.Set("Accept-Encoding", "br")
	if resp, err := c.Do(req); err != nil || resp.Header.Get("Content-Encoding") != "br" {
		t.Errorf("an encoding that was asked for: %v", err)
	} else {
		resp.Body.Close()
	}
}

func TestAnAnswerWhoseTextIsLostStillHasAStatus(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"an encoding that is not known": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			reply(w, 403, "text/plain", "x")
		},
		"an encoding of nothing": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			reply(w, 403, "text/plain", "")
		},
		"a body that is cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			reply(w, 403, "text/plain", "Permission denied: no")
		},
	} {
		srv := httptest.NewServer(answer)
		c, err := facade.NewClient(srv.URL, "t", facade.WithWorkspace("test"), facade.WithMaxRetries(0))
		if err != nil {
			t.Fatal(err)
		}
		var refused *facade.APIError
		if _, err := c.GetVersion(t.Context()); !errors.As(err, &refused) || refused.StatusCode != 403 {
			t.Errorf("%s: %v, want an *APIError of status 403", name, err)
		}
		id, err := c.RunScriptAsync(t.Context(), somePath, nil)
		if id == "" || err == nil {
			t.Errorf("%s: id %q, %v; what it says is not known", name, id, err)
		}
		c.CloseIdleConnections()
		srv.Close()
	}
}

func TestHugeAnswers(t *testing.T) {
	const size = 30 << 20
	huge := `"` + strings.Repeat("0123456789abcdef", size/16) + `"`
	getResource, getResult := answerMethods[1], answerMethods[3]
	few := newFewFailures(t)
	for name, test := range map[string]struct {
		method method
		status int
		body   string
	}{
		"brackets": {getResult, 200, strings.Repeat("[", size)}, "half of a string": {getResult, 200, huge[:size/2]},
		"a long refusal": {getResult, 400, "Bad request: " + huge}, "a proxy's long page": {getResource, 502, htmlPage + huge},
	} {
		a := &answerCase{method: test.method, name: name, status: test.status, contentType: "text/plain", shape: name, shaped: func(string) string { return test.body }}
		a.check(few)
	}
	c, _ := newFake(t, wellAnswered(huge))
	for name, call := range map[string]func() (json.RawMessage, error){
		"GetResource": func() (json.RawMessage, error) { return c.GetResource(t.Context(), "f/a/b") },
		"GetResult":   func() (json.RawMessage, error) { return c.GetResult(t.Context(), someJob) },
	} {
		if got, err := call(); err != nil || string(got) != huge {
			t.Errorf("%s: %d bytes, %v; want the %d that were sent", name, len(got), err, len(huge))
		}
	}
}
