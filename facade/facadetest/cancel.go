package facadetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// cancelJob cancels a job. A waiting job completes at once, a waiting child when a worker takes it,
// a running job when its script's function returns.
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
	answer, httpErr := c.s.jobs.cancel(c.ws, id, c.user, reason)
	if httpErr != nil {
		c.refuse(httpErr.status, "%s", httpErr.body)
		return
	}
	c.text(http.StatusOK, answer)
}

// cancelReason reads the request's body, {"reason": …}. The reason may be absent, the body not.
func (c *call) cancelReason() (reason string, ok bool) {
	if !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") {
		c.text(http.StatusUnsupportedMediaType,
			"Expected request with `Content-Type: application/json`")
		return "", false
	}
	var body struct {
		Reason *string `json:"reason"`
	}
	err := json.Unmarshal(c.body, &body)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) || bytes.Equal(bytes.TrimSpace(c.body), []byte("null")):
		c.text(http.StatusUnprocessableEntity, "Failed to deserialize the JSON body into the "+
			"target type: reason: invalid type, expected a string")
		return "", false
	case err != nil || !utf8.Valid(c.body):
		c.text(http.StatusBadRequest, "Failed to parse the request body as JSON: "+badJSON)
		return "", false
	case body.Reason == nil:
		return "", true
	}
	return *body.Reason, true
}

// cancel completes a waiting job, leaves a waiting child to a worker, or cancels a running job's
// context. As on the real server, every user may cancel any job of the workspace, also one that
// they may not read.
func (q *queue) cancel(
	workspace string, id uuid.UUID, user *caller, reason string,
) (answer string, httpErr *httpError) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.visible(id)
	switch {
	case r == nil:
		return "", refusal(http.StatusNotFound, "Not found: queued job id %s does not exist", id)
	case workspace != workspaceID:
		return "", refusal(http.StatusBadRequest, "Bad request: You are not authorized to "+
			"cancel this job belonging to another workspace")
	case r.completed():
		return fmt.Sprintf("queued job id %s is already completed", id), nil
	case user == nil:
		return "", refusal(http.StatusBadRequest, "Bad request: You are not logged in and "+
			"this job was not created by an anonymous user like you so you cannot cancel it")
	case r.Canceled:
		return r.ID, nil
	case !strings.Contains(reason, "\x00"):
		q.markCanceled(r, user.User, reason)
		return r.ID, nil
	case r.running() || r.ParentID != "":
		return "", refusal(http.StatusBadRequest, "%s @jobs.rs:247:32", hasNUL)
	}
	return r.ID, nil // the real server has answered before its database refuses the reason
}

// markCanceled cancels a job that has not completed. The caller holds the lock.
func (q *queue) markCanceled(r *record, by, reason string) {
	r.Canceled, r.canceledBy, r.CancelReason = true, by, reason
	q.dequeue(r)
	switch {
	case r.running():
		r.ScheduledFor = now()
		r.log.append([]byte("\nTerminating child processes..."))
		r.cancel()
		return
	case r.ParentID != "":
		// It is left to a worker. If no worker serves its tag, it stays in the queue.
		r.ScheduledFor = now()
		q.enqueue(r)
	default:
		r.log.append(fmt.Appendf(nil, "canceled by %s: (force cancel: false)", by))
		r.Result = canceledResult(by, cmp.Or(reason, noReason))
		q.complete(r)
	}
	q.dispatch()
}

// noReason is what the server says if no reason was given.
const noReason = "no reason given"
