package facadetest

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Request is a request that has reached the server, whatever became of it.
type Request struct {
	// Operation names the route as Windmill's API description does, such as "runScriptByHash". It is empty when no
	// route fits.
	Operation string
	Method    string
	// Path is the path as it was sent, with its percent signs, from /api on.
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte
	Time   time.Time
}

// Requests returns the requests that have reached the server, in the order of their arrival; the latest 100,000, or as
// many as KeepRequests says.
func (s *Server) Requests() []Request {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	list := s.requests.list
	return slices.Clone(list[max(0, len(list)-s.requests.keep):])
}

// CountRequests tells how many requests have reached a route since the server's start, by the operation's name, such
// as "getCompletedJobResultMaybe"; with "", how many have reached the server. An unknown name panics: the count would
// be zero for ever, and prove nothing.
func (s *Server) CountRequests(operation string) int {
	checkOperation("CountRequests", operation)
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
	if l.keep == 0 {
		return
	}
	if len(l.list) >= 2*l.keep {
		// Moved to a new array, so that what is dropped is freed.
		l.list = append(make([]Request, 0, 2*l.keep), l.list[len(l.list)-l.keep+1:]...)
	}
	l.list = append(l.list, entry)
}
