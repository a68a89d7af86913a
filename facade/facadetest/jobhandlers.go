package facadetest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"
)

// notLoggedIn is what the routes under jobs_u answer to anonymous users, and to everybody whose token will not do.
const notLoggedIn = "Bad request: As a non logged in user, you can only see jobs ran by anonymous users"

// jobID reads the job's id in a path, answering 400 when it is none.
func (c *call) jobID() (uuid.UUID, bool) {
	text, ok := c.decodeParam("id", c.param)
	if !ok {
		return uuid.UUID{}, false
	}
	id, err := uuid.Parse(text)
	if err != nil {
		c.text(http.StatusBadRequest, c.s.release.badID(text))
		return uuid.UUID{}, false
	}
	return id, true
}

// mayRead reports whether the caller may read a job, answering when not.
func (c *call) mayRead(r record) bool {
	switch {
	case c.user == nil:
		c.refuse(http.StatusBadRequest, notLoggedIn)
	case !c.user.seesJob(r):
		c.refuse(http.StatusForbidden, fmt.Sprintf("Permission denied: You do not have access to run %s. Ask a user who can see it to open the run and share a read-only link with you (the \"Share\" button on the run page).", r.id))
	default:
		return true
	}
	return false
}

// getJob answers with the whole job.
func (c *call) getJob() {
	id, ok := c.jobID()
	if !ok {
		return
	}
	q, ok := c.query(params{"no_logs": boolParam, "no_code": boolParam})
	if !ok {
		return
	}
	job, ok := c.s.jobs.get(c.ws, id)
	if !ok {
		c.refuse(http.StatusNotFound, fmt.Sprintf("Not found: Job not found at name %s%s", id, c.s.release.at("jobs.rs:1688")))
		return
	}
	if c.mayRead(job) {
		c.json(job.json(c.s.release, view{logs: !q.is("no_logs")}))
	}
}

// getResult answers with the bare result of a job that has completed. It does not say whether that is a success, nor
// tell a job that has not completed from one that does not exist.
func (c *call) getResult() {
	id, ok := c.jobID()
	if !ok {
		return
	}
	job, ok := c.s.jobs.get(c.ws, id)
	if !ok || !job.completed {
		c.refuse(http.StatusNotFound, fmt.Sprintf("Not found: Completed Job not found at name %s%s", id, c.s.release.at("jobs.rs:8985")))
		return
	}
	if c.mayRead(job) {
		c.json(job.result)
	}
}

// getResultMaybe answers 200 whatever the job does, and for a job that does not exist too. A skipped job counts as
// failed here, and as a success in getJob.
func (c *call) getResultMaybe() {
	id, ok := c.jobID()
	if !ok {
		return
	}
	q, ok := c.query(params{"get_started": boolParam})
	if !ok {
		return
	}
	job, found := c.s.jobs.get(c.ws, id)
	if found && (job.completed || q.is("get_started")) && !c.mayRead(job) {
		return
	}
	if found && job.completed {
		head := fmt.Appendf(nil, `{"started":true,"success":%t,"completed":true,"result":`, job.success)
		c.json(head, job.result, []byte("}"))
		return
	}
	started := "null"
	if q.is("get_started") {
		started = strconv.FormatBool(found && job.running)
	}
	c.json(fmt.Appendf(nil, `{"started":%s,"success":null,"completed":false,"result":null}`, started))
}

// getUpdate answers with what is new in a job's log, and with how far it is.
func (c *call) getUpdate() {
	id, ok := c.jobID()
	if !ok {
		return
	}
	q, ok := c.query(params{"running": boolParam, "log_offset": intParam, "get_progress": boolParam, "no_logs": boolParam, "only_result": boolParam})
	if !ok {
		return
	}
	if c.s.release.old {
		for _, needed := range []string{"running", "log_offset"} {
			if _, sent := q[needed]; !sent {
				c.badQuery("", "missing field `"+needed+"`")
				return
			}
		}
	}
	job, ok := c.s.jobs.get(c.ws, id)
	if !ok {
		c.refuse(http.StatusNotFound, fmt.Sprintf("Not found: Job %s not found", id))
		return
	}
	if c.mayRead(job) {
		c.json(newUpdate(job, q).json(""))
	}
}
