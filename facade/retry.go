package facade

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

const (
	firstDelay = 100 * time.Millisecond
	maxDelay   = 2 * time.Second
	// maxRetryAfter is the longest that a server may ask to wait before a request is repeated. Past that, its answer is the error.
	maxRetryAfter = 2 * time.Minute
)

// attempts sends req until its answer is there, the error is of a kind that does not pass, or the retries have run out.
func (c *Client) attempts(req *http.Request, ask asking) (*http.Response, error) {
	ctx, start := req.Context(), time.Now()
	var last error
	for n := 1; ; n++ {
		resp, err := c.attempt(req, ask)
		switch {
		case err == nil:
			return resp, nil
		case ctx.Err() != nil:
			return nil, c.broken(req, after(ctx.Err(), last))
		case !ask.repeat || !lost(err):
			return nil, err
		}
		last = err
		if n > 1 {
			last = fmt.Errorf("%w (tried %d times in %v)", err, n, time.Since(start).Round(time.Millisecond))
		}
		delay := max(backoff(n), asksToWait(err))
		if n > c.maxRetries || delay > maxRetryAfter {
			return nil, last
		}
		c.log.WarnContext(ctx, "windmill: sending a request again", "method", req.Method, "path", c.pathOf(req),
			"retry", n, "after", delay, "error", err)
		if err := sleep(ctx, delay); err != nil {
			return nil, c.broken(req, after(err, last))
		}
		if req, err = again(req); err != nil {
			return nil, err
		}
	}
}

// after is the error of a context that has ended, with what went wrong before: in its text only, since that is not why it ended.
func after(ended, last error) error {
	if last == nil {
		return ended
	}
	return fmt.Errorf("%w, after this went wrong: %s", ended, last.Error())
}

// again makes a request to be sent once more, with its body from the beginning.
func again(req *http.Request) (*http.Request, error) {
	req = req.WithContext(req.Context())
	if req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, fmt.Errorf("%s %s: reading the body again: %w", req.Method, req.URL.Path, err)
	}
	req.Body = body
	return req, nil
}

// lost tells whether err leaves open what the server would have answered, so that asking again may tell.
func lost(err error) bool {
	if e := (*APIError)(nil); errors.As(err, &e) {
		return e.lost
	}
	if e := (*net.DNSError)(nil); errors.As(err, &e) && e.IsNotFound {
		return false
	}
	return errors.As(err, new(*brokenError)) && !errors.As(err, new(*tls.CertificateVerificationError)) && !errors.Is(err, errTooLarge)
}

func asksToWait(err error) time.Duration {
	if e := (*APIError)(nil); errors.As(err, &e) {
		return e.after
	}
	return 0
}

// backoff grows twofold from a tenth of a second to two seconds, with half of it left to chance, so that clients
// that lost one server together do not come back together.
func backoff(n int) time.Duration {
	d := min(firstDelay<<min(n-1, 10), maxDelay)
	return d/2 + rand.N(d/2+1)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// brokenError is a request or answer that broke on the way.
type brokenError struct {
	method, path string
	err          error
}

func (e *brokenError) Error() string {
	if errors.Is(e.err, io.ErrUnexpectedEOF) {
		return fmt.Sprintf("%s %s: the answer was cut off", e.method, e.path)
	}
	return fmt.Sprintf("%s %s: %v", e.method, e.path, e.err)
}

func (e *brokenError) Unwrap() error { return e.err }
