package facade

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	minRetryDelay = 100 * time.Millisecond
	maxRetryDelay = 2 * time.Second
	// retryTime is how long after the first try a request may be sent again, so that a call without a deadline ends.
	retryTime = 2 * time.Minute
)

// do sends req until its answer is there, sending it again makes no sense, or the retries have run out.
func (c *Client) do(req *http.Request, k call) (*http.Response, error) {
	ctx, start := req.Context(), time.Now()
	var last error
	for n := 1; ; n++ {
		out, idle, err := c.ready(req, k, last)
		if err != nil {
			if req.Body != nil && req.GetBody == nil {
				req.Body.Close() // net/http closes only what it is given
			}
			return nil, giveUp(err, n-1, time.Since(start))
		}
		resp, err := c.attempt(req, out, k, idle)
		if err == nil {
			return resp, nil
		}
		if ctx.Err() != nil && answerOf(err) == nil {
			err = c.contextOver(req, last)
		}
		if k.inDoubt != nil && mayHaveArrived(err) {
			*k.inDoubt = true
		}
		held := c.held(req, err)
		pause := max(backoff(n), spread(held))
		switch {
		case ctx.Err() != nil, k.once, n > c.maxRetries, !retryable(err, k), time.Since(start)+pause > retryTime:
			return nil, giveUp(err, n, time.Since(start))
		case pastDeadline(ctx, held):
			return nil, giveUp(fmt.Errorf("%w; %s", err, askedToWait(held)), n, time.Since(start))
		}
		last = err
		c.log.WarnContext(ctx, "windmill: sending a request again", "method", req.Method, "path", c.pathOf(req), "retry", n, "after", pause.Round(time.Millisecond), "error", reason(err))
		if err := sleep(ctx, pause); err != nil {
			return nil, giveUp(c.contextOver(req, last), n, time.Since(start))
		}
	}
}

// held returns how long the server, or whoever has answered with err, asks to wait.
func (c *Client) held(req *http.Request, err error) (d time.Duration) {
	if e := answerOf(err); e != nil {
		d = e.retryAfter
	}
	if c.isOwn(req) {
		d = max(d, time.Until(c.hold.until()))
	}
	return d
}

// giveUp returns the error of a request that is not sent again.
func giveUp(err error, tries int, lasted time.Duration) error {
	if tries > 1 {
		err = fmt.Errorf("%w (tried %d times in %v)", err, tries, lasted.Round(100*time.Millisecond))
	}
	return err
}

// mayHaveArrived reports whether the server may have acted on a request that failed with err.
func mayHaveArrived(err error) bool {
	if e := answerOf(err); e != nil {
		return !e.refused
	}
	return !unsent(err)
}

// retryable reports whether a request that failed with err may succeed if it is sent again.
func retryable(err error, k call) bool {
	if e := answerOf(err); e != nil {
		return k.idempotent && e.retryable || k.submission && !e.refused && !e.lasting()
	}
	return (k.idempotent || k.submission) && !lasting(err)
}

// interrupted returns the error of a context that has ended: its own, its cause, and in words what went wrong before.
func interrupted(ctx context.Context, last error) error {
	err := ctx.Err()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	if last != nil {
		err = fmt.Errorf("%w, after this went wrong: %s", err, reason(last))
	}
	return err
}

// backoff returns the time before the n-th retry: from a tenth of a second, doubled each time, to two seconds. Half of it is
// random, so that clients that lost a server together do not come back together.
func backoff(n int) time.Duration {
	d := min(minRetryDelay<<min(n-1, 10), maxRetryDelay)
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
