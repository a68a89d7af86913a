package facadetest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// filter is a query parameter of the listing that selects jobs.
type filter struct {
	kind kind
	fits func(r *record, value any) bool
}

// listFilters returns the filters that work here. Others are ignored, as every unknown parameter.
func (r release) listFilters() map[string]filter {
	created := func(r *record) time.Time { return r.createdAt }
	started := func(r *record) time.Time { return r.startedAt }
	completed := func(r *record) time.Time { return r.completedAt }
	filters := map[string]filter{
		"created_before":            before(created),
		"created_after":             after(created),
		"started_before":            before(started),
		"started_after":             after(started),
		"created_or_started_before": before(started),
		"created_or_started_after":  after(created, started),
		"script_path_exact":         oneOf(func(r *record) string { return r.path }),
		"script_path_start": {textParam, func(r *record, value any) bool {
			return strings.HasPrefix(r.path, value.(string))
		}},
		"script_hash": {textParam, func(r *record, value any) bool {
			hash, _ := parseBigint(value.(string)) // checked before
			return hash == signedHash(r.hash)
		}},
		"tag":        oneOf(func(r *record) string { return r.tag }),
		"created_by": oneOf(func(r *record) string { return r.createdBy }),
		"parent_job": {uuidParam, func(r *record, value any) bool {
			return r.parent == fmt.Sprint(value)
		}},
		"success": {boolParam, func(r *record, value any) bool {
			return value == (r.success || r.skipped)
		}},
		"is_skipped": {boolParam, func(r *record, value any) bool { return value == r.skipped }},
	}
	if !r.old {
		filters["completed_before"], filters["completed_after"] = before(completed), after(completed)
	}
	return filters
}

// after selects jobs of which one of the times is known and not before the value.
func after(times ...func(*record) time.Time) filter {
	return filter{timeParam, func(r *record, value any) bool {
		return slices.ContainsFunc(times, func(of func(*record) time.Time) bool {
			at := of(r)
			return !at.IsZero() && !at.Before(value.(time.Time))
		})
	}}
}

// before selects jobs of which the time is known and not after the value.
func before(of func(*record) time.Time) filter {
	return filter{timeParam, func(r *record, value any) bool {
		at := of(r)
		return !at.IsZero() && !at.After(value.(time.Time))
	}}
}

// oneOf selects jobs of which the text is in the value, a list with commas.
func oneOf(of func(*record) string) filter {
	return filter{textParam, func(r *record, value any) bool {
		return slices.Contains(strings.Split(value.(string), ","), of(r))
	}}
}

// signedHash returns a hash as the number that it is in the server's database.
func signedHash(hash string) int64 {
	number, _ := strconv.ParseUint(hash, 16, 64) // a hash always parses
	return int64(number)
}

// parseBigint parses a number as the server's database does.
func parseBigint(text string) (int64, error) {
	return strconv.ParseInt(strings.TrimSpace(text), 10, 64)
}

// listCompleted lists the completed jobs that the caller may see, the newest first and without
// their results.
func (c *call) listCompleted() {
	filters := c.s.release.listFilters()
	known := params{"page": countParam, "per_page": countParam, "order_desc": boolParam}
	for name, filter := range filters {
		known[name] = filter.kind
	}
	q, ok := c.query(known)
	if !ok {
		return
	}
	if hash, sent := q["script_hash"].(string); sent {
		if _, err := parseBigint(hash); err != nil {
			complaint := fmt.Sprintf(`invalid input syntax for type bigint: "%s"`, hash)
			if errors.Is(err, strconv.ErrRange) {
				complaint = fmt.Sprintf(`value "%s" is out of range for type bigint`, hash)
			}
			c.refuse(http.StatusBadRequest,
				"SqlErr: error returned from database: %s @jobs.rs:8867:16", complaint)
			return
		}
	}
	fits := func(r *record) bool {
		if r.workspace != c.ws || !c.user.seesJob(*r) {
			return false
		}
		for name, value := range q {
			if filter, is := filters[name]; is && !filter.fits(r, value) {
				return false
			}
		}
		return true
	}
	items := [][]byte{[]byte("[")}
	for i, job := range c.s.jobs.list(q, fits) {
		if i > 0 {
			items = append(items, []byte(","))
		}
		items = append(items, job.json(c.s.release, view{listed: true}))
	}
	c.json(append(items, []byte("]"))...)
}

// list returns one page of the completed jobs that fit: in the order of their completion if the
// query is about that, in the order of their creation otherwise.
func (q *queue) list(query query, fits func(*record) bool) []record {
	perPage := int(min(query.int("per_page", 1000), 10_000))
	skip := int(min(max(query.int("page", 1)-1, 0), 100_000)) * perPage
	q.mu.Lock()
	defer q.mu.Unlock()
	_, before := query["completed_before"]
	_, after := query["completed_after"]
	jobs := q.created
	if before || after {
		jobs = q.completed
	}
	listed := time.Now().Add(-q.lag)
	var page []record
	for i := range jobs {
		r := jobs[i]
		if ascending := query["order_desc"] == false; !ascending {
			r = jobs[len(jobs)-1-i]
		}
		if !r.completed || r.completedAt.After(listed) || !fits(r) {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		if len(page) == perPage {
			break
		}
		page = append(page, *r)
	}
	return page
}

// ListLag delays the listing of completed jobs: a job is listed that long after its completed_at. A
// real server lists it a little late too, since completed_at is the start of the transaction that
// makes the job visible. All other operations show the completion at once.
func (s *Server) ListLag(d time.Duration) {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	s.jobs.lag = d
}

// AddOthersJobs adds n jobs of another user that complete now, to fill the listing of completed
// jobs as on a busy server. They have no script.
func (s *Server) AddOthersJobs(n int) {
	for range n {
		at := now()
		id := newJobID(at)
		s.jobs.record(&record{
			uid: id, id: id.String(), workspace: s.Workspace, path: "u/somebody/else",
			hash: "00000000000000ff", tag: "bash", args: []byte("{}"), createdBy: "somebody",
			email: "somebody@example.com", createdAt: at, scheduledFor: at, startedAt: at,
			success: true, result: []byte("null"), worker: "wk-default-vm-other",
		})
	}
}

// record adds a job that has completed elsewhere.
func (q *queue) record(r *record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r.place, r.committed = -1, true
	q.jobs[r.uid] = r
	q.created = append(q.created, r)
	q.complete(r)
}
