package facadetest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Handle adds a route to the server, for what a program calls beside the operations that the server has: those that
// were added to the library's list, or anything sent with Client.Do. The pattern is one of http.ServeMux, relative to
// /api:
//
//	srv.Handle("GET /w/{workspace}/variables/get/{path...}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//		_ = json.NewEncoder(w).Encode(map[string]any{"path": r.PathValue("path"), "value": "s3cr3t"})
//	}))
//
// The route needs a valid token, as most of the real server's do; a read-only token may only GET. Its requests are in
// Requests, and the pattern is their operation's name for Inject and CountRequests.
//
// Paths are matched as the real server matches them: they are neither cleaned nor redirected, a slash that is sent as
// %2F is part of its segment, and no wildcard matches nothing. Of several patterns that match, the most specific one
// wins, those of the server's own operations included.
//
// Handle panics when the pattern is invalid or conflicts with another one.
func (s *Server) Handle(pattern string, h http.Handler) {
	if err := s.extra.add(pattern, h); err != nil {
		panic(fmt.Sprintf("facadetest: Handle(%q): %v", pattern, err))
	}
}

// extraRoutes are the routes that Handle has added.
type extraRoutes struct {
	mu       sync.RWMutex
	mux      *http.ServeMux // holds the server's own routes too, for their precedence
	patterns []string
}

// extraRoute is found in the mux, but never called by it.
type extraRoute struct {
	pattern string
	handler http.Handler
}

func (*extraRoute) ServeHTTP(http.ResponseWriter, *http.Request) {}

func newExtraRoutes(own []route) *extraRoutes {
	mux := http.NewServeMux()
	for _, r := range own {
		mux.Handle(r.method+" /api/"+strings.Replace(r.pattern, "{path}", "{path...}", 1), http.NotFoundHandler())
	}
	return &extraRoutes{mux: mux}
}

// registeredAt is what http.ServeMux says about where a pattern was registered, which is always in this file.
var registeredAt = regexp.MustCompile(` \(registered at [^)]*\)`)

func (e *extraRoutes) add(pattern string, h http.Handler) (err error) {
	method, path := "", strings.TrimSpace(pattern)
	if before, after, found := strings.Cut(path, " "); found {
		method, path = before+" ", strings.TrimLeft(after, " \t")
	}
	switch {
	case h == nil:
		return fmt.Errorf("the handler is nil")
	case !strings.HasPrefix(path, "/"):
		return fmt.Errorf("want a pattern such as %q", "GET /w/{workspace}/variables/get/{path...}")
	case path == "/api" || strings.HasPrefix(path, "/api/"):
		return fmt.Errorf("patterns are relative to /api: leave it out")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s", registeredAt.ReplaceAllString(fmt.Sprint(p), ""))
		}
	}()
	e.mux.Handle(method+"/api"+path, &extraRoute{pattern, h})
	e.patterns = append(e.patterns, pattern)
	return nil
}

// names returns the patterns, which are the operations' names.
func (e *extraRoutes) names() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Clone(e.patterns)
}

// find returns the route for a request, or the methods of those that fit its path with another one.
func (e *extraRoutes) find(r *http.Request) (found route, allow string, ok bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if len(e.patterns) == 0 {
		return route{}, "", false
	}
	// The mux sets path values in the request that it is given.
	inner := r.WithContext(r.Context())
	inner.URL = uncleanable(r.URL)
	h, _ := e.mux.Handler(inner)
	extra, isExtra := h.(*extraRoute)
	if !isExtra {
		answer := &discardWriter{header: http.Header{}}
		h.ServeHTTP(answer, inner)
		return route{}, answer.header.Get("Allow"), false
	}
	e.mux.ServeHTTP(nil, inner)
	for _, wildcard := range wildcards.FindAllStringSubmatch(extra.pattern, -1) {
		value := strings.ReplaceAll(inner.PathValue(wildcard[1]), emptySegment, "")
		if value == "" {
			return route{}, "", false
		}
		inner.SetPathValue(wildcard[1], value)
	}
	inner.URL, inner.Pattern = r.URL, extra.pattern
	return route{
		operation: extra.pattern,
		method:    r.Method,
		login:     loginRequired,
		writes:    r.Method != http.MethodGet && r.Method != http.MethodHead,
		handle: func(c *call) {
			inner.Body = io.NopCloser(bytes.NewReader(c.body))
			extra.handler.ServeHTTP(c.w, inner)
		},
	}, "", true
}

var wildcards = regexp.MustCompile(`\{(\w+)(?:\.\.\.)?\}`)

// emptySegment stands for the nothing between two slashes while a path is matched.
const emptySegment = "\x00"

// uncleanable returns a URL with the same path in a spelling that http.ServeMux does not clean.
func uncleanable(u *url.URL) *url.URL {
	segments := strings.Split(u.EscapedPath(), "/")
	for i, segment := range segments {
		switch {
		case segment == "." || segment == "..":
			segments[i] = strings.ReplaceAll(segment, ".", "%2E")
		case segment == "" && i > 0 && i < len(segments)-1:
			segments[i] = url.PathEscape(emptySegment)
		}
	}
	raw := strings.Join(segments, "/")
	path, err := url.PathUnescape(raw)
	if err != nil {
		return u
	}
	return &url.URL{Path: path, RawPath: raw, RawQuery: u.RawQuery}
}
