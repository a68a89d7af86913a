package facadetest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// route is one operation of the API.
type route struct {
	operation string
	method    string
	// pattern is the path under /api/. In it "{ws}" stands for the workspace's id, "{id}" for one segment and "{path}"
	// for all that is left, slashes and all.
	pattern string
	login   login
	scope   string // what a limited token must have been given to use the route
	writes  bool   // refused to a read-only token
	handle  func(*call)
}

// login says what a route does about the token.
type login int

const (
	loginNone     login = iota // does not look at it
	loginRequired              // answers 401 without a valid one
	loginOptional              // takes who has none, or none that will do, for an anonymous user
)

// routes returns the operations that the server has. The names are those of Windmill's API description.
func routes(r release) []route {
	all := []route{
		{"backendVersion", http.MethodGet, "version", loginNone, "", false, (*call).version},
		{"getResourceValueInterpolated", http.MethodGet, "w/{ws}/resources/get_value_interpolated/{path}", loginRequired, "resources:read", false, (*call).resourceInterpolated},
		{"getResourceValue", http.MethodGet, "w/{ws}/resources/get_value/{path}", loginRequired, "resources:read", false, (*call).resourceValue},
		{"runScriptByHash", http.MethodPost, "w/{ws}/jobs/run/h/{id}", loginRequired, "jobs:run:scripts", true, (*call).runByHash},
		{"runScriptByPath", http.MethodPost, "w/{ws}/jobs/run/p/{path}", loginRequired, "jobs:run:scripts", true, (*call).runByPath},
		{"listCompletedJobs", http.MethodGet, "w/{ws}/jobs/completed/list", loginRequired, "jobs:read", false, (*call).listCompleted},
		{"getJob", http.MethodGet, "w/{ws}/jobs_u/get/{id}", loginOptional, "jobs:read", false, (*call).getJob},
		{"getCompletedJobResult", http.MethodGet, "w/{ws}/jobs_u/completed/get_result/{id}", loginOptional, "jobs:read", false, (*call).getResult},
		{"getCompletedJobResultMaybe", http.MethodGet, "w/{ws}/jobs_u/completed/get_result_maybe/{id}", loginOptional, "jobs:read", false, (*call).getResultMaybe},
		{"getJobUpdates", http.MethodGet, "w/{ws}/jobs_u/getupdate/{id}", loginOptional, "jobs:read", false, (*call).getUpdate},
		{"cancelQueuedJob", http.MethodPost, "w/{ws}/jobs_u/queue/cancel/{id}", loginOptional, "jobs:write", true, (*call).cancelJob},
	}
	if !r.old {
		all = append(all, route{"getJobUpdatesSSE", http.MethodGet, "w/{ws}/jobs_u/getupdate_sse/{id}", loginOptional, "jobs:read", false, (*call).streamUpdates})
	}
	return all
}

// operationNames lists the names by which faults and counts refer to routes, whatever the release.
func operationNames() []string {
	names := make([]string, 0, 12)
	for _, r := range routes(newestRelease()) {
		names = append(names, r.operation)
	}
	slices.Sort(names)
	return names
}

// find returns the route for a request and the value of "{id}" or "{path}" in its path, still encoded. If there are
// routes for other methods only, ok is false, allow names the methods and found is one of the routes.
func (s *Server) find(r *http.Request) (found route, param, allow string, ok bool) {
	if extra, others, ok := s.extra.find(r); ok {
		return extra, "", "", true
	} else if others != "" {
		found, allow = route{login: loginRequired}, others
	}
	path, under := strings.CutPrefix(r.URL.EscapedPath(), "/api/")
	if !under {
		return route{}, "", "", false
	}
	for _, candidate := range s.routes {
		param, fits := match(candidate.pattern, path)
		switch {
		case !fits:
		case candidate.method == r.Method, candidate.method == http.MethodGet && r.Method == http.MethodHead:
			return candidate, param, "", true
		default:
			found = candidate
			allow = cmp.Or(allow, candidate.method)
		}
	}
	return found, "", allow, false
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

// match compares a path with a pattern, without decoding or cleaning it: the real server does neither before it has
// found the route.
func match(pattern, path string) (param string, ok bool) {
	for pattern != "" {
		if pattern == "{path}" {
			return path, path != ""
		}
		var want, have string
		want, pattern, _ = strings.Cut(pattern, "/")
		have, path, ok = strings.Cut(path, "/")
		if ok != (pattern != "") {
			return "", false
		}
		switch {
		case want == "{ws}":
		case want == "{id}":
			param = have
		case want != have:
			return "", false
		}
		if have == "" {
			return "", false
		}
	}
	return param, true
}

// decodeParam decodes a part of a path, answering 400 when it cannot be decoded.
func (c *call) decodeParam(name, raw string) (string, bool) {
	text, err := url.PathUnescape(raw)
	if err != nil {
		text = raw // a stray % stands for itself
	}
	if !utf8.ValidString(text) {
		c.text(http.StatusBadRequest, "Invalid URL: Invalid UTF-8 in `"+name+"`")
		return "", false
	}
	return text, true
}
