package facadetest

import (
	"bytes"
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// cancelJob cancels a job. A waiting job completes at once, a waiting child when a worker takes it, a running job when
// its script's function returns.
func (c *call) cancelJob() {
	id, ok := c.jobID()
	if !ok {
		return
	}
	reason, ok := c.cancelReason()
	if !ok {
		return
	}
	if token := tokenOf(c.r); c.user == nil && token != "" && len(token) < 10 {
		c.crash() // the real server panics over a token so short
		return
	}
	switch job, did := c.s.jobs.cancel(c.ws, id, c.user, reason); did {
	case cancelRequested:
		c.text(http.StatusOK, job.id)
	case cancelTooLate:
		c.text(http.StatusOK, fmt.Sprintf("queued job id %s is already completed", id))
	case cancelUnknown:
		c.refuse(http.StatusNotFound, fmt.Sprintf("Not found: queued job id %s does not exist", id))
	case cancelElsewhere:
		c.refuse(http.StatusBadRequest, "Bad request: You are not authorized to cancel this job belonging to another workspace")
	case cancelAnonymous:
		c.refuse(http.StatusBadRequest, "Bad request: You are not logged in and this job was not created by an anonymous user like you so you cannot cancel it")
	}
}

// cancelReason reads the request's body, {"reason": …}, which must be there but may lack the reason.
func (c *call) cancelReason() (reason string, ok bool) {
	if !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") {
		c.text(http.StatusUnsupportedMediaType, "Expected request with `Content-Type: application/json`")
		return "", false
	}
	var body struct {
		Reason *string `json:"reason"`
	}
	err := json.Unmarshal(c.body, &body)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) || bytes.Equal(bytes.TrimSpace(c.body), []byte("null")):
		c.text(http.StatusUnprocessableEntity, "Failed to deserialize the JSON body into the target type: reason: invalid type, expected a string")
		return "", false
	case err != nil:
		c.text(http.StatusBadRequest, "Failed to parse the request body as JSON: "+badJSON)
		return "", false
	case body.Reason == nil:
		return "", true
	}
	return *body.Reason, true
}

// canceling is what became of a request to cancel a job.
type canceling int

const (
	cancelRequested canceling = iota
	cancelTooLate
	cancelUnknown
	cancelElsewhere
	cancelAnonymous
)

// cancel completes a waiting job, leaves a waiting child to a worker, or cancels a running job's context. As on the
// real server, every user may cancel any job of the workspace, also one that they may not read.
func (q *queue) cancel(workspace string, id uuid.UUID, user *caller, reason string) (record, canceling) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.jobs[id]
	switch {
	case r == nil:
		return record{}, cancelUnknown
	case r.workspace != workspace:
		return record{}, cancelElsewhere
	case r.completed:
		return *r, cancelTooLate
	case user == nil:
		return record{}, cancelAnonymous
	case r.canceled:
		return *r, cancelRequested
	}
	r.canceled, r.canceledBy, r.canceledReason = true, user.name, reason
	if r.running {
		r.scheduledFor = now()
		r.log.append([]byte("\nTerminating child processes..."))
		r.cancel()
		return *r, cancelRequested
	}
	if r.place >= 0 {
		heap.Remove(&q.waiting, r.place)
	}
	if r.parent != "" {
		// A waiting child is left to a worker. One whose tag no worker serves stays in the queue.
		r.scheduledFor = now()
		q.enqueue(r)
		q.dispatch()
		return *r, cancelRequested
	}
	r.log.append(fmt.Appendf(nil, "canceled by %s: (force cancel: false)", user.name))
	r.result = canceledResult(r.canceledBy, orNoReason(reason))
	q.complete(r)
	q.dispatch()
	return *r, cancelRequested
}

// orNoReason says what the server says where no reason was given.
func orNoReason(reason string) string {
	if reason == "" {
		return "no reason given"
	}
	return reason
}
