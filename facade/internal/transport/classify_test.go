//go:build go1.25

package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// verdict is what an error says of a request.
type verdict struct {
	Err                      error
	Refused, Unsent, Passing bool
}

func verdictOf(t *testing.T, err error) verdict {
	t.Helper()
	e := (*Error)(nil)
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	return verdict{e.Err, e.Refused, e.Unsent, e.Passing}
}

func TestResponsesAreClassifiedByStatusAndText(t *testing.T) {
	refusal := verdict{Refused: true}
	unauthorized, forbidden := verdict{Err: ErrUnauthorized}, verdict{Err: ErrForbidden}
	passes := verdict{Passing: true}
	// by the API itself
	but := func(v verdict) verdict { v.Refused = true; return v }
	for name, test := range map[string]struct {
		path   string // of the request
		status int
		text   string
		want   verdict
	}{
		"a request's timeout":     {"/x", 408, "no", passes},
		"too early":               {"/x", 425, "no", passes},
		"too many requests":       {"/x", 429, "no", passes},
		"an error":                {"/x", 500, "Internal: no", passes},
		"not implemented":         {"/x", 501, "no", verdict{}},
		"a bad gateway":           {"/x", 502, "no", passes},
		"another version of HTTP": {"/x", 505, "no", verdict{}},
		"an error of a tunnel":    {"/x", 530, "error code: 1033", passes},
		"a gateway's 400":         {"/x", 400, "no", verdict{}},
		"a bad request":           {"/x", 400, "Bad request: no", refusal},
		"no JSON object":          {"/x", 400, "Failed to deserialize the JSON body", refusal},
		"a quota":                 {"/x", 400, "Quota exceeded: no", refusal},
		"a database without a pool": {
			"/x", 400, "SqlErr: pool timed out while waiting for an open connection", passes,
		},
		"a database's no": {"/x", 400, "SqlErr: row violates check constraint", refusal},
		"no such hash": {
			"/w/t/jobs/run/h/0", 400, "SqlErr: no rows returned", but(verdict{Err: ErrNotFound}),
		},
		"no such row":         {"/x", 400, "SqlErr: no rows returned", refusal},
		"an anonymous caller": {"/x", 400, "Bad request: As a non logged in user", but(unauthorized)},
		"a bad token":         {"/x", 401, "Not authorized: Unauthorized", but(unauthorized)},
		"a bad token of old":  {"/x", 401, "Unauthorized", but(unauthorized)},
		"a gateway's 401":     {"/x", 401, "who are you?", unauthorized},
		"no access":           {"/x", 401, "Not authorized: but it exists", but(forbidden)},
		"no permission":       {"/x", 403, "Permission denied: no", but(forbidden)},
		"a gateway's 403":     {"/x", 403, "no", forbidden},
		"nothing found":       {"/x", 404, "Not found: no", but(verdict{Err: ErrNotFound})},
		"an unknown route":    {"/x", 404, "", refusal},
		"a gateway's 404":     {"/x", 404, "404 page not found", verdict{}},
		"another method":      {"/x", 405, "", refusal},
		"a body too large":    {"/x", 413, "Failed to buffer the request body: no", refusal},
		"a gateway's limit":   {"/x", 413, "too large", verdict{}},
		"a media type":        {"/x", 415, "Expected request with `Content-Type: x`", refusal},
		"another JSON":        {"/x", 422, "Failed to deserialize the JSON body", refusal},
		"a redirect":          {"/x", 302, "", verdict{}},
	} {
		transport := newTransport(t, "http://windmill.test",
			roundTrip(func(r *http.Request) (*http.Response, error) {
				return response(r, test.status, test.text), nil
			}))
		_, err := call(t.Context(), transport, Policy{}, http.MethodPost, test.path)
		if diff := cmp.Diff(test.want, verdictOf(t, err), cmpopts.EquateErrors()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPagesAreNeverTheAPIsWord(t *testing.T) {
	for status := 200; status < 600; status++ {
		transport := newTransport(t, "http://windmill.test",
			roundTrip(func(r *http.Request) (*http.Response, error) {
				resp := response(r, status, "Not found: Not authorized: Unauthorized")
				resp.Header.Set("Content-Type", "Text/HTML; charset=utf-8")
				return resp, nil
			}))
		err := transport.Retry(t.Context(), Policy{}, func(a *Attempt) error {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet,
				transport.Server.String(), nil)
			if _, err := a.Do(req); err != nil {
				return err
			}
			return errors.New("it is a page")
		})
		if got := verdictOf(t, err); got.Err != nil || got.Refused || got.Unsent {
			t.Errorf("status %d: %+v", status, got)
		}
	}
}

func TestA401ThatTookAMinuteIsADatabaseThatIsDown(t *testing.T) {
	for took, want := range map[time.Duration]verdict{
		29 * time.Second: {Err: ErrUnauthorized, Refused: true},
		31 * time.Second: {Passing: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			transport := newTransport(t, "http://windmill.test",
				roundTrip(func(r *http.Request) (*http.Response, error) {
					time.Sleep(took)
					return response(r, 401, "Unauthorized"), nil
				}))
			_, err := call(t.Context(), transport, Policy{}, http.MethodGet, "/x")
			if diff := cmp.Diff(want, verdictOf(t, err), cmpopts.EquateErrors()); diff != "" {
				t.Errorf("after %v (-want +got):\n%s", took, diff)
			}
		})
	}
}

func TestNetworkErrorsAreClassifiedByWhatMayHaveBeenSent(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	unsent, passing := verdict{Unsent: true}, verdict{Passing: true}
	both := verdict{Unsent: true, Passing: true}
	for name, test := range map[string]struct {
		err  error
		want verdict
	}{
		"a host that does not answer": {dial(context.DeadlineExceeded), both},
		"nothing listens":             {dial(syscall.ECONNREFUSED), both},
		"an unknown host":             {&net.DNSError{IsNotFound: true}, unsent},
		"a name server that is away":  {&net.DNSError{IsTimeout: true}, both},
		"a SOCKS proxy without route": {&net.OpError{Op: "socks connect", Err: io.EOF}, both},
		"a slow TLS handshake":        {errors.New("net/http: TLS handshake timeout"), both},
		"a client's missing certificate": {
			&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}, unsent,
		},
		"an untrusted certificate": {
			&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, unsent,
		},
		"a port without TLS":       {tls.RecordHeaderError{Msg: "no"}, unsent},
		"HTTP where TLS was asked": {http.ErrSchemeMismatch, unsent},
		"a lost connection":        {io.ErrUnexpectedEOF, passing},
		"a reset":                  {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, passing},
		"a server that hangs up":   {io.EOF, passing},
	} {
		transport := newTransport(t, "http://windmill.test",
			roundTrip(func(*http.Request) (*http.Response, error) { return nil, test.err }))
		_, err := call(t.Context(), transport, Policy{}, http.MethodPost, "/x")
		got := verdictOf(t, err)
		got.Err = nil
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAProxyThatRefusesToConnectIsNamed(t *testing.T) {
	const wants = "a proxy wants credentials: give them in the proxy's URL"
	for status, test := range map[string]struct {
		says    string
		dialled int64
	}{
		"403 Forbidden":                     {"the proxy answered 403 Forbidden", 2},
		"407 Proxy Authentication Required": {wants, 1},
		"407 ":                              {wants, 1},
		"407":                               {wants, 1},
	} {
		var asked atomic.Int64
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
		}))
		through, _ := url.Parse(proxy.URL)
		transport := newTransport(t, "https://windmill.test",
			tuned(&http.Transport{Proxy: http.ProxyURL(through)}))
		err := get(t, transport, "/version")
		if got := verdictOf(t, err); !got.Unsent || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", status, err)
		}
		if n := asked.Load(); n != test.dialled {
			t.Errorf("%s: the proxy was asked %d times, want %d", status, n, test.dialled)
		}
		proxy.Close()
	}
}

func TestRetryAfterIsReadInEveryForm(t *testing.T) {
	date := func(d time.Duration) string {
		return time.Now().Add(d).UTC().Format(http.TimeFormat)
	}
	synctest.Test(t, func(t *testing.T) {
		for value, want := range map[string]time.Duration{
			"7": 7 * time.Second, "1.5": 1500 * time.Millisecond, "0": 0, "-7": 0, "soon": 0, "": 0,
			"86400": maxRetryAfter, "99999999999999999999": maxRetryAfter, "Inf": maxRetryAfter,
			date(9 * time.Second): 9 * time.Second, date(-time.Hour): 0, date(time.Hour): maxRetryAfter,
		} {
			resp := &http.Response{Header: http.Header{"Retry-After": {value}}}
			if got := retryAfter(resp); got != want {
				t.Errorf("%q: got %v, want %v", value, got, want)
			}
		}
	})
}
