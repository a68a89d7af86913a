package facadetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// route is one operation of the API.
type route struct {
	operation string
	pattern   string // of http.ServeMux, relative to /api
	login     login
	scope     string // that a limited token needs
	handle    func(*call)
}

// login is what a route requires of the token.
type login int

const (
	loginNone     login = iota // ignores it
	loginRequired              // answers 401 without a valid one
	loginOptional              // treats a request without a valid one as an anonymous user's
)

// ownRoutes returns the operations of a release. The names are those of Windmill's API description.
func ownRoutes(r release) []route {
	const (
		run    = "POST /w/{workspace}/jobs/run/"
		job    = "/w/{workspace}/jobs_u/"
		value  = "GET /w/{workspace}/resources/get_value"
		read   = "jobs:read"
		result = "GET " + job + "completed/get_result"
	)
	all := []route{
		{"backendVersion", "GET /version", loginNone, "", (*call).version},
		{"getResourceValue", value + "/{path...}",
			loginRequired, "resources:read", (*call).resourceValue},
		{"getResourceValueInterpolated", value + "_interpolated/{path...}",
			loginRequired, "resources:read", (*call).resourceInterpolated},
		{"runScriptByHash", run + "h/{script_hash}",
			loginRequired, "jobs:run:scripts", (*call).runByHash},
		{"runScriptByPath", run + "p/{path...}",
			loginRequired, "jobs:run:scripts", (*call).runByPath},
		{"listCompletedJobs", "GET /w/{workspace}/jobs/completed/list",
			loginRequired, read, (*call).listCompleted},
		{"getJob", "GET " + job + "get/{id}", loginOptional, read, (*call).getJob},
		{"getCompletedJobResult", result + "/{id}", loginOptional, read, (*call).getResult},
		{"getCompletedJobResultMaybe", result + "_maybe/{id}",
			loginOptional, read, (*call).getResultMaybe},
		{"getJobUpdates", "GET " + job + "getupdate/{id}",
			loginOptional, read, (*call).getUpdate},
		{"cancelQueuedJob", "POST " + job + "queue/cancel/{id}",
			loginOptional, "jobs:write", (*call).cancelJob},
	}
	if r != older {
		all = append(all, route{"getJobUpdatesSSE", "GET " + job + "getupdate_sse/{id}",
			loginOptional, read, (*call).streamUpdates})
	}
	return all
}

// ServeHTTP is never called: a route is only looked up in a mux.
func (*route) ServeHTTP(http.ResponseWriter, *http.Request) {}

// routes are the server's operations and the routes that Handle has added.
type routes struct {
	mu    sync.RWMutex
	mux   *http.ServeMux
	names []string // of the operations in all releases, and the patterns given to Handle
}

func newRoutes(r release) *routes {
	t := &routes{mux: http.NewServeMux()}
	for _, own := range ownRoutes(newest) {
		t.names = append(t.names, own.operation)
	}
	slices.Sort(t.names)
	for _, own := range ownRoutes(r) {
		method, path, _ := strings.Cut(own.pattern, " ")
		t.mux.Handle(method+" /api"+path, &own)
	}
	return t
}

// Handle adds a route to the server, for what a program calls beside the server's operations: those
// that were added to the library's list, or anything sent with Client.Do. The pattern is one of
// http.ServeMux, relative to /api:
//
//	srv.Handle("GET /w/{workspace}/variables/get/{path...}", http.HandlerFunc(
//		func(w http.ResponseWriter, r *http.Request) {
//			_ = json.NewEncoder(w).Encode(map[string]any{"path": r.PathValue("path"), "value": "x"})
//		}))
//
// The route needs a valid token, as most of the real server's do; a read-only token may only GET.
// Its requests are in Requests, and the pattern is their operation's name for Inject and
// CountRequests.
//
// Paths are matched as the real server matches them: they are neither cleaned nor redirected, a
// slash that is sent as %2F is part of its segment, and no wildcard matches an empty string. If
// several patterns match, the most specific one is used, those of the server's operations included.
//
// Handle panics if the pattern is invalid or conflicts with another one.
func (s *Server) Handle(pattern string, h http.Handler) {
	if err := s.routes.add(pattern, h); err != nil {
		panicf("Handle(%q): %v", pattern, err)
	}
}

// registeredAt is where a pattern was registered, in a panic of http.ServeMux: always in this file.
var registeredAt = regexp.MustCompile(` \(registered at [^)]*\)`)

func (t *routes) add(pattern string, h http.Handler) (err error) {
	method, path := "", strings.TrimSpace(pattern)
	if before, after, found := strings.Cut(path, " "); found {
		method, path = before+" ", strings.TrimLeft(after, " \t")
	}
	switch {
	case h == nil:
		return errors.New("the handler is nil")
	case !strings.HasPrefix(path, "/"):
		return fmt.Errorf("want a pattern such as %q", "GET /w/{workspace}/variables/get/{path...}")
	case path == "/api" || strings.HasPrefix(path, "/api/"):
		return errors.New("patterns are relative to /api: leave it out")
	}
	handle := func(c *call) {
		c.r.Body = io.NopCloser(bytes.NewReader(c.body))
		h.ServeHTTP(c.w, c.r)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = errors.New(registeredAt.ReplaceAllString(fmt.Sprint(p), ""))
		}
	}()
	t.mux.Handle(method+"/api"+path, &route{pattern, pattern, loginRequired, "", handle})
	t.names = append(t.names, pattern)
	return nil
}

// checkOperation panics if there is no such operation: a fault that never happens would let a test
// pass without testing anything.
func (s *Server) checkOperation(method, operation string) {
	s.routes.mu.RLock()
	defer s.routes.mu.RUnlock()
	if names := s.routes.names; operation != "" && !slices.Contains(names, operation) {
		panicf("%s(%q): there is no such operation; the operations are %s",
			method, operation, strings.Join(names, ", "))
	}
}

// find returns the route for a request, and a copy of the request that has the path's values. If
// the path has routes for other methods only, it returns one of those, and the methods in allow. If
// there is none at all, the route has no handle.
func (t *routes) find(r *http.Request) (found route, with *http.Request, allow string) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	with = r.WithContext(r.Context())
	with.URL = uncleanable(r.URL)
	h, _ := t.mux.Handler(with)
	if _, ok := h.(*route); !ok {
		answer := &discardWriter{header: http.Header{}}
		h.ServeHTTP(answer, with)
		allow = answer.header.Get("Allow")
		with.Method, _, _ = strings.Cut(allow, ",")
		h, _ = t.mux.Handler(with)
	}
	if matched, ok := h.(*route); ok {
		found = *matched
		t.mux.ServeHTTP(nil, with) // sets the path's values
	}
	for _, wildcard := range wildcards.FindAllStringSubmatch(found.pattern, -1) {
		value := strings.ReplaceAll(with.PathValue(wildcard[1]), emptySegment, "")
		if value == "" {
			return route{}, r, ""
		}
		with.SetPathValue(wildcard[1], value)
	}
	with.URL, with.Method, with.Pattern = r.URL, r.Method, found.pattern
	return found, with, allow
}

var wildcards = regexp.MustCompile(`\{(\w+)(?:\.\.\.)?\}`)

// emptySegment stands for the empty string between two slashes while a path is matched.
const emptySegment = "\x00empty\x00"

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

// workspaceOf returns the workspace that a request's path names, or "".
func workspaceOf(r *http.Request) string {
	rest, under := strings.CutPrefix(r.URL.EscapedPath(), "/api/w/")
	if !under {
		return ""
	}
	ws, _, _ := strings.Cut(rest, "/")
	return ws
}

// pathValue returns what a wildcard stands for, answering 400 if that is not UTF-8.
func (c *call) pathValue(name string) (string, bool) {
	text := c.r.PathValue(name)
	if !utf8.ValidString(text) {
		c.text(http.StatusBadRequest, "Invalid URL: Invalid UTF-8 in `"+name+"`")
		return "", false
	}
	return text, true
}

// windmillPath returns the path of a script or resource, answering 400 if the server's database
// refuses it.
func (c *call) windmillPath() (string, bool) {
	path, ok := c.pathValue("path")
	if ok && strings.Contains(path, "\x00") {
		c.refuse(http.StatusBadRequest, hasNUL)
		return "", false
	}
	return strings.TrimPrefix(path, "/"), ok
}
