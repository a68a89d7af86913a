package facade

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// refusal turns an answer that is not the documented success into an error. The server's errors are plain text: a prefix that tells the kind,
// a colon and a sentence that changes with every release, so that only prefixes and a few stable phrases are relied on.
func (c *Client) refusal(req *http.Request, resp *http.Response, body []byte) *APIError {
	e := &APIError{
		StatusCode: resp.StatusCode,
		Method:     req.Method,
		Path:       c.pathOf(req),
		Message:    c.words(withoutPermissions(string(body))),
		after:      retryAfter(resp),
	}
	page := isPage(resp)
	if page {
		e.Message = "a page of HTML"
		e.hint = "it comes from a proxy or from another server: is the base URL right?"
	}
	switch e.StatusCode {
	case http.StatusUnauthorized:
		// The server says 401 also of what a good token may not do; of the token itself it says no more than this.
		if strings.HasPrefix(e.Message, "Not authorized: ") && e.Message != "Not authorized: Unauthorized" {
			e.about = ErrForbidden
			break
		}
		e.about = ErrUnauthorized
		if !page {
			e.hint = "the token is missing, wrong or expired, or its owner is no member of the workspace"
		}
	case http.StatusForbidden:
		e.about = ErrForbidden
	case http.StatusNotFound:
		switch {
		case strings.HasPrefix(e.Message, "Not found:"):
			e.about = ErrNotFound
		case !page:
			e.hint = "the server has no such route: the base URL is wrong, or the server is too old"
		}
	case http.StatusBadRequest:
		c.explainBadRequest(e)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		e.lost = true
	default:
		switch {
		case e.StatusCode >= 300 && e.StatusCode < 400:
			e.hint = "redirects are not followed; it points to " + c.words(target(resp)) + ": is that the base URL?"
		case e.StatusCode < 300:
			// A proxy's page, or something else that was not asked for.
			e.lost = true
			e.hint = cmp.Or(e.hint, "an answer of another kind than the one asked for: "+mediaType(resp))
		case page && e.StatusCode >= 500:
			e.lost = true
		}
	}
	return e
}

// transientSQL are the database's failures that pass. The server reports every failure of its database as 400, the lasting ones too.
var transientSQL = regexp.MustCompile(`(?i)pool timed out|closed pool|communicating with database|connection (refused|reset|closed)|` +
	`broken pipe|unexpected end of file|terminating connection|(starting up|shutting down)|too many (clients|connections)|deadlock|could not serialize`)

func (c *Client) explainBadRequest(e *APIError) {
	switch {
	case strings.Contains(e.Message, "non logged in user"), strings.Contains(e.Message, "You are not logged in"):
		e.about = ErrUnauthorized
		e.hint = "the server did not accept the token: it is missing, wrong or expired, is not for this workspace, or lacks the scope for jobs"
	case strings.HasPrefix(e.Message, "SqlErr: no rows returned") && strings.Contains(e.Path, "/jobs/run/h/"):
		e.about = ErrNotFound
		e.hint = fmt.Sprintf("the server's way to say that workspace %q has no script version of this hash, or is not there itself", c.workspace)
	case strings.HasPrefix(e.Message, "SqlErr:") && transientSQL.MatchString(e.Message):
		e.lost = true
		e.hint = "the server cannot reach its database"
	}
}

// idTaken tells whether the server refused a submission because there is a job of that id: one text where it sees that job,
// another where it is being made this instant or is hidden from the token.
func (e *APIError) idTaken() bool {
	return e.StatusCode == http.StatusBadRequest &&
		(strings.HasPrefix(e.Message, "Bad request: Job with id ") && strings.Contains(e.Message, "already exists") ||
			strings.HasPrefix(e.Message, "SqlErr:") && strings.Contains(e.Message, "duplicate key") && strings.Contains(e.Message, "job_pkey"))
}

// noRoute tells whether the server does not know the request's route: an older one, or not Windmill at all.
func (e *APIError) noRoute() bool {
	return e.StatusCode == http.StatusNotFound && e.about == nil && e.Message == ""
}

// withoutPermissions cuts off what the server adds to some refusals: who the caller is, with e-mail address and the token's beginning.
func withoutPermissions(words string) string {
	for _, mark := range []string{"resource perms:", "authed as:", "Your permissions are:", "ApiAuthed {", "AuthedRef {"} {
		words, _, _ = strings.Cut(words, mark)
	}
	return strings.TrimRight(words, " \n:")
}

// mediaType is a content type without its parameters.
func mediaType(resp *http.Response) string {
	t, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// target is where a redirect points, without query and user, which may hold secrets.
func target(resp *http.Response) string {
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || u.String() == "" {
		return "nowhere"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func retryAfter(resp *http.Response) time.Duration {
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return time.Duration(min(seconds, int(maxRetryAfter/time.Second)+1)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		// By the clock that it was set by, which may be an hour from ours.
		now, err := http.ParseTime(resp.Header.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		return max(0, at.Sub(now))
	}
	return 0
}
