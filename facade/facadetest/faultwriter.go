package facadetest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// serve handles a request as far as its faults allow.
func (c *call) serve(w http.ResponseWriter) {
	if !wait(c.r.Context(), c.fault.before) {
		return
	}
	if c.fault.after > 0 {
		w = &delayWriter{ResponseWriter: w, ctx: c.r.Context(), delay: c.fault.after}
	}
	if c.fault.respond != nil {
		c.fault.respond(c, w)
	} else {
		c.handle(w)
	}
}

// wait waits. It returns false if the context ends first.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// closeConn closes a request's connection, with a reset if that is wanted and the connection is a
// socket.
func closeConn(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // it is closed already
	}
	if socket, ok := conn.(*net.TCPConn); ok && reset {
		_ = socket.SetLinger(0) // makes Close send a reset
	}
	_ = conn.Close()
}

// delayWriter delays the response.
type delayWriter struct {
	http.ResponseWriter
	ctx    context.Context
	delay  time.Duration
	waited bool
}

func (w *delayWriter) hold() {
	if !w.waited {
		w.waited = true
		_ = wait(w.ctx, w.delay) // if the client has gone, writing fails
	}
}

func (w *delayWriter) WriteHeader(status int) {
	w.hold()
	w.ResponseWriter.WriteHeader(status)
}

func (w *delayWriter) Write(p []byte) (int, error) {
	w.hold()
	return w.ResponseWriter.Write(p)
}

func (w *delayWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// truncateWriter writes only the first bytes of a body.
type truncateWriter struct {
	http.ResponseWriter
	left int
	done bool
}

var errCut = errors.New("the response is truncated here")

func (w *truncateWriter) Write(p []byte) (int, error) {
	if w.done {
		return 0, errCut
	}
	if len(p) <= w.left {
		w.left -= len(p)
		return w.ResponseWriter.Write(p)
	}
	w.done = true
	n, _ := w.ResponseWriter.Write(p[:w.left])
	// Or the bytes before the cut would be lost too.
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	return n, errCut
}

func (w *truncateWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// discardWriter discards the response.
type discardWriter struct{ header http.Header }

func (w *discardWriter) Header() http.Header         { return w.header }
func (w *discardWriter) WriteHeader(int)             {}
func (w *discardWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *discardWriter) Flush()                      {}
