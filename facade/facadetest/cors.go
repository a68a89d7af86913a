package facadetest

import (
	"net/http"
	"strings"
)

// crossOrigin sets the headers that let a web page of any origin call a route, where the real server sets them. It
// reports whether the request is a preflight, which it has answered.
func (c *call) crossOrigin() bool {
	_, kind, _ := strings.Cut(strings.TrimPrefix(c.r.URL.EscapedPath(), "/api/w/"), "/")
	kind, _, _ = strings.Cut(kind, "/")
	switch kind {
	case "jobs", "jobs_u", "resources", "users":
	default:
		return false
	}
	header := c.w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Vary", "origin, access-control-request-method, access-control-request-headers")
	if c.r.Method != http.MethodOptions {
		return false
	}
	header.Set("Access-Control-Allow-Methods", "GET,POST")
	header.Set("Access-Control-Allow-Headers", "content-type,authorization")
	c.answer(http.StatusOK, "")
	return true
}
