package facade

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// newAPIError makes an error of an answer that is not the documented success. The server's errors are plain text: a prefix that tells the
// kind, a colon and a sentence that changes with every release, so only prefixes and a few stable phrases are relied on.
func (c *Client) newAPIError(req *http.Request, resp *http.Response, body []byte) *APIError {
	e := &APIError{
		StatusCode: resp.StatusCode,
		Method:     req.Method,
		Path:       c.pathOf(req),
		Message:    c.excerpt(withoutPermissions(string(body)), maxExcerpt),
		retryAfter: parseRetryAfter(resp),
		retryable:  retryableStatus(resp.StatusCode),
	}
	if isPage(resp) {
		e.Message, e.page = "a page of HTML", true
		e.hint = fmt.Sprintf("it comes from a proxy or another server: is the base URL %s right?", c.server)
	}
	e.refused = !e.page && isRefusal(resp.StatusCode, e.Message)
	e.explain(c, resp)
	if !c.isOwn(req) {
		e.hint = "" // it would speak of the base URL
	}
	return e
}

// unreadable makes an error of an answer whose text was lost, so that no more than its status is known.
func (c *Client) unreadable(req *http.Request, resp *http.Response, err error) *APIError {
	e := c.newAPIError(req, resp, nil)
	e.kind, e.refused, e.retryable = nil, false, true
	e.hint = "its text could not be read: " + c.excerpt(reason(err), maxShown)
	return e
}

// explain sets what the error is about, and the hint.
func (e *APIError) explain(c *Client, resp *http.Response) {
	switch status := e.StatusCode; {
	case status >= 200 && status < 300:
		e.retryable = true
		if e.hint == "" {
			e.hint = fmt.Sprintf("not the documented answer; its content type is %q", c.excerpt(resp.Header.Get("Content-Type"), maxShown))
		}
	case status == http.StatusNotModified:
		e.hint = "not modified: the caller's copy is still good"
	case status >= 300 && status < 400:
		e.hint = redirectHint(c, resp)
	case status == http.StatusProxyAuthRequired:
		e.hint = "a proxy wants credentials: give them in the proxy's URL"
	case status == http.StatusRequestEntityTooLarge:
		e.hint = "the request is larger than the server, or a proxy before it, takes"
	case status == http.StatusBadRequest:
		e.explainBadRequest(c)
	case e.page:
		e.retryable = e.retryable || status >= 500
	case status == http.StatusUnauthorized:
		// The server also says 401 of what a good token may not do. Of the token itself it says no more than this.
		if strings.HasPrefix(e.Message, "Not authorized: ") && e.Message != "Not authorized: Unauthorized" {
			e.kind = ErrForbidden
			return
		}
		e.kind = ErrUnauthorized
		e.hint = "the token is missing, wrong or expired, or its owner is no member of the workspace"
	case status == http.StatusForbidden:
		e.kind = ErrForbidden
	case e.Method == http.MethodHead: // which has no text
	case status == http.StatusNotFound && e.refused && e.Message != "":
		e.kind = ErrNotFound
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		e.hint = fmt.Sprintf("the server has no such route: the base URL %s is wrong, or the server is too old", c.server)
	}
}

func (e *APIError) explainBadRequest(c *Client) {
	switch {
	case strings.Contains(e.Message, "non logged in user"), strings.Contains(e.Message, "You are not logged in"):
		e.kind = ErrUnauthorized
		e.hint = "the server did not accept the token: it is missing, wrong or expired, is not for this workspace, or lacks the scope for jobs"
	case strings.HasPrefix(e.Message, "SqlErr: no rows returned") && strings.Contains(e.Path, "/jobs/run/h/"):
		e.kind = ErrNotFound
		e.hint = fmt.Sprintf("the server's way to say that workspace %q has no script version of this hash, or does not exist", c.workspace)
	case strings.HasPrefix(e.Message, "SqlErr:") && !e.refused:
		e.retryable = true
		e.hint = "the server has trouble with its database"
	}
}

func redirectHint(c *Client, resp *http.Response) string {
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || u.String() == "" {
		return fmt.Sprintf("not an answer of Windmill's: is the base URL %s right?", c.server)
	}
	// Without query and user, which may hold secrets.
	target := c.excerpt((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), maxShown)
	return fmt.Sprintf("redirects are not followed; it points to %s, and the base URL is %s", target, c.server)
}

// retryableStatus reports whether a request that was answered so may get another answer if it is sent again.
func retryableStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusNotImplemented,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return status >= 520 && status <= 529
}

// refusals are the beginnings of what the server itself says when it has done nothing.
func refusals(status int) []string {
	switch status {
	case http.StatusBadRequest:
		return []string{"Bad request: ", "Quota exceeded: ", "Invalid URL: ", "Failed to deserialize", "Failed to parse the request body"}
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

// lastingSQL are the failures of the server's database that do not pass. It reports all of them as 400.
var lastingSQL = regexp.MustCompile(`(?i)no rows returned|duplicate key|violates |unsupported unicode|invalid (input|byte)|out of range|too long`)

// isRefusal reports whether an answer in plain text is the server's own refusal, after which nothing was done.
func isRefusal(status int, message string) bool {
	switch {
	case status == http.StatusUnauthorized && message == "Unauthorized":
		return true
	case status == http.StatusBadRequest && strings.HasPrefix(message, "SqlErr:"):
		return lastingSQL.MatchString(message)
	case (status == http.StatusNotFound || status == http.StatusMethodNotAllowed) && message == "":
		return true // an unknown route
	}
	return slices.ContainsFunc(refusals(status), func(prefix string) bool { return strings.HasPrefix(message, prefix) })
}

// lasting reports whether an answer is not going to be another one, whoever gave it.
func (e *APIError) lasting() bool {
	switch e.StatusCode {
	case http.StatusProxyAuthRequired, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return true
	}
	return e.StatusCode >= 300 && e.StatusCode < 400
}

// idTaken reports whether the server refused a submission because a job has that id: with one text where it sees that job,
// with another where the job is being made this instant or is hidden from the token.
func (e *APIError) idTaken() bool {
	return e.StatusCode == http.StatusBadRequest &&
		(strings.HasPrefix(e.Message, "Bad request: Job with id ") && strings.Contains(e.Message, "already exists") ||
			strings.HasPrefix(e.Message, "SqlErr:") && strings.Contains(e.Message, "duplicate key") && strings.Contains(e.Message, "job_pkey"))
}

// routeNotFound reports whether the server does not know the request's route: it is an older one, or not Windmill at all.
func (e *APIError) routeNotFound() bool {
	return e.StatusCode == http.StatusNotFound && e.refused && e.Message == ""
}

// withoutPermissions cuts off what the server adds to some refusals: who the caller is, with e-mail address and the token's beginning.
func withoutPermissions(message string) string {
	for _, mark := range []string{"resource perms:", "authed as:", "Your permissions are:", "ApiAuthed {", "AuthedRef {"} {
		message, _, _ = strings.Cut(message, mark)
	}
	return strings.TrimRight(message, " \n:")
}
