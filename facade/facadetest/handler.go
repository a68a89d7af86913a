package facadetest

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// bodyLimit is how large a request's body may be, as on the real server.
const bodyLimit = 209_715_200

// call is one request while it is handled.
type call struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	body  []byte
	route route
	ws    string
	param string  // what {id} or {path} stood for, still encoded
	user  *caller // nil for an anonymous user

	answering func() // called when the answer is no longer withheld, before any of it can arrive; may be nil
}

// serve handles every request: it logs it, applies the injected faults, and calls the route's handler.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.handlers.Add(1)
	defer s.handlers.Done()

	route, param, allow, found := s.find(r)
	arrived := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return // the client broke off: there is nobody to answer, and nothing whole to handle
	}
	s.requests.add(r, route.operation, body, arrived)

	c := &call{s: s, w: w, r: r, body: body, route: route, ws: workspaceOf(r), param: param}
	handle := func(w http.ResponseWriter) {
		c.w = w
		switch {
		case c.crossOrigin():
		case !found && allow == "":
			c.answer(http.StatusNotFound, "")
		case !c.authenticate():
		case !found:
			c.w.Header().Set("Allow", allow)
			c.answer(http.StatusMethodNotAllowed, "")
		case tooLarge != nil:
			c.text(http.StatusRequestEntityTooLarge, "Failed to buffer the request body: length limit exceeded")
		default:
			route.handle(c)
		}
	}
	s.faults.pick(route.operation, r).apply(w, r, handle)
}

// version answers without looking at the token.
func (c *call) version() { c.text(http.StatusOK, c.s.release.version()) }
