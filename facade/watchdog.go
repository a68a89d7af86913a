package facade

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// usualPatience is more than the server itself waits for its database, and less than a dead connection takes to be noticed otherwise.
const usualPatience = 75 * time.Second

// silentError says that the server said nothing for so long.
type silentError struct{ patience time.Duration }

func (e *silentError) Error() string {
	return fmt.Sprintf("the server said nothing for %v", e.patience)
}

// watchdog ends a request whose answer stops coming.
type watchdog struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	patience time.Duration
}

// watched makes a request that the watchdog ends. The time that a large one takes on a slow line does not count.
func watched(req *http.Request, patience time.Duration) (*http.Request, *watchdog) {
	if patience == 0 {
		patience = usualPatience
	}
	w := &watchdog{patience: patience}
	w.ctx, w.cancel = context.WithCancelCause(req.Context())
	w.timer = time.AfterFunc(patience, func() { w.cancel(&silentError{patience}) })
	req = req.WithContext(w.ctx)
	if req.Body != nil && req.Body != http.NoBody {
		req.Body = &watchedRequest{req.Body, w}
	}
	return req, w
}

// explain tells an error that the watchdog caused from others.
func (w *watchdog) explain(err error) error {
	if e := (*silentError)(nil); errors.As(context.Cause(w.ctx), &e) {
		return e
	}
	return err
}

func (w *watchdog) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

type watchedRequest struct {
	io.ReadCloser
	watch *watchdog
}

func (b *watchedRequest) Read(p []byte) (int, error) {
	b.watch.timer.Reset(b.watch.patience)
	return b.ReadCloser.Read(p)
}

type watchedAnswer struct {
	io.ReadCloser
	watch *watchdog
}

func (b *watchedAnswer) Read(p []byte) (int, error) {
	b.watch.timer.Reset(b.watch.patience)
	// Between two reads it is the reader that takes its time, not the server.
	defer b.watch.timer.Stop()
	return b.ReadCloser.Read(p)
}

func (b *watchedAnswer) Close() error {
	err := b.ReadCloser.Close()
	b.watch.stop()
	return err
}
