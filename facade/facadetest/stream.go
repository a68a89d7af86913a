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
	over, ok := s.first()
	began := time.Now()
	lastPing := began
	for looks := 1; ok && !over; looks++ {
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
		if !s.pause(looks) {
			return
		}
		over, ok = s.next()
	}
}

// pause waits until the next look. It returns false if the client has gone.
func (s *stream) pause(looks int) bool {
	delay := 3 * time.Second
	if s.query.is("fast") {
		switch {
		case looks <= 10:
			delay = 100 * time.Millisecond
		case looks <= 100:
			delay = 500 * time.Millisecond
		}
	}
	return wait(s.r.Context(), delay)
}

// first sends an update. over reports whether it was the last event, ok whether it could be sent.
func (s *stream) first() (over, ok bool) {
	if s.user == nil {
		return false, s.send(fmt.Appendf(nil, `{"type":"error","error":%s}`, encodeString(notLoggedIn)))
	}
	u, found := s.current()
	if !found {
		return true, s.send([]byte(`{"type":"notfound"}`))
	}
	s.last = u.fingerprint()
	return s.sendUpdate(u)
}

// next sends an update if there is something new. The first time there always is: "completed" is
// left out of all updates but the first and the last.
func (s *stream) next() (over, ok bool) {
	u, found := s.current()
	if !found || s.user == nil {
		return true, s.send([]byte(`{"type":"notfound"}`))
	}
	if u.completed != nil && !*u.completed {
		u.completed = nil
	}
	if u.newLogs != nil && *u.newLogs == "" {
		u.newLogs = nil
	}
	fingerprint := u.fingerprint()
	if fingerprint == s.last {
		return false, true
	}
	s.last = fingerprint
	return s.sendUpdate(u)
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
func (s *stream) sendUpdate(u update) (over, ok bool) {
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
	return u.completed != nil && *u.completed, s.send(u.json("update"))
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
