package facade

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptrace"
	"time"
)

// usualPatience is more than the server itself waits for its database, and less than a dead connection takes to be noticed otherwise.
const usualPatience = 75 * time.Second

// silentError says that the server said nothing for so long.
type silentError struct{ patience time.Duration }

func (e *silentError) Error() string {
	return fmt.Sprintf("the server said nothing for %v", e.patience)
}

// watchdog ends a request whose answer stops coming. It starts once the request is written, so that a large one on a slow line has its time.
type watchdog struct {
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	patience time.Duration
}

func newWatchdog(cancel context.CancelCauseFunc, patience time.Duration) *watchdog {
	if patience == 0 {
		patience = usualPatience
	}
	timer := time.AfterFunc(patience, func() { cancel(&silentError{patience}) })
	timer.Stop()
	return &watchdog{cancel, timer, patience}
}

func (w *watchdog) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { w.timer.Reset(w.patience) },
	})
}

func (w *watchdog) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// causeOf tells an error that the watchdog caused from others.
func causeOf(ctx context.Context, err error) error {
	if e := (*silentError)(nil); errors.As(context.Cause(ctx), &e) {
		return e
	}
	return err
}

type watchedBody struct {
	io.ReadCloser
	watch *watchdog
}

func (b *watchedBody) Read(p []byte) (int, error) {
	// Between two reads it is the reader that takes its time, not the server.
	b.watch.timer.Reset(b.watch.patience)
	defer b.watch.timer.Stop()
	return b.ReadCloser.Read(p)
}

func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	b.watch.stop()
	return err
}
