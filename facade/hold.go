package facade

import (
	"context"
	"errors"
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
}

// note takes in an answer's Retry-After.
func (h *hold) note(resp *http.Response) {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode < 500 {
		return
	}
	end := time.Now().Add(min(parseRetryAfter(resp), maxHold))
	h.mu.Lock()
	defer h.mu.Unlock()
	if end.After(h.ended) {
		h.ended = end
	}
}

// until returns the end of the hold, which may have passed.
func (h *hold) until() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ended
}

// wait waits until the hold that it meets is over. It does not wait for one that begins meanwhile, or a request could be kept back for ever by
// the answers to others. If the hold lasts past the context's deadline, wait returns at once, with last in the chain of its error.
func (h *hold) wait(ctx context.Context, last error) error {
	end := h.until()
	d := time.Until(end)
	if d <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(end) && ctx.Err() == nil {
		if last == nil {
			last = errors.New("the Retry-After of an earlier answer is not over")
		}
		return fmt.Errorf("%w; the server asks to wait another %v, which is past the deadline", last, d.Round(time.Millisecond))
	}
	return sleep(ctx, d+rand.N(min(d/10, time.Second)+1))
}

func retryAfter(err error) time.Duration {
	if e := answerOf(err); e != nil {
		return e.retryAfter
	}
	return 0
}

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
