package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// The errors that an [*Error] can be, for [errors.Is]. Package facade exports them.
var (
	ErrInvalidArgument = errors.New("invalid argument")
	ErrNotFound        = errors.New("not found")
	ErrUnauthorized    = errors.New("unauthorized")
	ErrForbidden       = errors.New("forbidden")
)

// Error is the error of a request: a response that is not the documented one, or none at all. What
// it means for the request is in its fields, and nowhere else.
type Error struct {
	Method, Path string // Path is that after the base URL, without the query

	Status  int    // of the response, 0 if there was none
	Message string // the response's text, without the token
	Hint    string // what the message does not say
	// Err is one of the errors above for a response, and the network's error where there was none. It
	// is nil if the response is none of them.
	Err        error
	RetryAfter time.Duration // how long the response asks to keep away, at most two minutes

	Refused bool // by the API itself: it has done nothing, and would say the same again
	Unsent  bool // there was no connection, so the server has done nothing
	Passing bool // the same request may succeed later

	// InDoubt means that the server may have acted on this attempt, or on one before it.
	InDoubt  bool
	Attempts int
	Lasted   time.Duration
}

// Error returns the request and what became of it.
func (e *Error) Error() string {
	return strings.TrimPrefix(strings.TrimSpace(e.Method+" "+e.Path)+": "+e.Reason(), ": ")
}

// Reason returns what became of the request, without the request.
func (e *Error) Reason() string {
	s := Printable(e.Message)
	if e.Status != 0 {
		s = strings.TrimSuffix(fmt.Sprintf("status %d: %s", e.Status, Shown(e.Message)), ": ")
	}
	if e.Hint != "" {
		s += " (" + Printable(e.Hint) + ")"
	}
	if e.Attempts > 1 {
		s += fmt.Sprintf(" (%d attempts in %v)", e.Attempts, e.Lasted.Round(100*time.Millisecond))
	}
	return s
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// newError returns an error of the attempt's request.
func (a *Attempt) newError() *Error {
	if a.req == nil { // the generated client made none
		return &Error{}
	}
	return &Error{Method: a.req.Method, Path: a.transport.pathOf(a.req)}
}

// errorOf makes the error of an attempt that failed with err.
func (a *Attempt) errorOf(err error) *Error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	if a.resp == nil {
		return a.invalid(err)
	}
	e := a.responseError(string(a.head))
	if e.Hint == "" {
		e.Hint = "not the documented response: " + a.transport.Excerpt(err.Error(), maxShown)
	}
	return e
}

// invalid makes the error of a request that was not sent, since it is wrong.
func (a *Attempt) invalid(err error) *Error {
	e := a.newError()
	e.Message = fmt.Sprintf("%v: %v", ErrInvalidArgument, err)
	e.Err, e.Unsent = ErrInvalidArgument, true
	return e
}

// networkError makes the error of an attempt that got no response, or not all of it. If the context
// has ended, err may be its cause, which is another call's error, and is not looked at.
func (a *Attempt) networkError(err error) *Error {
	e := a.newError()
	if e.Err = a.req.Context().Err(); e.Err != nil {
		e.Message = e.Err.Error()
		return e
	}
	// A url.Error would print the whole URL, with the query.
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	e.Message = a.transport.Excerpt(err.Error(), maxShown)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		e.Message = "the response is truncated"
	}
	e.Unsent, e.Passing = a.resp == nil && neverConnected(err), !permanent(err)
	// What net/http quotes may hold the token, and a context that ended may be another than the
	// caller's.
	if a.transport.Redact(err.Error()) == err.Error() &&
		!errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		e.Err = err
	}
	return e
}

// ContextError returns the error of what ended with ctx: the context's own error, and in its text
// the cause, and what failed last, if anything did. The cause may be the error of another call,
// which must not answer errors.Is and errors.As for this one.
func ContextError(ctx context.Context, last error) error {
	err := ctx.Err()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %s", err, Printable(cause.Error()))
	}
	if last != nil {
		err = fmt.Errorf("%w (the last attempt failed: %s)", err, Reason(last))
	}
	return err
}

// Reason returns what err says, without the request if it is an [*Error].
func Reason(err error) string {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Reason()
	}
	return err.Error()
}
