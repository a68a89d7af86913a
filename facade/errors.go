package facade

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What an error is about, for [errors.Is].
var (
	// ErrNotFound: the server knows no such script, job or resource, or none that it shows to this token. It is never said of a
	// route that the server does not have: that is an [*APIError] alone.
	ErrNotFound = errors.New("not found")
	// ErrUnauthorized: the token is missing, wrong or expired, or lacks the scope for jobs.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden: the token is good, and its owner may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrNotCompleted: the job is there and has no result yet. [WaitForCompletion] waits for it.
	ErrNotCompleted = errors.New("not completed")
	// ErrJobIDTaken: the id given with [JobID] is that of a job of another script, or of a job that this token may not see.
	ErrJobIDTaken = errors.New("job id taken")
)

// APIError is an answer of the server, or of something between here and there, that is not the one asked for. Use [errors.As] with a
// *APIError to get at its fields, and [errors.Is] with the errors above to tell what it is about.
type APIError struct {
	StatusCode int    // of the answer: 404, say; a success where the answer is of the wrong kind, such as a proxy's page
	Method     string // of the request: GET or POST
	Path       string // of the request, after the base URL, without query: /w/team/jobs_u/get/0190…
	Message    string // the answer's words, at most 2,000 bytes, without what they may hold of the token

	about error         // one of the errors above, or nil
	hint  string        // what the words do not tell
	lost  bool          // the answer is not the server's word on the matter: asking again may get it
	after time.Duration // how long the server asks to wait before that
}

// Error tells the request, the status and the server's words.
func (e *APIError) Error() string {
	s := fmt.Sprintf("%s %s: status %d", e.Method, e.Path, e.StatusCode)
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.hint != "" {
		s += " (" + e.hint + ")"
	}
	return s
}

// Unwrap returns the error among [ErrNotFound], [ErrUnauthorized] and [ErrForbidden] that this one is about, or nil.
func (e *APIError) Unwrap() error { return e.about }

// JobError says that a job has completed without success: its script failed, or it was canceled. Methods return it as a *JobError.
type JobError struct {
	JobID    string
	Name     string          // the kind of failure, such as ExecutionErr or a Python exception's class; empty if the script gave none
	Message  string          // what the script or the server says of it, at most 2,000 bytes; Raw has the whole
	Stack    string          // the script's stack trace, if there is one
	Canceled bool            // the job was canceled rather than failed by itself
	Raw      json.RawMessage // the job's result as the server sent it, usually {"error": {…}}
}

// Error tells the job, whether it failed or was canceled, and why.
func (e *JobError) Error() string {
	verb := "failed"
	if e.Canceled {
		verb = "was canceled"
	}
	s := fmt.Sprintf("job %s %s", e.JobID, verb)
	for _, part := range []string{e.Name, e.Message} {
		if part != "" {
			s += ": " + part
		}
	}
	return s
}

// WaitError says that a wait for a job has ended and the job may not have: the caller's context ended, or the server gave no good answer for too
// long, or the job is gone. Methods return it as a *WaitError. With JobID the caller can ask on: [Client.GetResult] with
// [WaitForCompletion], or [Client.RunScriptSync] with [JobID].
type WaitError struct {
	JobID string
	Err   error // why the wait ended: context.Canceled, an *APIError, a network error, …
	// CancelErr is why the job could not be canceled, where giving up should have canceled it; nil if it was, or if it was not asked for.
	CancelErr error

	canceled bool
}

// Error tells the job, why the wait ended, and what became of the job.
func (e *WaitError) Error() string {
	s := fmt.Sprintf("waiting for job %s: %v", e.JobID, e.Err)
	switch {
	case e.CancelErr != nil:
		s += fmt.Sprintf(" (the job may still run, since canceling it failed: %v)", e.CancelErr)
	case e.canceled:
		s += " (the job was canceled)"
	}
	return s
}

// Unwrap returns why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }

// newJobError reads what there is to read in a failed job's result: the shape depends on the script's language, and on the script.
func (c *Client) newJobError(jobID string, result json.RawMessage, canceled bool) *JobError {
	e := &JobError{JobID: jobID, Canceled: canceled, Raw: result}
	var shape struct {
		Error json.RawMessage `json:"error"`
	}
	failure := result
	if json.Unmarshal(result, &shape) == nil && shape.Error != nil {
		failure = shape.Error
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(failure, &fields) != nil || fields["name"] == nil && fields["message"] == nil {
		e.Message = c.words(text(failure))
		return e
	}
	e.Name = c.words(text(fields["name"]))
	e.Message = c.words(text(fields["message"]))
	e.Stack = c.hideToken(text(fields["stack"]))
	return e
}

// text is a JSON string's content, or other JSON as it stands.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

const maxWords = 2000

// words makes somebody else's text fit to stand in an error: capped, on its own, without the token.
func (c *Client) words(s string) string {
	s = s[:min(len(s), maxErrorBody)]
	s = strings.TrimSpace(c.hideToken(strings.ToValidUTF8(s, "\uFFFD")))
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "") + "…"
	}
	return s
}

// hideToken removes the token from s, and its beginning, which the server puts into some of its errors.
func (c *Client) hideToken(s string) string {
	const beginning, shortest = 10, 5 // what is shorter is no secret, and stands in many words
	token := c.auth.token
	if len(token) < shortest {
		return s
	}
	s = strings.ReplaceAll(s, token, "[token]")
	if len(token) > beginning {
		s = strings.ReplaceAll(s, token[:beginning], "[token]")
	}
	return s
}
