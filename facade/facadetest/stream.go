package facadetest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// streamUpdates follows a job with server-sent events, until it has completed or a minute is over.
func (c *call) streamUpdates() {
	id, ok := c.jobID()
	if !ok {
		return
	}
	q, ok := c.query(updateParams())
	if !ok {
		return
	}
	job, ok := c.s.jobs.get(c.ws, id)
	if !ok {
		c.refuse(http.StatusNotFound, "Not found: Job %s not found", id)
		return
	}
	// An anonymous user gets a stream too, with the refusal as an event.
	if c.user != nil && !c.mayRead(job) {
		return
	}
	header := c.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache")
	header.Set("X-Accel-Buffering", "no")
	c.w.WriteHeader(http.StatusOK)
	stream := &stream{call: c, id: id, query: q}
	stream.run()
}

// stream is one client's view of a job over time.
type stream struct {
	*call
	id    uuid.UUID
	query query
	last  string // the fingerprint of the last update that was sent
}

// run sends an update at once, and then looks at the job at the server's pace.
func (s *stream) run() {
	began := time.Now()
	lastPing := began
	for looks := 1; s.look(looks == 1); looks++ {
		// The real server counts whole seconds here and in the next comparison.
		if time.Since(lastPing) >= 6*time.Second {
			if !s.send([]byte(`{"type":"ping"}`)) {
				return
			}
			lastPing = time.Now()
		}
		if time.Since(began) >= 61*time.Second {
			s.send([]byte(`{"type":"timeout"}`))
			return
		}
		if !wait(s.r.Context(), s.pause(looks)) {
			return
		}
	}
}

// pause is how long the server waits before it looks again.
func (s *stream) pause(looks int) time.Duration {
	switch {
	case s.query.is("fast") && looks <= 10:
		return 100 * time.Millisecond
	case s.query.is("fast") && looks <= 100:
		return 500 * time.Millisecond
	}
	return 3 * time.Second
}

// look sends an update if there is something new, and reports whether the stream continues. The
// second time there always is: "completed" is left out of all updates but the first and the last.
func (s *stream) look(first bool) bool {
	if first && s.user == nil {
		return s.send(fmt.Appendf(nil, `{"type":"error","error":%s}`, encodeString(notLoggedIn)))
	}
	u, found := s.current()
	if !found || s.user == nil {
		s.send([]byte(`{"type":"notfound"}`))
		return false
	}
	if !first && u.completed != nil && !*u.completed {
		u.completed = nil
	}
	if !first && u.newLogs != nil && *u.newLogs == "" {
		u.newLogs = nil
	}
	fingerprint := u.fingerprint()
	if fingerprint == s.last {
		return true
	}
	s.last = fingerprint
	return s.sendUpdate(u) && (u.completed == nil || !*u.completed)
}

func (s *stream) current() (update, bool) {
	job, found := s.s.jobs.get(s.ws, s.id)
	if !found {
		return update{}, false
	}
	u := newUpdate(job, s.query)
	if job.completed() && !s.query.is("only_result") {
		u.job = job.json(s.s.release, view{})
	}
	return u, true
}

// sendUpdate sends an update, without what the client knows already.
func (s *stream) sendUpdate(u update) bool {
	if u.logOffset != nil {
		if known := int(s.query.int("log_offset", 0)); *u.logOffset == known {
			u.logOffset = nil
		} else {
			s.query["log_offset"] = int64(*u.logOffset)
		}
	}
	if _, asked := s.query["running"]; asked && u.running != nil && *u.running {
		s.query["running"] = true
	}
	return s.send(u.json("update"))
}

// fingerprint is what has to change before an update is sent: all of it but the log's text.
func (u update) fingerprint() string {
	u.newLogs, u.job = nil, nil
	return string(u.json(""))
}

// send writes one event: a line, however long, and an empty one.
func (s *stream) send(event []byte) bool {
	if _, err := fmt.Fprintf(s.w, "data: %s\n\n", event); err != nil {
		return false
	}
	return http.NewResponseController(s.w).Flush() == nil
}
