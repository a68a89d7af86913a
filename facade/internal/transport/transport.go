// Package transport sends requests to a Windmill server, and says what became of them.
//
// An [Attempt] is one attempt of a request: the HTTP doer of the generated client. It authorizes
// the request, sends it, and ends it when the server falls silent. [Transport.Retry] stands above
// the generated client: it makes an attempt, classifies its error, and makes another where that
// may help. So a response that the generated client cannot decode is a failed attempt like any
// other.
package transport

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Transport sends the requests of one client. Its exported fields are all required. They are set
// before the first request; from then on it is safe for any number of goroutines.
type Transport struct {
	Server     *url.URL            // the base URL, without a slash at its end
	Token      func() string       // a function, where nothing finds it by reflection
	Client     func() *http.Client // likewise: its connections keep the headers that they sent
	UserAgent  string
	MaxRetries int
	Log        *slog.Logger

	responded atomic.Bool // the server has given a good response
	silent    atomic.Bool // a connection may have died silently
}

// HTTPClient returns the client that a [Transport] uses in place of hc, which may be nil.
func HTTPClient(hc *http.Client) *http.Client {
	client := &http.Client{}
	if hc != nil {
		*client = *hc
	}
	if client.Transport == nil {
		client.Transport = defaultTransport()
	}
	// A POST would be followed as a GET, and the token would go along.
	client.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return client
}

// Responded reports whether the server has given a good response yet.
func (t *Transport) Responded() bool { return t.responded.Load() }

// dialTimeout is less than the silence after which a look is given up, so that it is known that
// nothing was sent.
const dialTimeout = 10 * time.Second

// defaultTransport is the transport of all clients without one of their own, made when the first
// client is made.
var defaultTransport = sync.OnceValue(func() http.RoundTripper {
	return tuned(http.DefaultTransport)
})

// tuned returns a copy of a default transport that notices dead connections. One that a program
// has put in its place, to trace requests, say, is used as it is.
func tuned(from http.RoundTripper) http.RoundTripper {
	original, ok := from.(*http.Transport)
	if !ok {
		return from
	}
	t := original.Clone()
	t.MaxIdleConnsPerHost = 32
	if dial := t.DialContext; dial != nil {
		t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			ctx, stop := context.WithTimeout(ctx, dialTimeout)
			defer stop()
			return dial(ctx, network, addr)
		}
	}
	t.OnProxyConnectResponse = proxyRefused
	// Without pings, a connection that has died silently is used again and again.
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second}
	return t
}

// proxyRefused says whose response it is. Left to itself, net/http says no more than "Forbidden".
func proxyRefused(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	err := fmt.Errorf("the proxy answered %s", strings.TrimSpace(resp.Status))
	if resp.StatusCode == http.StatusProxyAuthRequired {
		err = errProxyAuth
	}
	return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err}
}
