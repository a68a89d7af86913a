package facade

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// defaultIdleTimeout is more than the server itself waits for its database, and less than a dead connection takes to be noticed otherwise.
const defaultIdleTimeout = 75 * time.Second

// idleTimeoutError reports that the server has been silent for too long.
type idleTimeoutError struct{ timeout time.Duration }

func (e *idleTimeoutError) Error() string {
	return fmt.Sprintf("the server said nothing for %v", e.timeout)
}

// idleTimer ends a request whose answer stops coming. It stands in front of the answer's body.
type idleTimer struct {
	body    io.ReadCloser
	ctx     context.Context
	cancel  context.CancelFunc
	timer   *time.Timer
	timeout time.Duration
	fired   atomic.Bool
}

// newIdleTimer returns a timer for a request in ctx, whose own context ends when the server is silent for timeout.
func newIdleTimer(ctx context.Context, timeout time.Duration) *idleTimer {
	if timeout == 0 {
		timeout = defaultIdleTimeout
	}
	t := &idleTimer{timeout: timeout}
	t.ctx, t.cancel = context.WithCancel(ctx)
	t.timer = time.AfterFunc(timeout, t.fire)
	return t
}

// watch makes the time that the request's body takes not count. A small body is sent at once: left as it is, net/http sends it together with the
// header.
func (t *idleTimer) watch(req *http.Request) {
	if req.Body != nil && req.Body != http.NoBody && (req.ContentLength <= 0 || req.ContentLength > 64<<10) {
		req.Body = &requestBody{req.Body, t}
	}
}

func (t *idleTimer) fire() {
	t.fired.Store(t.ctx.Err() == nil)
	t.cancel()
}

func (t *idleTimer) pause() { t.timer.Stop() }

func (t *idleTimer) stop() {
	t.timer.Stop()
	t.cancel()
}

// Read reads from the answer's body. Between two reads the reader takes its time, not the server.
func (t *idleTimer) Read(p []byte) (int, error) {
	t.timer.Reset(t.timeout)
	defer t.timer.Stop()
	n, err := t.body.Read(p)
	if err != nil && t.fired.Load() {
		err = &idleTimeoutError{t.timeout}
	}
	return n, err
}

// Close closes the answer's body.
func (t *idleTimer) Close() error {
	err := t.body.Close()
	t.stop()
	return err
}

type requestBody struct {
	io.ReadCloser
	idle *idleTimer
}

func (b *requestBody) Read(p []byte) (int, error) {
	b.idle.timer.Reset(b.idle.timeout)
	return b.ReadCloser.Read(p)
}
