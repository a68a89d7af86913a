package facade

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors for [errors.Is].
var (
	// ErrInvalidArgument means that an argument, an option or the environment is wrong, or that something is missing. Nothing was sent.
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrNotFound means that the script, job or resource does not exist, or is not visible to the token. A route that the server does not
	// have is a plain [*APIError].
	ErrNotFound = errors.New("not found")
	// ErrUnauthorized means that the token is missing, wrong or expired, or lacks the scope for jobs.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden means that the token is good and its owner may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrNotCompleted means that the job exists and has no result yet. [WaitForCompletion] waits for it.
	ErrNotCompleted = errors.New("not completed")
	// ErrJobIDTaken means that the id given with [JobID] is that of a job of another script, or of a job that this token may not see.
	ErrJobIDTaken = errors.New("job id taken")
)

// APIError is an answer of the server, or of something in between, that is not the documented one. Use [errors.As] with an
// *APIError to get at its fields, and [errors.Is] with the errors above to tell what it means.
type APIError struct {
	StatusCode int    // of the answer, such as 404; a success if the answer is of the wrong kind, such as a proxy's page
	Method     string // of the request, such as GET
	Path       string // of the request, after the base URL, without query: /w/team/jobs_u/get/0190…; with the host where [Client.Do] went to another
	Message    string // the answer's text, at most 2,000 bytes, without the token

	kind       error         // one of the errors above, or nil
	hint       string        // what the message does not tell
	page       bool          // a page of HTML, which the API never sends
	refused    bool          // the server's own refusal: nothing was done
	retryable  bool          // sending the request again may get another answer
	retryAfter time.Duration // how long the server asks to wait before that
}

// Error returns the request, the status and the beginning of the message.
func (e *APIError) Error() string {
	s := fmt.Sprintf("status %d", e.StatusCode)
	if request := e.request(); request != "" {
		s = request + ": " + s
	}
	if e.Message != "" {
		s += ": " + shorten(e.Message, maxShown)
	}
	if e.hint != "" {
		s += " (" + e.hint + ")"
	}
	return s
}

func (e *APIError) request() string { return strings.TrimSpace(e.Method + " " + e.Path) }

// Unwrap returns the error among [ErrNotFound], [ErrUnauthorized] and [ErrForbidden] that this one is, or nil.
func (e *APIError) Unwrap() error { return e.kind }

// JobError reports that a job has completed without success: its script failed, or it was canceled. Methods return it as a *JobError.
type JobError struct {
	JobID    string
	Name     string          // the kind of failure, such as ExecutionErr or a Python exception's class, at most 2,000 bytes; empty if the script gave none
	Message  string          // what the script or the server says of it, at most 2,000 bytes; Raw has the whole
	Stack    string          // the script's stack trace, whole, if there is one
	Canceled bool            // the job was canceled rather than failed by itself
	Raw      json.RawMessage // the job's result as the server sent it, usually {"error": {…}}
}

// Error returns the job, whether it failed or was canceled, and why.
func (e *JobError) Error() string {
	verb := "failed"
	if e.Canceled {
		verb = "was canceled"
	}
	s := nameOfJob(e.JobID) + " " + verb
	for _, part := range []string{e.Name, e.Message} {
		if part != "" {
			s += ": " + shorten(part, maxShown)
		}
	}
	return s
}

// WaitError reports that a wait for a job has ended and the job may not have: the caller's context ended, the server gave no good answer for
// too long, the job does not exist, or it is not known whether it was started. Methods return it as a *WaitError. Use JobID to go on
// waiting: [Client.GetResult] with [WaitForCompletion], or [Client.RunScriptSync] with the option [JobID].
type WaitError struct {
	JobID string
	Err   error // why the wait ended: context.Canceled, an *APIError, a network error, …
	// CancelErr is why the job could not be canceled, where giving up should have canceled it. It is nil if canceling was accepted or
	// not asked for.
	CancelErr error

	outcome string // what is known of the job
}

// Error returns the job, why the wait ended, and what is known of the job. The job's id is written once.
func (e *WaitError) Error() string {
	rest := "it is not known why the wait ended"
	if e.Err != nil {
		rest = e.Err.Error()
	}
	switch {
	case e.CancelErr != nil:
		rest += fmt.Sprintf(" (the job %s, since canceling it failed: %v)", cmp.Or(e.outcome, "may still run"), e.CancelErr)
	case e.outcome != "":
		rest += " (the job " + e.outcome + ")"
	}
	if _, err := parseJobID(e.JobID); err == nil { // and no word of a program's own tests
		rest = strings.ReplaceAll(rest, e.JobID, "{id}")
	}
	return fmt.Sprintf("waiting for %s: %s", nameOfJob(e.JobID), rest)
}

func nameOfJob(id string) string {
	if id == "" {
		return "a job"
	}
	return "job " + id
}

// Unwrap returns why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }

// aboutJob is an error about a job, whose id stands in text and nowhere else.
type aboutJob struct {
	text, id string
	err      error
}

func (e *aboutJob) Error() string {
	return e.text + ": " + strings.ReplaceAll(e.err.Error(), e.id, "{id}")
}

func (e *aboutJob) Unwrap() error { return e.err }

// newJobError reads a failed job's result, whose shape depends on the script's language, and on the script. canceled is what the job's
// record says: it is false for a child that was canceled before it ran, whose result alone tells.
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
		e.Message = c.excerpt(text(failure), maxExcerpt)
		return e
	}
	e.Name = c.excerpt(text(fields["name"]), maxExcerpt)
	e.Message = c.excerpt(text(fields["message"]), maxExcerpt)
	e.Stack = c.secret.redact(text(fields["stack"]))
	e.Canceled = canceled || e.Name == "Canceled" && fields["canceler"] != nil
	return e
}

// text returns a JSON string's content, or other JSON as it stands.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
