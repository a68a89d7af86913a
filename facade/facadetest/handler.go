package facadetest

import (
	"io"
	"net/http"
	"time"
)

// call is one request while it is handled.
type call struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	body  []byte
	route route
	allow string // the methods of the path, if it does not have the request's
	ws    string
	user  *caller // nil for an anonymous user
	fault Fault
}

// serve handles every request: it logs it, applies the injected faults, and calls the route.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.handlers.Add(1)
	defer s.handlers.Done()

	route, r, allow := s.routes.find(r)
	arrived := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone, and the request is not whole
	}
	s.requests.add(r, route.operation, body, arrived)

	c := &call{
		s: s, r: r, body: body, route: route, allow: allow,
		ws: workspaceOf(r), fault: s.faults.pick(route.operation, r),
	}
	c.serve(w)
}

func (c *call) handle(w http.ResponseWriter) {
	c.w = w
	switch {
	case c.route.handle == nil:
		c.answer(http.StatusNotFound, "", nil)
	case !c.authenticate():
	case c.allow != "":
		c.w.Header().Set("Allow", c.allow)
		c.answer(http.StatusMethodNotAllowed, "", nil)
	default:
		c.route.handle(c)
	}
}

// version answers without looking at the token.
func (c *call) version() { c.text(http.StatusOK, c.s.release.version()) }

// databaseDown answers as the real server does when it cannot reach its database: it cannot look up
// the token, and thus calls it invalid, or the caller anonymous.
func (c *call) databaseDown(w http.ResponseWriter) {
	if c.route.handle == nil || c.route.login == loginNone {
		c.handle(w)
		return
	}
	c.w = w
	if !wait(c.r.Context(), time.Minute) {
		return
	}
	if c.route.login == loginRequired {
		body, contentType := c.s.release.badToken()
		c.answer(http.StatusUnauthorized, contentType, []byte(body))
		return
	}
	c.refuse(http.StatusBadRequest, "SqlErr: pool timed out while waiting for an open connection")
}
