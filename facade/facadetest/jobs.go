package facadetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// JobInfo is what the server knows about a job.
type JobInfo struct {
	ID, Path, Hash, Tag string
	// ParentID and RootID are the parent and root job that the submission named, or empty.
	ParentID, RootID string
	// User is the user who started the job.
	User string
	Args json.RawMessage

	Status facade.JobStatus
	// Success and Skipped report how the job ended. A skipped job is not a success here.
	Success, Skipped bool
	// Canceled reports whether cancellation has been requested, for CancelReason. The API does not
	// show it of every canceled child.
	Canceled     bool
	CancelReason string
	// Result is nil until the job has completed. It must not be modified.
	Result json.RawMessage
	// Log is what the job has written, the server's own lines included.
	Log string
	// Attempts is how often a worker has started the job: more than once only after Requeue.
	Attempts int

	CreatedAt, ScheduledFor time.Time
	// StartedAt and CompletedAt are zero until then.
	StartedAt, CompletedAt time.Time
}

// Jobs returns all jobs, in the order of their submission.
func (s *Server) Jobs() []JobInfo {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	jobs := make([]JobInfo, len(s.jobs.created))
	for i, r := range s.jobs.created {
		jobs[i] = r.info()
	}
	return jobs
}

// Job returns the job with this id, and false if there is none.
func (s *Server) Job(jobID string) (JobInfo, bool) {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	r, err := s.jobs.find(jobID)
	if err != nil {
		return JobInfo{}, false
	}
	return r.info(), true
}

func (r *record) info() JobInfo {
	info := r.JobInfo
	info.Args, info.Log = slices.Clone(r.Args), string(r.log)
	return info
}

// find returns a job by its id. The caller holds the lock.
func (q *queue) find(jobID string) (*record, error) {
	id, err := uuid.Parse(jobID)
	if err != nil {
		return nil, fmt.Errorf("facadetest: job id %q is not a UUID", jobID)
	}
	r := q.visible(id)
	if r == nil {
		return nil, fmt.Errorf("facadetest: there is no job %s", jobID)
	}
	return r, nil
}

// Forget deletes a job, as a real server does with old ones. If the job runs, its context is
// canceled and its result discarded. Forget returns an error if there is no such job.
func (s *Server) Forget(jobID string) error {
	q := s.jobs
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.find(jobID)
	if err != nil {
		return err
	}
	delete(q.jobs, r.uid)
	q.created = slices.DeleteFunc(q.created, func(other *record) bool { return other == r })
	q.completed = slices.DeleteFunc(q.completed, func(other *record) bool { return other == r })
	q.dequeue(r)
	if r.running() {
		r.Status = facade.JobWaiting
		r.cancel()
	}
	return nil
}

// Requeue returns a running job to the queue, as a real server does when its worker has died: a
// worker starts it again when one is free. The context of the current run is canceled; what the run
// writes and returns afterwards is discarded. Requeue returns an error if the job is not running.
//
// A free worker starts the job at once, before a client can see it wait; PauseWorkers prevents
// that.
func (s *Server) Requeue(jobID string) error {
	q := s.jobs
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.find(jobID)
	if err != nil {
		return err
	}
	if !r.running() {
		return fmt.Errorf("facadetest: job %s is not running", jobID)
	}
	r.cancel()
	if r.Canceled { // no worker runs it again
		r.Result = canceledResult(r.canceledBy, cmp.Or(r.CancelReason, noReason))
		q.complete(r)
		return nil
	}
	r.Status, r.StartedAt, r.worker = facade.JobWaiting, time.Time{}, ""
	q.enqueue(r)
	q.dispatch()
	return nil
}

// PauseWorkers keeps the workers from starting jobs, until ResumeWorkers. Running jobs continue.
func (s *Server) PauseWorkers() { s.jobs.pause(true) }

// ResumeWorkers lets the workers start jobs again.
func (s *Server) ResumeWorkers() { s.jobs.pause(false) }

func (q *queue) pause(paused bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.paused = paused
	q.dispatch()
}
