package transport

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	minRetryDelay = 100 * time.Millisecond
	maxRetryDelay = 2 * time.Second
	// maxRetryTime bounds the time from the first attempt to the last retry, so that a call without a
	// deadline ends.
	maxRetryTime = 2 * time.Minute
)

// Repeat says when a request is sent again.
type Repeat int

const (
	// Never is for callers with a schedule of their own, and requests that are not safe to repeat.
	Never Repeat = iota
	// IfLost repeats a request if a later attempt may succeed.
	IfLost
	// UntilRefused repeats it until the API itself has refused it, if repeating can help at all.
	UntilRefused
)

// Policy says how a request is sent.
type Policy struct {
	Repeat Repeat
	// IdleTimeout is how long the server may be silent, before its response or in the middle of it.
	// Zero means DefaultIdleTimeout.
	IdleTimeout time.Duration
}

// Retry calls send, which sends a request through the attempt that it is given, until that
// succeeds, it is clear that it will not, the retries have run out, or ctx has ended. Its error is
// an [*Error]; where ctx has ended and there was no response, that wraps ctx's error.
func (t *Transport) Retry(ctx context.Context, p Policy, send func(*Attempt) error) error {
	if p.IdleTimeout == 0 {
		p.IdleTimeout = DefaultIdleTimeout
	}
	start, inDoubt := time.Now(), false
	var last error
	for n := 1; ; n++ {
		a := &Attempt{transport: t, idleTimeout: p.IdleTimeout}
		err := send(a)
		if err == nil {
			if t.isOwn(a.req) && mediaType(a.resp) != "text/html" {
				t.responded.Store(true)
			}
			return nil
		}
		e := a.errorOf(err)
		inDoubt = inDoubt || !e.Refused && !e.Unsent
		again, pause := p.Repeat.again(e), max(backoff(n), e.RetryAfter)
		switch {
		case ctx.Err() != nil && e.Status == 0:
			e.endWith(ctx, last)
		case ctx.Err() != nil && again:
			e.endWith(ctx, e)
		case again && n <= t.MaxRetries && time.Since(start)+pause <= maxRetryTime:
			t.Log.WarnContext(ctx, "windmill: sending a request again", "method", e.Method,
				"path", e.Path, "retry", n, "after", pause.Round(time.Millisecond), "error", e.Reason())
			if last = e; sleep(ctx, pause) == nil {
				continue
			}
			e.endWith(ctx, e)
		}
		e.InDoubt, e.Attempts, e.Lasted = inDoubt, n, time.Since(start)
		return e
	}
}

// again reports whether a request that failed with e is sent again.
func (r Repeat) again(e *Error) bool {
	switch r {
	case IfLost:
		return e.Passing
	case UntilRefused:
		return e.Passing || e.Status/100 == 4 && !e.Refused // a gateway's, while the server restarts
	}
	return false
}

// endWith makes e the error of a request whose context has ended. last is what failed before.
func (e *Error) endWith(ctx context.Context, last error) {
	err := ContextError(ctx, last)
	e.Status, e.Hint, e.Passing = 0, "", false
	e.Message, e.Err = err.Error(), err
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

// Pause waits before the n-th retry of a caller that repeats calls by itself, until ctx ends.
func Pause(ctx context.Context, n int) error { return sleep(ctx, backoff(n)) }

// backoff returns the time before the n-th retry: from a tenth of a second, doubled each time, to
// two seconds. Half of it is random, so that clients that lost a server together do not come back
// together.
func backoff(n int) time.Duration {
	d := min(minRetryDelay<<min(n-1, 10), maxRetryDelay)
	return d/2 + rand.N(d/2+1)
}
