package facadetest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong with a request. The zero Fault does nothing.
type Fault struct {
	before, commit, after time.Duration
	// respond handles the request, or does something else. If it is nil, the request is handled.
	respond func(c *call, w http.ResponseWriter)
}

// ResetBefore resets the connection before the request is handled: nothing has happened on the
// server.
//
// On a reused connection, net/http's client silently repeats a GET after a reset. The repetition is
// a request of its own: it is logged and counted.
func ResetBefore() Fault {
	return Fault{respond: func(_ *call, w http.ResponseWriter) { closeConn(w, true) }}
}

// ResetAfter resets the connection after the request has been handled: the request took effect, the
// response is lost.
func ResetAfter() Fault {
	return Fault{respond: func(c *call, w http.ResponseWriter) {
		c.handle(&discardWriter{header: http.Header{}})
		_ = wait(c.r.Context(), c.fault.after) // it is the reset that is delayed
		closeConn(w, true)
	}}
}

// CutBody closes the connection after n bytes of the response body, be it a result, an error's text
// or an event stream. A body of at most n bytes is sent whole.
func CutBody(n int) Fault {
	if n < 0 {
		panicf("CutBody(%d): the number of bytes cannot be negative", n)
	}
	return Fault{respond: func(c *call, w http.ResponseWriter) {
		cut := &truncateWriter{ResponseWriter: w, left: n}
		c.handle(cut)
		if cut.done {
			closeConn(w, false)
		}
	}}
}

// Respond sends this response, as a proxy would, and the request is not handled. The header may be
// nil.
//
//	srv.Inject("getJob", facadetest.Respond(503, http.Header{"Retry-After": {"2"}}, "busy"))
func Respond(status int, header http.Header, body string) Fault {
	if status < 200 || status > 999 {
		panicf("Respond(%d): want a status from 200 to 999", status)
	}
	header = header.Clone()
	return Fault{respond: func(_ *call, w http.ResponseWriter) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // fails when the client has gone
	}}
}

// HTML responds with a web page, as a proxy or a login page does.
func HTML(status int) Fault {
	title := strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	page := fmt.Sprintf("<!DOCTYPE html>\n<html><head><title>%s</title></head>\n"+
		"<body><center><h1>%s</h1></center></body></html>\n", title, title)
	return Respond(status, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, page)
}

// DelayBefore delays a request before it is handled. If the client disconnects meanwhile, the
// request is not handled.
func DelayBefore(d time.Duration) Fault { return Fault{before: d} }

// DelayCommit makes the server take d to insert a submitted job, also if the client disconnects.
// Until then the job cannot be seen and does not start, but its id is taken: another submission
// with the same id fails with a duplicate key. It affects submissions only.
func DelayCommit(d time.Duration) Fault { return Fault{commit: d} }

// DelayAfter handles the request at once and delays the response.
func DelayAfter(d time.Duration) Fault { return Fault{after: d} }

// Hang neither handles the request nor responds, until the client disconnects or the server is
// closed.
func Hang() Fault {
	return Fault{respond: func(c *call, w http.ResponseWriter) {
		<-c.r.Context().Done()
		closeConn(w, false)
	}}
}

// DatabaseDown answers as a real server does that cannot reach its database: after a minute, 401 as
// for an invalid token, and under /jobs_u/ 400 with "SqlErr: pool timed out while waiting for an
// open connection". The request is not handled. GET /version needs no database.
func DatabaseDown() Fault { return Fault{respond: (*call).databaseDown} }

// When reports whether a fault applies to a request. n is the request's number among those of the
// fault's operation since it was injected, from 1.
type When func(n int, r *http.Request) bool

// Nth selects the requests with these numbers.
func Nth(numbers ...int) When {
	numbers = slices.Clone(numbers)
	return func(n int, _ *http.Request) bool { return slices.Contains(numbers, n) }
}

// Between selects the requests with numbers from first to last, inclusive.
func Between(first, last int) When {
	return func(n int, _ *http.Request) bool { return n >= first && n <= last }
}

// If selects the requests for which choose returns true. It is called for one request at a time and
// must not call Inject or InjectFunc.
func If(choose func(*http.Request) bool) When {
	return func(_ int, r *http.Request) bool { return choose(r) }
}

// Inject makes an operation's requests fail. The operation is one of those that the package's
// documentation lists, such as "runScriptByHash", or a pattern given to Handle; "" means every
// request. The fault applies to the requests that every When selects, without a When to all.
// Calling remove ends it.
//
//	srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1, 2))
//	srv.Inject("", facadetest.HTML(http.StatusBadGateway), facadetest.Between(3, 5))
//
// If several faults apply to a request, their delays add up, and of the others the one injected
// first is used. Inject panics if there is no such operation.
func (s *Server) Inject(operation string, fault Fault, when ...When) (remove func()) {
	s.checkOperation("Inject", operation)
	count := 0
	return s.faults.add(operation, func(r *http.Request) Fault {
		count++ // one request at a time
		for _, w := range when {
			if !w(count, r) {
				return Fault{}
			}
		}
		return fault
	})
}

// InjectFunc is like Inject, with a function that returns the fault for each request; the zero
// Fault is none. The function is called for one request at a time and must not call Inject or
// InjectFunc.
//
//	chance := rand.New(rand.NewPCG(1, 2))
//	srv.InjectFunc("", func(*http.Request) facadetest.Fault {
//		if chance.IntN(10) < 3 {
//			return facadetest.ResetAfter()
//		}
//		return facadetest.Fault{}
//	})
func (s *Server) InjectFunc(operation string, fault func(*http.Request) Fault) (remove func()) {
	s.checkOperation("InjectFunc", operation)
	return s.faults.add(operation, fault)
}

// faults are the injected faults.
type faults struct {
	mu   sync.Mutex
	list []*injected
}

type injected struct {
	operation string
	fault     func(*http.Request) Fault
}

func (f *faults) add(operation string, fault func(*http.Request) Fault) (remove func()) {
	entry := &injected{operation, fault}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, entry)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.list = slices.DeleteFunc(f.list, func(e *injected) bool { return e == entry })
	}
}

// pick returns the faults that apply to a request, as one.
func (f *faults) pick(operation string, r *http.Request) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all Fault
	for _, entry := range f.list {
		if entry.operation != "" && entry.operation != operation {
			continue
		}
		fault := entry.fault(r)
		all.before += fault.before
		all.commit += fault.commit
		all.after += fault.after
		if all.respond == nil {
			all.respond = fault.respond
		}
	}
	return all
}
