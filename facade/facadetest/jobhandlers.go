package facadetest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"
)

// notLoggedIn is what the routes under jobs_u answer to anonymous users, and to callers whose token
// is not sufficient.
const notLoggedIn = "Bad request: As a non logged in user, you can only see jobs " +
	"ran by anonymous users"

// jobID reads the job's id in a path, answering 400 if it is none.
func (c *call) jobID() (uuid.UUID, bool) {
	text, ok := c.pathValue("id")
	if !ok {
		return uuid.UUID{}, false
	}
	id, ok := parseUUID(text)
	if !ok {
		c.text(http.StatusBadRequest, c.s.release.badID(text))
	}
	return id, ok
}

// mayRead reports whether the caller may read a job, answering if not.
func (c *call) mayRead(r record) bool {
	switch {
	case c.user == nil:
		c.refuse(http.StatusBadRequest, notLoggedIn)
	case !c.user.seesJob(r):
		c.refuse(http.StatusForbidden, "Permission denied: You do not have access to run %s. "+
			"Ask a user who can see it to open the run and share a read-only link with you "+
			"(the \"Share\" button on the run page).", r.ID)
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
		c.refuse(http.StatusNotFound,
			"Not found: Job not found at name %s%s", id, c.s.release.at("jobs.rs:1688"))
		return
	}
	if c.mayRead(job) {
		c.json(job.json(c.s.release, view{logs: !q.is("no_logs")}))
	}
}

// getResult answers with the bare result of a job that has completed, be it a success or a failure.
// A job that has not completed and one that does not exist get the same answer.
func (c *call) getResult() {
	id, ok := c.jobID()
	if !ok {
		return
	}
	job, ok := c.s.jobs.get(c.ws, id)
	if !ok || !job.completed() {
		c.refuse(http.StatusNotFound,
			"Not found: Completed Job not found at name %s%s", id, c.s.release.at("jobs.rs:8985"))
		return
	}
	if c.mayRead(job) {
		c.json(job.Result)
	}
}

// getResultMaybe answers 200 for every job, also for one that does not exist. A skipped job is a
// failure here, and a success in getJob.
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
	if found && (job.completed() || q.is("get_started")) && !c.mayRead(job) {
		return
	}
	if found && job.completed() {
		c.json(fmt.Appendf(nil, `{"started":true,"success":%t,"completed":true,"result":%s}`,
			job.Success, job.Result))
		return
	}
	started := "null"
	if q.is("get_started") {
		started = strconv.FormatBool(found && job.running())
	}
	c.json(fmt.Appendf(nil, `{"started":%s,"success":null,"completed":false,"result":null}`, started))
}

// getUpdate answers with a job's state and with what is new in its log.
func (c *call) getUpdate() {
	id, ok := c.jobID()
	if !ok {
		return
	}
	q, ok := c.query(updateParams())
	if !ok {
		return
	}
	if c.s.release == older {
		for _, needed := range []string{"running", "log_offset"} {
			if _, sent := q[needed]; !sent {
				c.badQuery("", "missing field `"+needed+"`")
				return
			}
		}
	}
	job, ok := c.s.jobs.get(c.ws, id)
	if !ok {
		c.refuse(http.StatusNotFound, "Not found: Job %s not found", id)
		return
	}
	if c.mayRead(job) {
		c.json(newUpdate(job, q).json(""))
	}
}
