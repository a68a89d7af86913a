package facadetest

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// runParams are the query parameters of the two routes that run a script.
func runParams() params {
	return params{
		"scheduled_for": timeParam, "scheduled_in_secs": intParam, "job_id": uuidParam,
		"parent_job": uuidParam, "root_job": uuidParam, "tag": textParam,
	}
}

// runByHash runs one version of a script.
func (c *call) runByHash() {
	text, ok := c.pathValue("script_hash")
	if !ok {
		return
	}
	hash, ok := c.hash(text)
	if !ok {
		return
	}
	q, args, ok := c.submission()
	if !ok {
		return
	}
	deployed, _ := c.s.versions.Load(hash)
	version, _ := deployed.(*script)
	switch {
	case version == nil || c.ws != c.s.Workspace:
		c.refuse(http.StatusBadRequest, "%s", c.s.release.noRows())
	case !c.mayUse(version.path):
	case !c.user.sees(version.path):
		c.refuse(http.StatusNotFound, "Not found: script not found at name %d%s",
			signedHash(hash), c.s.release.at("lib.rs:1642"))
	default:
		c.submit(version, q, args)
	}
}

// hash reads a script's hash, answering 400 if it is none. The newer server accepts a hash that is
// too long, and truncates it; the older one has no script with that hash.
func (c *call) hash(text string) (hash string, ok bool) {
	complaint := ""
	if len(text)%2 != 0 {
		complaint = c.s.release.badHash("Odd number of digits")
	} else if _, err := hex.DecodeString(text); err != nil {
		at := strings.IndexFunc(text, func(ch rune) bool {
			return !strings.ContainsRune("0123456789abcdefABCDEF", ch)
		})
		complaint = c.s.release.badHash(
			fmt.Sprintf("Invalid character '%c' at position %d", []rune(text[at:])[0], at))
	} else if len(text) < 16 {
		complaint = c.s.release.shortHash(text)
	}
	if complaint != "" {
		c.text(http.StatusBadRequest, complaint)
		return "", false
	}
	if c.s.release != older {
		text = text[:16]
	}
	return strings.ToLower(text), true
}

// runByPath runs the version of a script that was deployed last.
func (c *call) runByPath() {
	path, ok := c.windmillPath()
	if !ok {
		return
	}
	q, args, ok := c.submission()
	if !ok {
		return
	}
	deployed, _ := c.s.scripts.Load(path)
	version, _ := deployed.(*script)
	switch {
	case !c.mayUse(path):
	case version == nil || c.ws != c.s.Workspace:
		c.refuse(http.StatusNotFound,
			"Not found: script not found at name %s%s", path, c.s.release.at("lib.rs:1571"))
	case !c.user.sees(path):
		c.refuse(http.StatusUnauthorized, "Not authorized: You are not authorized to access "+
			"this script: %s (but it exists). Your permissions are: %s",
			path, c.user.debug("AuthedRef", ""))
	default:
		c.submit(version, q, args)
	}
}

// submission reads the query and the body of a submission, answering 400 if it cannot.
func (c *call) submission() (q query, args []byte, ok bool) {
	if q, ok = c.query(runParams()); !ok {
		return nil, nil, false
	}
	args, ok = c.args()
	return q, args, ok
}

// submit queues a job and answers with its id.
func (c *call) submit(version *script, q query, args []byte) {
	created := now()
	scheduled, ok := scheduledFor(q, created)
	if !ok {
		c.crash()
		return
	}
	tag := q.text("tag")
	if tag == "" {
		tag = version.tag
	} else if !c.user.admin() {
		c.refuse(http.StatusBadRequest, "Bad request: Only super admins are allowed to use tags "+
			"that are not included in the allowed CUSTOM_TAGS: []")
		return
	}
	id, ok := q["job_id"].(uuid.UUID)
	if !ok {
		id = newJobID(created)
	}
	job := &record{uid: id, script: version, JobInfo: JobInfo{
		ID: id.String(), Path: version.path, Hash: version.hash, Tag: tag, Args: args,
		ParentID: q.id("parent_job"), RootID: q.id("root_job"), User: c.user.User,
		Status: facade.JobWaiting, CreatedAt: created, ScheduledFor: scheduled,
	}}
	taken, ok := c.s.jobs.reserve(job)
	switch {
	case ok:
		_ = wait(c.s.ctx, c.fault.commit)
		c.s.jobs.commit(job)
		c.text(http.StatusCreated, id.String())
	case taken.committed && c.user.seesJob(taken):
		c.refuse(http.StatusBadRequest, "Bad request: Job with id %s already exists", id)
	default:
		// The real server looks for the id before it inserts the job. It does not find what the
		// caller may not see, nor what another request is inserting; the insertion then fails.
		c.refuse(http.StatusBadRequest, "SqlErr: error returned from database: duplicate key "+
			"value violates unique constraint \"job_pkey\" @jobs.rs:6376:5")
	}
}

// scheduledFor returns when a job is to run, or false where the real server panics over a date out
// of range.
func scheduledFor(q query, created time.Time) (time.Time, bool) {
	if at, ok := q["scheduled_for"].(time.Time); ok {
		return at.UTC().Truncate(time.Microsecond), true
	}
	seconds := q.int("scheduled_in_secs", 0)
	const (
		latest   = 8_200_000_000_000     // about the seconds from now to the last date
		overflow = 9_200_000_000_000_000 // from here on the milliseconds overflow, to 0
	)
	switch {
	case seconds >= overflow || seconds <= -overflow:
		return created, true
	case seconds >= latest || seconds <= -latest:
		return time.Time{}, false
	}
	return time.UnixMicro(created.UnixMicro() + seconds*1_000_000).UTC(), true
}

// newJobID makes an id as the server does: a time and random bytes, spelled as a UUID but without a
// version.
func newJobID(at time.Time) uuid.UUID {
	var id uuid.UUID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	_, _ = rand.Read(id[6:]) // never fails
	return id
}
