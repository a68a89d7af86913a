package facade

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxHold is the longest that a client keeps away from a server because of its Retry-After.
const maxHold = 2 * time.Minute

// hold is until when a server has asked not to be asked anything. It binds all requests of a client.
type hold struct {
	mu    sync.Mutex
	ended time.Time
	why   *APIError
}

// note takes in an answer's Retry-After.
func (h *hold) note(e *APIError) {
	if e == nil || !e.retryable && e.StatusCode < 500 {
		return
	}
	end := time.Now().Add(min(e.retryAfter, maxHold))
	h.mu.Lock()
	defer h.mu.Unlock()
	if end.After(h.ended) {
		h.ended, h.why = end, e
	}
}

// until returns the end of the hold, which may have passed.
func (h *hold) until() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ended
}

// wait waits until the hold that it meets is over. It does not wait for one that begins meanwhile, or a request could be kept back for ever by
// the answers to others. If the hold lasts past the context's deadline, wait returns at once, with the answer that it comes from.
func (h *hold) wait(ctx context.Context) error {
	h.mu.Lock()
	d, why := time.Until(h.ended), h.why
	h.mu.Unlock()
	if d <= 0 {
		return nil
	}
	if pastDeadline(ctx, d) {
		return fmt.Errorf("%s: %w", askedToWait(d), why)
	}
	return sleep(ctx, spread(d))
}

func pastDeadline(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < d
}

func askedToWait(d time.Duration) string {
	return fmt.Sprintf("the server asks to wait another %v, which is past the deadline", d.Round(time.Millisecond))
}

// spread returns a little more than d, each time another, so that those who were asked to wait do not come back together.
func spread(d time.Duration) time.Duration { return d + rand.N(min(d/10, time.Second)+1) }

func parseRetryAfter(resp *http.Response) time.Duration {
	value := resp.Header.Get("Retry-After")
	if seconds, _ := strconv.ParseFloat(value, 64); seconds > 0 {
		return time.Duration(min(seconds, 24*3600) * float64(time.Second))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	// By the clock that it was set by, which may be an hour from ours.
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now))
}
