package facadetest

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Request is a request that the server has received, whether or not it was handled.
type Request struct {
	// Operation is the operation's name, such as "runScriptByHash", or the pattern of a route that
	// Handle added. It is empty if no route matches.
	Operation string
	Method    string
	// Path is the escaped path, from /api on.
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte
	Time   time.Time
}

// Requests returns the latest requests that the server has received, oldest first: 100,000 at most,
// unless KeepRequests sets another number.
func (s *Server) Requests() []Request {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	return slices.Clone(s.requests.list)
}

// CountRequests returns the number of requests that an operation has received since the server's
// start; with "", that of all requests. Operations are named as for Inject. It panics if there is
// no such operation.
func (s *Server) CountRequests(operation string) int {
	s.checkOperation("CountRequests", operation)
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	if operation == "" {
		return s.requests.total
	}
	return s.requests.counts[operation]
}

// requestLog keeps the latest requests, and counts them all.
type requestLog struct {
	mu     sync.Mutex
	keep   int
	list   []Request
	total  int
	counts map[string]int
}

func (l *requestLog) add(r *http.Request, operation string, body []byte, arrived time.Time) {
	entry := Request{
		Operation: operation,
		Method:    r.Method,
		Path:      r.URL.EscapedPath(),
		Query:     r.URL.Query(),
		Header:    r.Header.Clone(),
		Body:      body,
		Time:      arrived,
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	l.counts[operation]++
	l.list = append(l.list, entry)
	l.list = l.list[max(0, len(l.list)-l.keep):]
}
