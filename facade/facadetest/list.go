package facadetest

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// signedHash returns a hash as the number that it is in the server's database.
func signedHash(hash string) int64 {
	number, _ := strconv.ParseUint(hash, 16, 64) // a hash always parses
	return int64(number)
}

// listCompleted lists the completed jobs that the caller may see, the newest first and without
// their results.
func (c *call) listCompleted() {
	known := params{
		"page": countParam, "per_page": countParam,
		"script_path_exact": textParam, "script_hash": textParam,
	}
	if c.s.release != older {
		known["completed_after"] = timeParam
	}
	q, ok := c.query(known)
	if !ok {
		return
	}
	paths, byPath := q["script_path_exact"].(string)
	text, byHash := q["script_hash"].(string)
	hash, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if byHash && err != nil {
		c.refuse(http.StatusBadRequest, "SqlErr: error returned from database: "+
			"invalid input syntax for type bigint: \"%s\" @jobs.rs:8867:16", text)
		return
	}
	fits := func(r *record) bool {
		return c.ws == c.s.Workspace && c.user.seesJob(*r) &&
			(!byPath || slices.Contains(strings.Split(paths, ","), r.Path)) &&
			(!byHash || hash == signedHash(r.Hash))
	}
	var items [][]byte
	for _, job := range c.s.jobs.list(q, fits) {
		items = append(items, job.json(c.s.release, view{listed: true}))
	}
	c.json(slices.Concat([]byte("["), bytes.Join(items, []byte(",")), []byte("]")))
}

// list returns one page of the completed jobs that fit: the last completed first if the query asks
// for what has completed after a time, the last created first otherwise.
func (q *queue) list(query query, fits func(*record) bool) []record {
	perPage := int(min(query.int("per_page", 1000), 10_000))
	skip := int(min(max(query.int("page", 1)-1, 0), 100_000)) * perPage
	q.mu.Lock()
	defer q.mu.Unlock()
	after, byTime := query["completed_after"].(time.Time)
	jobs := q.created
	if byTime {
		jobs = q.completed
	}
	listed := time.Now().Add(-q.lag)
	var page []record
	for _, r := range slices.Backward(jobs) {
		if byTime && r.CompletedAt.Before(after) {
			break
		}
		if !r.completed() || r.CompletedAt.After(listed) || !fits(r) {
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
	q := s.jobs
	q.mu.Lock()
	defer q.mu.Unlock()
	for range n {
		at := now()
		id := newJobID(at)
		r := &record{uid: id, committed: true, worker: "wk-default-vm-other", JobInfo: JobInfo{
			ID: id.String(), Path: "u/other/script", Hash: "00000000000000ff", Tag: "bash",
			User: "other", Args: []byte("{}"), CreatedAt: at, ScheduledFor: at, StartedAt: at,
			Success: true, Result: []byte("null"),
		}}
		q.jobs[id] = r
		q.created = append(q.created, r)
		q.complete(r)
	}
}
