//go:build go1.25

package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const someToken = "s3cr3t-t0ken-0123456789abcdefxyz"

// roundTrip is a transport of a test's own.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// newTransport returns a Transport of a server, which repeats once, through a transport of the
// test's own.
func newTransport(t *testing.T, server string, through http.RoundTripper) *Transport {
	t.Helper()
	u, err := url.Parse(server + "/api")
	if err != nil {
		t.Fatal(err)
	}
	hc := HTTPClient(&http.Client{Transport: through})
	return &Transport{
		Server: u, Token: func() string { return someToken }, Client: func() *http.Client { return hc },
		UserAgent: "test", MaxRetries: 1, Log: slog.New(slog.DiscardHandler),
	}
}

// response returns a response in plain text.
func response(r *http.Request, status int, text string) *http.Response {
	header := http.Header{"Content-Type": {"text/plain"}}
	body := io.NopCloser(strings.NewReader(text))
	return &http.Response{StatusCode: status, Header: header, Body: body, Request: r}
}

// call sends a request as p says, reads the response, and returns its body.
func call(ctx context.Context, t *Transport, p Policy, method, path string) ([]byte, error) {
	var body []byte
	err := t.Retry(ctx, p, func(a *Attempt) error {
		url := t.Server.String() + path
		req, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
		if err != nil {
			return err
		}
		resp, err := a.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err = io.ReadAll(resp.Body)
		return err
	})
	return body, err
}

// get sends a GET request that may be repeated.
func get(t *testing.T, transport *Transport, path string) error {
	t.Helper()
	_, err := call(t.Context(), transport, Policy{Repeat: IfLost}, http.MethodGet, path)
	return err
}

func TestDialsOfTheDefaultTransportEndAfterTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		transport := newTransport(t, "http://windmill.test", tuned(&http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				n++
				<-ctx.Done()
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
			},
		}))
		start := time.Now()
		err := get(t, transport, "/version")
		took := time.Since(start)
		var e *Error
		if !errors.As(err, &e) || !e.Unsent || n != 2 || took < 20*time.Second || took > 21*time.Second {
			t.Errorf("%v after %v and %d dials", err, took, n)
		}
	})
}

func TestADefaultTransportThatAProgramReplacedIsUsedAsItIs(t *testing.T) {
	traced := errors.New("traced")
	through := roundTrip(func(*http.Request) (*http.Response, error) { return nil, traced })
	transport := newTransport(t, "http://windmill.test", tuned(through))
	if err := get(t, transport, "/version"); !errors.Is(err, traced) {
		t.Error(err)
	}
}

func TestTheCallersRequestIsNotChanged(t *testing.T) {
	transport := newTransport(t, "http://windmill.test",
		roundTrip(func(r *http.Request) (*http.Response, error) {
			r.Header.Set("Added", "by a transport")
			return response(r, 200, "ok"), nil
		}))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet,
		"http://windmill.test/api/w/test/resources/get_value/f%2Fa", nil)
	var before bytes.Buffer
	_ = req.Write(&before)
	resp, err := (&Attempt{transport: transport, idleTimeout: time.Second}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var after bytes.Buffer
	if _ = req.Write(&after); before.String() != after.String() || resp.Request != req {
		t.Errorf("the request was\n%s, and became\n%s", &before, &after)
	}
}
