package facade

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// usualPatience is more than the server itself waits for its database, and less than a dead connection takes to be noticed otherwise.
const usualPatience = 75 * time.Second

// silentError says that the server said nothing for so long.
type silentError struct{ patience time.Duration }

func (e *silentError) Error() string {
	return fmt.Sprintf("the server said nothing for %v", e.patience)
}

// watchdog ends a request whose answer stops coming. Once there is an answer, it stands in front of its body.
type watchdog struct {
	io.ReadCloser
	ctx      context.Context
	cancel   context.CancelFunc
	timer    *time.Timer
	patience time.Duration
	bitten   atomic.Bool
}

// watched makes a request that the watchdog ends. The time that a large one takes on a slow line does not count.
func watched(req *http.Request, patience time.Duration) (*http.Request, *watchdog) {
	if patience == 0 {
		patience = usualPatience
	}
	w := &watchdog{patience: patience}
	w.ctx, w.cancel = context.WithCancel(req.Context())
	w.timer = time.AfterFunc(patience, w.bite)
	req = req.WithContext(w.ctx)
	// A small one is on its way at once. Left as it is, net/http sends it together with its header.
	if req.Body != nil && req.Body != http.NoBody && (req.ContentLength <= 0 || req.ContentLength > 64<<10) {
		req.Body = &watchedRequest{req.Body, w}
	}
	return req, w
}

func (w *watchdog) bite() {
	w.bitten.Store(w.ctx.Err() == nil)
	w.cancel()
}

// explain tells an error that the watchdog caused from others.
func (w *watchdog) explain(err error) error {
	if w.bitten.Load() {
		return &silentError{w.patience}
	}
	return err
}

func (w *watchdog) stop() {
	w.timer.Stop()
	w.cancel()
}

type watchedRequest struct {
	io.ReadCloser
	watch *watchdog
}

func (b *watchedRequest) Read(p []byte) (int, error) {
	b.watch.timer.Reset(b.watch.patience)
	return b.ReadCloser.Read(p)
}

// Read reads from the answer's body.
func (w *watchdog) Read(p []byte) (int, error) {
	w.timer.Reset(w.patience)
	// Between two reads it is the reader that takes its time, not the server.
	defer w.timer.Stop()
	return w.ReadCloser.Read(p)
}

// Close closes the answer's body.
func (w *watchdog) Close() error {
	err := w.ReadCloser.Close()
	w.stop()
	return err
}
