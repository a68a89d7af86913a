package facade

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"example.com/windmill/facade/internal/transport"
)

// APIError is a response other than the documented one, from the server or from a proxy before it.
// Methods return it as an *APIError. A response that means [ErrNotFound], [ErrUnauthorized] or
// [ErrForbidden] matches that error with [errors.Is].
type APIError struct {
	// StatusCode is the status of the response, such as 404. It is 2xx if the response has the wrong
	// type, such as a proxy's HTML page.
	StatusCode int
	// Method and Path are those of the request. Path follows the base URL and has no query:
	// /w/team/jobs_u/get/0190…; if [Client.Do] went to another host, it begins with that host.
	Method, Path string
	// Message is the text of the response, at most 2,000 bytes, without the token.
	Message string

	cause *transport.Error // nil if the library did not make it
}

// Error returns the request, the status and the beginning of the message.
func (e *APIError) Error() string {
	if e.cause != nil {
		return e.cause.Error()
	}
	made := transport.Error{Method: e.Method, Path: e.Path, Status: e.StatusCode, Message: e.Message}
	return made.Error()
}

// Unwrap returns the error among [ErrNotFound], [ErrUnauthorized] and [ErrForbidden] that this one
// is, or nil.
func (e *APIError) Unwrap() error {
	if e.cause == nil {
		return nil
	}
	return e.cause.Err
}

// publicError returns the error of a request as callers see it.
func publicError(err error) error {
	e := failureOf(err)
	if e == nil || e.Status == 0 {
		return err
	}
	return &APIError{e.Status, e.Method, e.Path, e.Message, e}
}

// failureOf returns what is known of a request that failed with err, or nil if err is not a
// request's.
func failureOf(err error) *transport.Error {
	// In this order: the network's error may hold any other, such as one of another client.
	if e := (*transport.Error)(nil); errors.As(err, &e) {
		return e
	}
	if e := (*APIError)(nil); errors.As(err, &e) {
		return e.cause
	}
	return nil
}

// finalError returns the error among [ErrNotFound], [ErrUnauthorized] and [ErrForbidden] that the
// API itself says, or nil.
func finalError(err error) error {
	if e := failureOf(err); e != nil && e.Refused {
		return e.Err
	}
	return nil
}

// isIDTaken reports whether the server refused a submission because a job has that id: with one
// text where it sees that job, with another where the job is being made this instant or is hidden
// from the token.
func isIDTaken(e *transport.Error) bool {
	return e.Status == http.StatusBadRequest && idTaken.MatchString(e.Message)
}

var idTaken = regexp.MustCompile(
	`^Bad request: Job with id .* already exists|^SqlErr: .*duplicate key.*job_pkey`)

// reason returns what err says, without the request.
func reason(err error) string {
	if e := failureOf(err); e != nil {
		return e.Reason()
	}
	return transport.Printable(fmt.Sprint(err))
}
