package facadetest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong with a request. The zero Fault is nothing.
type Fault struct {
	kind   faultKind
	delay  time.Duration
	bytes  int
	status int
	header http.Header
	body   string
}

type faultKind int

const (
	faultNone faultKind = iota
	faultDelayBefore
	faultDelayAfter
	faultResetBefore
	faultResetAfter
	faultCut
	faultRespond
	faultHang
)

// ResetBefore resets the connection before the request is handled: nothing has happened on the server.
//
// When the connection had been used before, net/http's own client repeats a GET after a reset, without a word. Such
// a repetition is a request like any other here: the log shows it, and it counts.
func ResetBefore() Fault { return Fault{kind: faultResetBefore} }

// ResetAfter resets the connection after the request has been handled: the answer is lost, what was asked for is done.
func ResetAfter() Fault { return Fault{kind: faultResetAfter} }

// CutBody ends the connection after n bytes of the answer's body, whatever the answer is: a result, an error's text, a
// stream of events. An answer that is not longer than that stays whole.
func CutBody(n int) Fault {
	if n < 0 {
		panic(fmt.Sprintf("facadetest: CutBody(%d): the number of bytes cannot be negative", n))
	}
	return Fault{kind: faultCut, bytes: n}
}

// Respond answers in the server's place, as a proxy would, without the request being handled. The header may be nil.
//
//	srv.Inject("getJob", facadetest.Respond(429, http.Header{"Retry-After": {"2"}}, "slow down"), facadetest.Nth(1))
func Respond(status int, header http.Header, body string) Fault {
	if status < 200 || status > 999 {
		panic(fmt.Sprintf("facadetest: Respond(%d): this is no status of an answer", status))
	}
	return Fault{kind: faultRespond, status: status, header: header.Clone(), body: body}
}

// HTML answers with a web page, as proxies and login pages do, also where JSON is due.
func HTML(status int) Fault {
	title := strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	page := fmt.Sprintf("<!DOCTYPE html>\n<html><head><title>%s</title></head>\n<body><center><h1>%s</h1></center></body></html>\n", title, title)
	return Respond(status, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, page)
}

// DelayBefore lets the request wait before it is handled. A client that leaves in the meantime is not served.
func DelayBefore(d time.Duration) Fault { return Fault{kind: faultDelayBefore, delay: d} }

// DelayAfter handles the request at once and withholds the answer. While the answer to a submission is withheld, another
// one with the same job id is told of a duplicate key, as on a real server that is still inserting the job.
func DelayAfter(d time.Duration) Fault { return Fault{kind: faultDelayAfter, delay: d} }

// Hang neither handles the request nor answers it, until the client leaves or the server is closed.
func Hang() Fault { return Fault{kind: faultHang} }

// When says which requests a fault meets. n counts the requests of the fault's route since it was injected, from 1.
type When func(n int, r *http.Request) bool

// Nth meets the requests with these numbers.
func Nth(numbers ...int) When {
	numbers = slices.Clone(numbers)
	return func(n int, _ *http.Request) bool { return slices.Contains(numbers, n) }
}

// Between meets the requests with numbers from first to last, both included.
func Between(first, last int) When {
	return func(n int, _ *http.Request) bool { return n >= first && n <= last }
}

// If meets the requests that a function chooses. The function is called for one request at a time; it must not call
// Inject or InjectFunc.
func If(choose func(*http.Request) bool) When {
	return func(_ int, r *http.Request) bool { return choose(r) }
}

// Inject puts a fault in the way of an operation's requests, by the operation's name in Windmill's API description, such
// as "runScriptByHash"; "" means every request. Without a When it meets all of them; with several, those that all of
// them choose. What it returns takes the fault away again.
//
//	srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1, 2))
//	srv.Inject("", facadetest.HTML(http.StatusBadGateway), facadetest.Between(3, 5))
//
// Several faults may meet one request: their delays add up, and of the others the one that was injected first happens.
// A name that is no operation's panics.
func (s *Server) Inject(operation string, fault Fault, when ...When) (remove func()) {
	checkOperation("Inject", operation)
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

// InjectFunc lets a function decide, request by request, what goes wrong; the zero Fault lets a request pass. The
// function is called for one request at a time; it must not call Inject or InjectFunc itself.
//
//	chance := rand.New(rand.NewPCG(1, 2))
//	srv.InjectFunc("", func(*http.Request) facadetest.Fault {
//		if chance.IntN(10) < 3 {
//			return facadetest.ResetAfter()
//		}
//		return facadetest.Fault{}
//	})
func (s *Server) InjectFunc(operation string, decide func(*http.Request) Fault) (remove func()) {
	checkOperation("InjectFunc", operation)
	return s.faults.add(operation, decide)
}

// checkOperation panics over the name of no operation: a fault that never happens would make a test pass in vain.
func checkOperation(method, operation string) {
	if names := operationNames(); operation != "" && !slices.Contains(names, operation) {
		panic(fmt.Sprintf("facadetest: %s(%q): there is no such operation; the operations are %s", method, operation, strings.Join(names, ", ")))
	}
}

// faults knows what is in the way of requests.
type faults struct {
	mu   sync.Mutex
	list []*injected
}

type injected struct {
	operation string
	decide    func(*http.Request) Fault
}

func newFaults() *faults { return &faults{} }

func (f *faults) add(operation string, decide func(*http.Request) Fault) (remove func()) {
	entry := &injected{operation, decide}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, entry)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.list = slices.DeleteFunc(f.list, func(e *injected) bool { return e == entry })
	}
}

// pick decides what happens to a request.
func (f *faults) pick(operation string, r *http.Request) mishap {
	f.mu.Lock()
	defer f.mu.Unlock()
	var m mishap
	for _, entry := range f.list {
		if entry.operation != "" && entry.operation != operation {
			continue
		}
		switch fault := entry.decide(r); {
		case fault.kind == faultDelayBefore:
			m.before += fault.delay
		case fault.kind == faultDelayAfter:
			m.after += fault.delay
		case m.fault.kind == faultNone:
			m.fault = fault
		}
	}
	return m
}
