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
	// An anonymous user gets a stream all the same, and the refusal as an event in it.
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
	id       uuid.UUID
	query    query
	last     string // what the client was told last, without the log's text
	measured bool   // the client knows the script's memory
}

// run sends a first update at once, and then looks again and again.
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

// pause waits until it is time to look again. It returns false when the client has gone.
func (s *stream) pause(looks int) bool {
	wait := 3 * time.Second
	if s.query.is("fast") {
		switch {
		case looks <= 10:
			wait = 100 * time.Millisecond
		case looks <= 100:
			wait = 500 * time.Millisecond
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.r.Context().Done():
		return false
	}
}

// first sends an update whatever the job does. over says that it was the last event, ok that it
// could be sent.
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

// next sends an update if there is something new, the first time also when there is nothing.
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
	if job.completed && !s.query.is("only_result") {
		u.job = job.json(s.s.release, view{})
	}
	return u, true
}

// sendUpdate sends an update and remembers what the client knows with it.
func (s *stream) sendUpdate(u update) (over, ok bool) {
	if u.logOffset != nil {
		if known := int(s.query.int("log_offset", 0)); *u.logOffset == known {
			u.logOffset = nil
		} else {
			s.query["log_offset"] = int64(*u.logOffset)
		}
	}
	u.measured, s.measured = u.measured && !s.measured, u.measured || s.measured
	if _, asked := s.query["running"]; asked && u.running != nil && *u.running {
		s.query["running"] = true
	}
	return u.completed != nil && *u.completed, s.send(u.json("update"))
}

// fingerprint is what makes an update news: all of it but the log's text.
func (u update) fingerprint() string {
	u.newLogs, u.job, u.measured = nil, nil, false
	return string(u.json(""))
}

// send writes one event: a line, however long, and an empty one.
func (s *stream) send(event []byte) bool {
	for _, part := range [][]byte{[]byte("data: "), event, []byte("\n\n")} {
		if _, err := s.w.Write(part); err != nil {
			return false
		}
	}
	return http.NewResponseController(s.w).Flush() == nil
}
