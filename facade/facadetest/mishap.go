package facadetest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// mishap is all that goes wrong with one request.
type mishap struct {
	before, after time.Duration
	fault         Fault
}

// apply lets a request be handled as far as its mishap allows.
func (m mishap) apply(w http.ResponseWriter, r *http.Request, handle func(http.ResponseWriter)) {
	if !wait(r.Context(), m.before) {
		return
	}
	if m.after > 0 {
		w = &lateWriter{ResponseWriter: w, ctx: r.Context(), delay: m.after}
	}
	switch m.fault.kind {
	case faultResetBefore:
		hangUp(w, true)
	case faultResetAfter:
		handle(&lostWriter{header: http.Header{}})
		_ = wait(r.Context(), m.after) // withholding what never comes: the reset is what is late
		hangUp(w, true)
	case faultCut:
		cut := &cutWriter{ResponseWriter: w, left: m.fault.bytes}
		handle(cut)
		if cut.done {
			hangUp(w, false)
		}
	case faultRespond:
		for name, values := range m.fault.header {
			w.Header()[name] = values
		}
		w.WriteHeader(m.fault.status)
		_, _ = w.Write([]byte(m.fault.body)) // fails when the client has gone
	case faultHang:
		<-r.Context().Done()
		hangUp(w, false)
	default:
		handle(w)
	}
}

// wait returns false when the client left before the time was over.
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

// hangUp closes a request's connection, with a reset if that is wanted and the connection is a socket.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the answer was lost already
	}
	if socket, ok := conn.(*net.TCPConn); ok && reset {
		_ = socket.SetLinger(0) // makes Close send a reset
	}
	_ = conn.Close()
}

// lateWriter withholds an answer.
type lateWriter struct {
	http.ResponseWriter
	ctx    context.Context
	delay  time.Duration
	waited bool
}

func (w *lateWriter) hold() {
	if !w.waited {
		w.waited = true
		_ = wait(w.ctx, w.delay) // when the client has left, writing will fail
	}
}

func (w *lateWriter) WriteHeader(status int) {
	w.hold()
	w.ResponseWriter.WriteHeader(status)
}

func (w *lateWriter) Write(p []byte) (int, error) {
	w.hold()
	return w.ResponseWriter.Write(p)
}

func (w *lateWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// cutWriter lets only the first bytes of a body through.
type cutWriter struct {
	http.ResponseWriter
	left int
	done bool
}

var errCut = errors.New("the answer is cut off here")

func (w *cutWriter) Write(p []byte) (int, error) {
	if w.done {
		return 0, errCut
	}
	if len(p) <= w.left {
		w.left -= len(p)
		return w.ResponseWriter.Write(p)
	}
	w.done = true
	n, _ := w.ResponseWriter.Write(p[:w.left])
	_ = http.NewResponseController(w.ResponseWriter).Flush() // or the bytes before the cut would be lost too
	return n, errCut
}

func (w *cutWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// lostWriter takes an answer that nobody will see.
type lostWriter struct{ header http.Header }

func (w *lostWriter) Header() http.Header         { return w.header }
func (w *lostWriter) WriteHeader(int)             {}
func (w *lostWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *lostWriter) Flush()                      {}
