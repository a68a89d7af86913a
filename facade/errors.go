package facade

import (
	"encoding/json"
	"errors"
	"fmt"

	"example.com/windmill/facade/internal/transport"
)

// Errors for [errors.Is].
var (
	// ErrInvalidArgument means that an argument, an option or the environment is wrong or incomplete.
	// Nothing was sent.
	ErrInvalidArgument = transport.ErrInvalidArgument
	// ErrNotFound means that the script, job or resource does not exist, or that the token may not see
	// it.
	ErrNotFound = transport.ErrNotFound
	// ErrUnauthorized means that the token is missing, wrong or expired, or lacks the scope for jobs.
	ErrUnauthorized = transport.ErrUnauthorized
	// ErrForbidden means that the token is valid, but its owner may not do this.
	ErrForbidden = transport.ErrForbidden
	// ErrNotCompleted means that the job exists and has no result yet. See [WaitForCompletion].
	ErrNotCompleted = errors.New("not completed")
	// ErrJobIDTaken means that the id given with [JobID] belongs to a job of another script, or to one
	// that the token may not see.
	ErrJobIDTaken = errors.New("job id taken")
)

// JobError is the error of a job that completed without success: its script failed, or it was
// canceled. Methods return it as a *JobError.
type JobError struct {
	JobID string
	// Name is the kind of failure, such as ExecutionErr or the class of a Python exception, at most
	// 2,000 bytes. It is empty if the script gave none.
	Name string
	// Message is the text of the failure, at most 2,000 bytes.
	Message string
	// Stack is the script's stack trace, or empty.
	Stack string
	// Canceled reports whether the job was canceled.
	Canceled bool
	// Raw is the job's result as the server sent it, usually {"error": {…}}.
	Raw json.RawMessage
}

// Error returns the job's id, whether it failed or was canceled, and why.
func (e *JobError) Error() string {
	s := nameOfJob(e.JobID) + " failed"
	if e.Canceled {
		s = nameOfJob(e.JobID) + " was canceled"
	}
	for _, part := range []string{e.Name, e.Message} {
		if part != "" {
			s += ": " + transport.Shown(part)
		}
	}
	return s
}

// WaitError is the error of a wait that ended before its job was seen to complete: the context
// ended, the server did not respond properly for too long, the job does not exist, or it is not
// known whether it was started. Methods return it as a *WaitError. To continue, call
// [Client.GetResult] with JobID and [WaitForCompletion], or [Client.RunScriptSync] with the option
// [JobID].
type WaitError struct {
	// JobID is the id of the job.
	JobID string
	// Err is why the wait ended: the context's error, an *APIError, a network error.
	Err error
	// CancelErr is why canceling the job failed. It is nil if canceling succeeded or was not tried.
	CancelErr error

	outcome string // what was done about the job
}

// Error returns the job's id, why the wait ended, and what was done about the job.
func (e *WaitError) Error() string {
	s := "waiting for " + nameOfJob(e.JobID)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	switch {
	case e.CancelErr != nil:
		s += fmt.Sprintf(" (the job may still run, since canceling it failed: %v)", e.CancelErr)
	case e.outcome != "":
		s += " (the job " + e.outcome + ")"
	}
	return s
}

// Unwrap returns Err.
func (e *WaitError) Unwrap() error { return e.Err }

func nameOfJob(id string) string {
	if id == "" {
		return "a job"
	}
	return "job " + id
}

// newJobError reads a failed job's result, whose shape depends on the script's language, and on
// the script. canceled is what the job's record says: it is false for a child that was canceled
// before it ran, whose result alone says so.
func (c *Client) newJobError(jobID string, result json.RawMessage, canceled bool) *JobError {
	e := &JobError{JobID: jobID, Canceled: canceled, Raw: result}
	failure := result
	if inner := member(result, "error"); inner != nil {
		failure = inner
	}
	name, message := member(failure, "name"), member(failure, "message")
	if name == nil && message == nil {
		e.Message = c.excerpt(text(failure))
		return e
	}
	e.Name, e.Message = c.excerpt(text(name)), c.excerpt(text(message))
	e.Stack = c.transport.Redact(text(member(failure, "stack")))
	e.Canceled = canceled || e.Name == "Canceled" && member(failure, "canceler") != nil
	return e
}

// excerpt returns the beginning of foreign text, without the token.
func (c *Client) excerpt(s string) string {
	const limit = 2000 // bytes
	return c.transport.Excerpt(s, limit)
}

// member returns a member of a JSON object, or nil if there is none.
func member(raw json.RawMessage, name string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	return members[name]
}

// text returns a JSON string's content, or other JSON as it stands.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
