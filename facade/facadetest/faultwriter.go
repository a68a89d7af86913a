package facadetest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// faultPlan holds the faults that apply to one request.
type faultPlan struct {
	before, commit, after time.Duration
	fault                 Fault
}

// apply handles a request as far as its faults allow. A commit's delay and a database that is down
// are left to the handler.
func (p faultPlan) apply(w http.ResponseWriter, r *http.Request, handle func(http.ResponseWriter)) {
	if !wait(r.Context(), p.before) {
		return
	}
	if p.after > 0 {
		w = &delayWriter{ResponseWriter: w, ctx: r.Context(), delay: p.after}
	}
	switch p.fault.kind {
	case faultResetBefore:
		closeConn(w, true)
	case faultResetAfter:
		handle(&discardWriter{header: http.Header{}})
		_ = wait(r.Context(), p.after) // it is the reset that is delayed
		closeConn(w, true)
	case faultCut:
		cut := &truncateWriter{ResponseWriter: w, left: p.fault.bytes}
		handle(cut)
		if cut.done {
			closeConn(w, false)
		}
	case faultRespond:
		for name, values := range p.fault.header {
			w.Header()[name] = values
		}
		w.WriteHeader(p.fault.status)
		_, _ = w.Write([]byte(p.fault.body)) // fails when the client has gone
	case faultHang:
		<-r.Context().Done()
		closeConn(w, false)
	default:
		handle(w)
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
