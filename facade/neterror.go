package facade

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// requestError is the error of a request or an answer that was lost on the way. What the library itself wants to know of it is found out
// when it is made: its chain may hold any error, such as that of another call, if that is why the context ended.
type requestError struct {
	method, path string
	text         string // what went wrong
	err          error  // nil if the chain may not be shown
	unsent       bool   // there was no connection
	lasting      bool   // sending the request again is in vain
}

func (e *requestError) Error() string { return fmt.Sprintf("%s %s: %s", e.method, e.path, e.text) }

func (e *requestError) Unwrap() error { return e.err }

// answerOf returns the answer that ended a request, or nil if there was none.
func answerOf(err error) *APIError {
	e := (*APIError)(nil)
	if !errors.As(err, new(*requestError)) {
		errors.As(err, &e)
	}
	return e
}

// reason returns what went wrong, without the request, which is named already.
func reason(err error) string {
	if e := (*requestError)(nil); errors.As(err, &e) {
		return e.text
	}
	if e := answerOf(err); e != nil {
		return strings.Replace(err.Error(), e.request()+": ", "", 1)
	}
	return err.Error()
}

// requestFailed makes the error of a try without an answer, whose context goes on.
func (c *Client) requestFailed(req *http.Request, idle *idleTimer, err error) error {
	if idle.fired.Load() {
		c.silence.Store(true)
		err = &idleTimeoutError{idle.timeout}
	}
	// A url.Error would print the whole URL, with the query.
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	e := &requestError{req.Method, c.pathOf(req), err.Error(), err, neverConnected(err), inVain(err)}
	switch {
	case c.http.timeout > 0 && strings.Contains(e.text, "Client.Timeout"):
		e.text, e.err = fmt.Sprintf("no answer within the Timeout of the http.Client, %v", c.http.timeout), nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), // not the caller's context
		c.secret.redact(e.text) != e.text, len(e.text) > 2*maxShown: // net/http quotes what it cannot parse, which may be what was sent
		e.text, e.err = c.excerpt(e.text, maxShown), nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.text = "the answer was cut off"
	}
	return e
}

// contextOver makes the error of a request whose context is over. last is what went wrong before, if anything did.
func (c *Client) contextOver(req *http.Request, last error) error {
	err := interrupted(req.Context(), last)
	return &requestError{method: req.Method, path: c.pathOf(req), text: err.Error(), err: err}
}

// neverConnected reports whether a request failed before there was a connection, so that nothing was sent.
func neverConnected(err error) bool {
	var dial *net.OpError
	return errors.As(err, &dial) && (dial.Op == "dial" || strings.HasSuffix(dial.Op, "connect")) || // by a proxy of any kind
		errors.As(err, new(*net.DNSError)) || permanent(err) || strings.Contains(err.Error(), "TLS handshake timeout")
}

// permanentTexts are those of permanent errors that have no type of their own. The first is what a transport of the caller's makes of a proxy's 407.
var permanentTexts = regexp.MustCompile(`(?i:proxy auth)|does not look like a TLS handshake|` +
	`remote error: tls: (handshake failure|protocol version|certificate required|bad certificate|unknown certificate|unrecognized name)`)

// permanent reports whether err cannot heal while the process runs: a certificate that is not trusted, no TLS, a port that does not exist.
func permanent(err error) bool {
	var proxy *proxyError
	return errors.As(err, &proxy) && proxy.code == http.StatusProxyAuthRequired ||
		errors.As(err, new(*tls.CertificateVerificationError)) || errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, new(*net.AddrError)) ||
		permanentTexts.MatchString(err.Error())
}

// inVain reports whether a request that failed with err would fail with it again.
func inVain(err error) bool {
	var lookup *net.DNSError
	return errors.As(err, &lookup) && lookup.IsNotFound ||
		permanent(err) || errors.Is(err, errTooLarge) || strings.Contains(err.Error(), "Location header")
}

// unsent reports whether err is that of a request for which there was no connection.
func unsent(err error) bool {
	e := (*requestError)(nil)
	return errors.As(err, &e) && e.unsent
}

// lasting reports whether sending the same request again is in vain.
func lasting(err error) bool {
	if e := answerOf(err); e != nil {
		return e.lasting()
	}
	e := (*requestError)(nil)
	return errors.As(err, &e) && e.lasting
}

// pathOf returns a request's path as errors and logs show it: after the base URL, without the query, which may hold what nobody should see.
func (c *Client) pathOf(req *http.Request) string {
	if !c.isOwn(req) {
		return c.secret.redact(req.URL.Host + req.URL.Path)
	}
	return c.secret.redact(strings.TrimPrefix(req.URL.Path, c.server.Path))
}
