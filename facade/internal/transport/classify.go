package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	// slowAuth is longer than it takes to check a token, unless the server's database is away: then a
	// good token is refused after a minute.
	slowAuth = 30 * time.Second
	// maxRetryAfter is the longest Retry-After that is obeyed.
	maxRetryAfter = 2 * time.Minute
)

// meaning is what a response in plain text says.
type meaning struct {
	status  int
	path    string // a part of the request's
	text    string // a regular expression
	err     error  // what the error is for [errors.Is]
	refused bool   // by the API, which has done nothing and would say the same again
	passing bool   // it may say something else later
	hint    string
}

// meanings returns those of the responses that say more than their status. The first that matches
// counts. The server's errors begin with what kind they are; the sentences after that change with
// every release, so that only a few stable phrases are relied on.
func meanings() []meaning {
	return []meaning{
		{status: 400, text: `non logged in user|You are not logged in`, err: ErrUnauthorized,
			refused: true,
			hint: "the token is missing, wrong, expired, of another workspace, " +
				"or lacks a scope for jobs"},
		{status: 400, path: "/jobs/run/h/", text: `^SqlErr: no rows returned`, err: ErrNotFound,
			refused: true,
			hint:    "the workspace has no script version of this hash, or does not exist"},
		{status: 400, text: `(?is)^SqlErr:.*(no rows returned|duplicate key|violates |` +
			`unsupported unicode|invalid (input|byte)|out of range|too long)`, refused: true},
		{status: 400, text: `^SqlErr:`, passing: true}, // the database is away
		{status: 400, text: `^(Bad request|Quota exceeded|Invalid URL): `, refused: true},
		{status: 400, text: `^Failed to (deserialize|parse the request body)`, refused: true},
		{status: 401, text: `^(Not authorized: )?Unauthorized$`, err: ErrUnauthorized,
			refused: true,
			hint:    "the token is missing, wrong or expired, or its owner is no member of the workspace"},
		// The token is good, and its owner may not do this.
		{status: 401, text: `^Not authorized: `, err: ErrForbidden, refused: true},
		{status: 401, err: ErrUnauthorized},
		{status: 403, text: `^(Permission denied: |Require Admin privileges for )`,
			err: ErrForbidden, refused: true},
		{status: 403, err: ErrForbidden},
		{status: 404, text: `^Not found: `, err: ErrNotFound, refused: true},
		{status: 404, text: `^$`, refused: true}, // an unknown route
		{status: 405, text: `^$`, refused: true},
		{status: 407, hint: errProxyAuth.Error()},
		{status: 413, text: `^Failed to buffer the request body: `, refused: true},
		{status: 415, text: `^Expected request with `, refused: true},
		{status: 422, text: `^Failed to deserialize`, refused: true},
	}
}

// responseError makes the error of a response that is not a success, or not the documented one.
func (a *Attempt) responseError(text string) *Error {
	t, resp := a.transport, a.resp
	e := a.newError()
	e.Status = resp.StatusCode
	e.Message = t.Excerpt(withoutPermissions(text), maxMessage)
	e.RetryAfter = retryAfter(resp)
	e.Passing = resp.StatusCode/100 == 2 || passing(resp.StatusCode)
	html := mediaType(resp) == "text/html"
	if html {
		e.Message = "a page of HTML"
	} else {
		e.explain()
	}
	noRoute := e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed
	denied := errors.Is(e.Err, ErrUnauthorized) || errors.Is(e.Err, ErrForbidden)
	slow := denied && a.took > slowAuth
	if slow {
		e.Err, e.Refused, e.Passing = nil, false, true
	}
	switch {
	case !t.isOwn(a.req):
		e.Hint = "" // hints are about the base URL
	case e.Status/100 == 3:
		e.Hint = t.redirectHint(resp)
	case html:
		e.Hint = fmt.Sprintf("from a proxy or another server: is the base URL %s right?", t.Server)
	case noRoute && e.Err == nil && e.Method != http.MethodHead: // whose response has no text
		e.Hint = fmt.Sprintf("%s has no such route: the base URL is wrong, or the server too old",
			t.Server)
	case slow:
		e.Hint = fmt.Sprintf("after %v, as when the server's database is away", a.took.Round(time.Second))
	}
	return e
}

// explain sets what a response in plain text means.
func (e *Error) explain() {
	for _, m := range meanings() {
		says, _ := regexp.MatchString(m.text, e.Message)
		if says && m.status == e.Status && strings.Contains(e.Path, m.path) {
			e.Err, e.Refused, e.Passing, e.Hint = m.err, m.refused, e.Passing || m.passing, m.hint
			return
		}
	}
}

func (t *Transport) redirectHint(resp *http.Response) string {
	u, err := resp.Location()
	if err != nil {
		return ""
	}
	// Without query and user, which may hold secrets.
	target := t.Excerpt((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), maxShown)
	return fmt.Sprintf("redirects are not followed: it points to %s, and the base URL is %s",
		target, t.Server)
}

// passing reports whether the same request may get another response later, by the status alone.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// permissions matches the beginning of what the server adds to some refusals.
var permissions = regexp.MustCompile(
	`resource perms:|authed as:|Your permissions are:|ApiAuthed \{|AuthedRef \{`)

// withoutPermissions cuts off what the server adds to some refusals: who the caller is, with e-mail
// address and the token's beginning.
func withoutPermissions(message string) string {
	if at := permissions.FindStringIndex(message); at != nil {
		return strings.TrimRight(message[:at[0]], " \n:")
	}
	return message
}

func retryAfter(resp *http.Response) time.Duration {
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		return time.Duration(max(0, min(seconds, maxRetryAfter.Seconds())) * float64(time.Second))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, min(time.Until(at), maxRetryAfter))
}

var (
	errProxyAuth = errors.New("a proxy wants credentials: give them in the proxy's URL")
	errTooLarge  = fmt.Errorf("the response is larger than %d bytes", int64(maxBody))
)

// neverConnected reports whether a request failed before there was a connection that takes
// requests, so that the server has done nothing.
func neverConnected(err error) bool {
	op := (*net.OpError)(nil)
	if errors.As(err, &op) && (op.Op == "dial" || strings.HasSuffix(op.Op, "connect")) {
		return true // by a proxy too
	}
	return errors.As(err, new(*net.DNSError)) || permanent(err) && !errors.Is(err, errTooLarge) ||
		strings.Contains(err.Error(), "TLS handshake timeout")
}

// permanent reports whether a request that failed with err would fail with it again.
func permanent(err error) bool {
	lookup, op := (*net.DNSError)(nil), (*net.OpError)(nil)
	return errors.As(err, &lookup) && lookup.IsNotFound ||
		errors.As(err, &op) && op.Op == "remote error" || // a TLS alert
		errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.As(err, new(tls.RecordHeaderError)) ||
		errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, new(*net.AddrError)) ||
		errors.Is(err, errProxyAuth) || errors.Is(err, errTooLarge)
}
