package facade

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// dialTimeout is less than the silence after which a look is given up, so that it is known that nothing was sent.
const dialTimeout = 10 * time.Second

// httpClient holds an [http.Client] in closures: its connections keep the token in the headers that they have sent.
type httpClient struct {
	do        func(*http.Request) (*http.Response, error)
	closeIdle func()
	timeout   time.Duration
}

// newHTTPClient returns a copy of the caller's client, or a new one, with a transport, that follows no redirect: a POST would be followed
// as a GET, and the token would go along.
func newHTTPClient(given *http.Client) httpClient {
	hc := &http.Client{}
	if given != nil {
		*hc = *given
	}
	if hc.Transport == nil {
		hc.Transport = defaultTransport()
	}
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return httpClient{hc.Do, hc.CloseIdleConnections, hc.Timeout}
}

// shared is the transport of all clients without a transport of their own, so that a client made for one call leaves no connections
// behind. It is made from http.DefaultTransport as that was then.
var shared struct {
	mu   sync.Mutex
	from *http.Transport
	made *http.Transport
}

// defaultTransport returns the shared transport. A http.DefaultTransport that somebody has replaced, by one that traces, say, is used as it is.
func defaultTransport() http.RoundTripper {
	from, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.from != from {
		t := from.Clone()
		t.MaxIdleConnsPerHost = 32
		if dial := t.DialContext; dial != nil { // in a browser there is nothing to dial
			t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				ctx, stop := context.WithTimeout(ctx, dialTimeout)
				defer stop()
				return dial(ctx, network, addr)
			}
		}
		if t.OnProxyConnectResponse == nil {
			t.OnProxyConnectResponse = proxyRefused
		}
		if t.HTTP2 == nil {
			// Without pings, a connection that has died silently is used again and again.
			t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second}
		}
		shared.from, shared.made = from, t
	}
	return shared.made
}

// proxyError is a proxy's refusal to connect.
type proxyError struct {
	code   int
	status string
}

func (e *proxyError) Error() string {
	s := "the proxy answered " + e.status
	if e.code == http.StatusProxyAuthRequired {
		s += ": give the credentials in the proxy's URL"
	}
	return s
}

// proxyRefused makes an error that says whose answer it is. Left to itself, net/http says no more than "Forbidden".
func proxyRefused(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: &proxyError{resp.StatusCode, strings.TrimSpace(resp.Status)}}
}

// CloseIdleConnections closes the connections that are not in use, as [http.Client.CloseIdleConnections] does. Clients without
// a transport of their own share one. It is for programs and tests that look for leaks; others need not call it.
func (c *Client) CloseIdleConnections() { c.http.closeIdle() }
