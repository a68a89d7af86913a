package facadetest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// listParams are the filters of the listing that work here. Others are ignored, as every unknown parameter is.
func (r release) listParams() params {
	known := params{
		"page": countParam, "per_page": countParam, "order_desc": boolParam,
		"created_before": timeParam, "created_after": timeParam, "started_before": timeParam, "started_after": timeParam,
		"created_or_started_before": timeParam, "created_or_started_after": timeParam,
		"script_path_exact": textParam, "script_path_start": textParam, "script_hash": textParam, "tag": textParam,
		"created_by": textParam, "parent_job": uuidParam, "success": boolParam, "is_skipped": boolParam,
	}
	if !r.old {
		known["completed_before"], known["completed_after"] = timeParam, timeParam
	}
	return known
}

// listCompleted lists the completed jobs that the caller may see, the newest first and without their results.
func (c *call) listCompleted() {
	q, ok := c.query(c.s.release.listParams())
	if !ok {
		return
	}
	items := [][]byte{[]byte("[")}
	for i, job := range c.s.jobs.list(c.ws, c.user, q) {
		if i > 0 {
			items = append(items, []byte(","))
		}
		items = append(items, job.json(c.s.release, view{listed: true}))
	}
	c.json(append(items, []byte("]"))...)
}

// list returns one page of the completed jobs.
func (q *queue) list(workspace string, user *caller, query query) []record {
	perPage := int(min(query.int("per_page", 1000), 10_000))
	skip := int(max(min(query.int("page", 1), 100_000)-1, 0)) * perPage // more pages there cannot be
	q.mu.Lock()
	defer q.mu.Unlock()
	var page []record
	for r := range q.ordered(query) {
		if r.workspace != workspace || !user.seesJob(*r) || !query.fits(r) {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		if len(page) >= perPage {
			break
		}
		page = append(page, *r)
	}
	return page
}

// ordered goes through the completed jobs that the listing already knows of, in its order: that of their completion
// where it is about that, that of their creation otherwise. The caller holds the lock.
func (q *queue) ordered(query query) func(yield func(*record) bool) {
	_, before := query["completed_before"]
	_, after := query["completed_after"]
	list := q.created
	if before || after {
		list = q.completed
	}
	known := time.Now().Add(-q.lag)
	descending := true
	if desc, sent := query["order_desc"].(bool); sent {
		descending = desc
	}
	return func(yield func(*record) bool) {
		for i := range list {
			r := list[i]
			if descending {
				r = list[len(list)-1-i]
			}
			if r.completed && !r.completedAt.After(known) && !yield(r) {
				return
			}
		}
	}
}

// fits reports whether a job passes the filters.
func (q query) fits(r *record) bool {
	for name, value := range q {
		fits := true
		switch at := value.(type) {
		case time.Time:
			fits = inTime(r, name, at)
		case bool:
			switch name {
			case "success":
				fits = at == (r.success || r.skipped)
			case "is_skipped":
				fits = at == r.skipped
			}
		default:
			fits = matches(r, name, fmt.Sprint(value))
		}
		if !fits {
			return false
		}
	}
	return true
}

func inTime(r *record, name string, at time.Time) bool {
	switch name {
	case "completed_after":
		return !r.completedAt.Before(at)
	case "completed_before":
		return !r.completedAt.After(at)
	case "created_after":
		return !r.createdAt.Before(at)
	case "created_before":
		return !r.createdAt.After(at)
	case "created_or_started_after":
		return !r.createdAt.Before(at) || !r.startedAt.IsZero() && !r.startedAt.Before(at)
	case "started_after":
		return !r.startedAt.IsZero() && !r.startedAt.Before(at)
	default: // started_before, created_or_started_before
		return !r.startedAt.IsZero() && !r.startedAt.After(at)
	}
}

func matches(r *record, name, value string) bool {
	switch name {
	case "script_path_exact":
		return slices.Contains(strings.Split(value, ","), r.path)
	case "script_path_start":
		return strings.HasPrefix(r.path, value)
	case "script_hash":
		return strings.EqualFold(r.hash, value)
	case "tag":
		return slices.Contains(strings.Split(value, ","), r.tag)
	case "created_by":
		return slices.Contains(strings.Split(value, ","), r.createdBy)
	case "parent_job":
		return r.parent == value
	}
	return true
}

// ListLag delays the listing of completed jobs: a job is listed that long after its completed_at. A real server lists
// it a little late too, since completed_at is the start of the transaction that makes the job visible. All other
// operations show the completion at once.
func (s *Server) ListLag(d time.Duration) {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	s.jobs.lag = d
}

// AddOthersJobs adds n jobs of another user that complete now, to fill the listing of completed jobs as on a busy
// server. They have no script.
func (s *Server) AddOthersJobs(n int) {
	for range n {
		at := now()
		id := newJobID(at)
		s.jobs.record(&record{
			uid: id, id: id.String(), workspace: s.Workspace, path: "u/somebody/else", hash: "00000000000000ff", tag: "bash",
			args: []byte("{}"), createdBy: "somebody", email: "somebody@example.com", createdAt: at, scheduledFor: at, startedAt: at,
			success: true, answered: true, result: []byte("null"), worker: "wk-default-vm-other",
		})
	}
}

// record adds a job that has completed elsewhere.
func (q *queue) record(r *record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.submitted++
	r.seq, r.place = q.submitted, -1
	q.jobs[r.uid] = r
	q.created = append(q.created, r)
	q.complete(r)
}
