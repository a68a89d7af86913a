package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
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

// responseError makes the error of a response that is not a success, or not the documented one. The
// server's errors are plain text: a prefix that says what kind it is, a colon and a sentence that
// changes with every release. So only prefixes and a few stable phrases are relied on.
func (a *Attempt) responseError(text string) *Error {
	t, resp := a.transport, a.resp
	e := &Error{
		Method:     a.req.Method,
		Path:       t.pathOf(a.req),
		Status:     resp.StatusCode,
		Message:    t.Excerpt(withoutPermissions(text), maxMessage),
		RetryAfter: retryAfter(resp),
		Passing:    resp.StatusCode/100 == 2 || passing(resp.StatusCode),
	}
	if mediaType(resp) == "text/html" {
		e.Message = "a page of HTML"
		e.Hint = fmt.Sprintf("from a proxy or another server: is the base URL %s right?", t.server)
	} else {
		e.Refused = refused(e.Status, e.Message)
		e.explain(t.server)
	}
	if e.Status/100 == 3 {
		e.Hint = t.redirectHint(resp)
	}
	denied := errors.Is(e.Err, ErrUnauthorized) || errors.Is(e.Err, ErrForbidden)
	if denied && a.took > slowAuth {
		e.Err, e.Refused, e.Passing = nil, false, true
		e.Hint = fmt.Sprintf("after %v, as when the server's database is away", a.took.Round(time.Second))
	}
	if !t.isOwn(a.req) {
		e.Hint = "" // hints are about the base URL
	}
	return e
}

// explain sets what a response in plain text means, and the hint.
func (e *Error) explain(server *url.URL) {
	switch {
	case e.Status == http.StatusBadRequest:
		e.explainBadRequest()
	case e.Status == http.StatusUnauthorized && strings.HasSuffix(e.Message, "Unauthorized"):
		e.Err = ErrUnauthorized
		e.Hint = "the token is missing, wrong or expired, or its owner is no member of the workspace"
	case e.Status == http.StatusForbidden, e.Status == http.StatusUnauthorized && e.Refused:
		e.Err = ErrForbidden // the token is good, and its owner may not do this
	case e.Status == http.StatusUnauthorized:
		e.Err = ErrUnauthorized
	case e.Method == http.MethodHead: // its response has no text
	case e.Status == http.StatusNotFound && e.Refused && e.Message != "":
		e.Err = ErrNotFound
	case e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed:
		e.Hint = fmt.Sprintf("%s has no such route: the base URL is wrong, or the server too old", server)
	case e.Status == http.StatusProxyAuthRequired:
		e.Hint = errProxyAuth.Error()
	}
}

// noRows is what the server says of a script version that is not there.
const noRows = "SqlErr: no rows returned"

// notLoggedIn matches what the server says under /jobs_u/ of a token that it does not accept.
var notLoggedIn = regexp.MustCompile(`non logged in user|You are not logged in`)

func (e *Error) explainBadRequest() {
	switch {
	case notLoggedIn.MatchString(e.Message):
		e.Err = ErrUnauthorized
		e.Hint = "the token is missing, wrong, expired, of another workspace, or lacks a scope for jobs"
	case strings.HasPrefix(e.Message, noRows) && strings.Contains(e.Path, "/jobs/run/h/"):
		e.Err = ErrNotFound
		e.Hint = "the workspace has no script version of this hash, or does not exist"
	case strings.HasPrefix(e.Message, "SqlErr:"):
		e.Passing = !e.Refused
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
		target, t.server)
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

// refusals returns the prefixes of errors after which the server has done nothing.
func refusals(status int) []string {
	switch status {
	case http.StatusBadRequest:
		return []string{"Bad request: ", "Quota exceeded: ", "Invalid URL: ",
			"Failed to deserialize", "Failed to parse the request body"}
	case http.StatusUnauthorized:
		return []string{"Not authorized: "}
	case http.StatusForbidden:
		return []string{"Permission denied: ", "Require Admin privileges for "}
	case http.StatusNotFound:
		return []string{"Not found: "}
	case http.StatusRequestEntityTooLarge:
		return []string{"Failed to buffer the request body: "}
	case http.StatusUnsupportedMediaType:
		return []string{"Expected request with "}
	case http.StatusUnprocessableEntity:
		return []string{"Failed to deserialize"}
	}
	return nil
}

// finalSQL matches the failures of the server's database that do not pass. All of them are a 400.
var finalSQL = regexp.MustCompile(`(?i)no rows returned|duplicate key|violates |` +
	`unsupported unicode|invalid (input|byte)|out of range|too long`)

// refused reports whether a response in plain text is the API's own refusal, after which nothing
// was done.
func refused(status int, message string) bool {
	switch {
	case status == http.StatusUnauthorized && message == "Unauthorized":
		return true
	case status == http.StatusBadRequest && strings.HasPrefix(message, "SqlErr:"):
		return finalSQL.MatchString(message)
	case (status == http.StatusNotFound || status == http.StatusMethodNotAllowed) && message == "":
		return true // an unknown route
	}
	return slices.ContainsFunc(refusals(status), func(prefix string) bool {
		return strings.HasPrefix(message, prefix)
	})
}

// permissions matches the beginning of what the server adds to some refusals.
var permissions = regexp.MustCompile(
	`resource perms:|authed as:|Your permissions are:|ApiAuthed \{|AuthedRef \{`)

// withoutPermissions cuts off what the server adds to some refusals: who the caller is, with e-mail
// address and the token's beginning.
func withoutPermissions(message string) string {
	if at := permissions.FindStringIndex(message); at != nil {
		message = message[:at[0]]
	}
	return strings.TrimRight(message, " \n:")
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
