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

// requestError is the error of a request or an answer that was lost on the way.
type requestError struct {
	method, path string
	err          error
}

func (e *requestError) Error() string { return fmt.Sprintf("%s %s: %s", e.method, e.path, reason(e)) }

func (e *requestError) Unwrap() error { return e.err }

// reason returns what went wrong, without the request, which is named already.
func reason(err error) string {
	if e := (*APIError)(nil); errors.As(err, &e) {
		return strings.Replace(err.Error(), e.request()+": ", "", 1)
	}
	e := (*requestError)(nil)
	if !errors.As(err, &e) {
		return err.Error()
	}
	if errors.Is(e.err, io.ErrUnexpectedEOF) {
		return "the answer was cut off"
	}
	return e.err.Error()
}

// requestFailed makes the error of a try without an answer.
func (c *Client) requestFailed(req *http.Request, idle *idleTimer, err error) error {
	if idle.fired.Load() {
		c.silence.Store(true)
		return &requestError{req.Method, c.pathOf(req), &idleTimeoutError{idle.timeout}}
	}
	// A url.Error would print the whole URL, with the query.
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	ended := req.Context().Err() != nil
	switch text := err.Error(); {
	case !ended && c.http.Timeout > 0 && strings.Contains(text, "Client.Timeout"):
		err = fmt.Errorf("no answer within the Timeout of the http.Client, %v", c.http.Timeout)
	case !ended && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)), // not the caller's context
		c.secret.redact(text) != text, len(text) > 2*maxShown: // net/http quotes what it cannot parse, which may be what was sent
		err = opaque{c.excerpt(text, maxShown), neverConnected(err), permanent(err)}
	}
	return &requestError{req.Method, c.pathOf(req), err}
}

// opaque is an error whose chain may not be shown.
type opaque struct {
	text                      string
	neverConnected, permanent bool
}

func (e opaque) Error() string { return e.text }

// neverConnected reports whether a request failed before there was a connection, so that nothing was sent.
func neverConnected(err error) bool {
	var hidden opaque
	var dial *net.OpError
	return errors.As(err, &hidden) && hidden.neverConnected ||
		errors.As(err, &dial) && (dial.Op == "dial" || strings.HasSuffix(dial.Op, "connect")) || // by a proxy of any kind
		errors.As(err, new(*net.DNSError)) || permanent(err) || err != nil && strings.Contains(err.Error(), "TLS handshake timeout")
}

// permanentTexts are those of permanent errors that have no type of their own.
var permanentTexts = regexp.MustCompile(http.StatusText(http.StatusProxyAuthRequired) + `|unsupported protocol scheme|can't be set in client requests|net/http: invalid (header|trailer|method)|` +
	`does not look like a TLS handshake|remote error: tls: (handshake failure|protocol version|certificate required|bad certificate|unknown certificate|unrecognized name)`)

// permanent reports whether err cannot heal while the process runs: a certificate that is not trusted, no TLS, a port that does not exist.
func permanent(err error) bool {
	var hidden opaque
	var address *net.AddrError
	return errors.As(err, &hidden) && hidden.permanent ||
		errors.As(err, new(*tls.CertificateVerificationError)) || errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &address) ||
		err != nil && permanentTexts.MatchString(err.Error())
}

// lasting reports whether sending the same request again is in vain.
func lasting(err error) bool {
	if e := (*net.DNSError)(nil); errors.As(err, &e) && e.IsNotFound {
		return true
	}
	if e := (*APIError)(nil); errors.As(err, &e) {
		return e.lasting()
	}
	return permanent(err) || errors.Is(err, errTooLarge) || err != nil && strings.Contains(err.Error(), "Location header")
}

// pathOf returns a request's path as errors and logs show it: after the base URL, without the query, which may hold what nobody should see.
func (c *Client) pathOf(req *http.Request) string {
	if !c.isOwn(req) {
		return c.secret.redact(req.URL.Host + req.URL.Path)
	}
	return c.secret.redact(strings.TrimPrefix(req.URL.Path, c.server.Path))
}
