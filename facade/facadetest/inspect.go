package facadetest

import (
	"container/heap"
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
	// ParentID and RootID are the jobs that it was said to be started from, or empty.
	ParentID, RootID string
	// User is who started the job.
	User string
	Args json.RawMessage

	// Status is how far the job is.
	Status facade.JobStatus
	// Success and Skipped say how the job ended. A skipped job is no success here.
	Success, Skipped bool
	// Canceled is true as soon as the job's end has been asked for; CancelReason is what for.
	Canceled     bool
	CancelReason string
	// Result is nil until the job has completed. It is what the server gives out, so it must not be changed.
	Result json.RawMessage
	// Log is what the job has written, the server's own lines included.
	Log string
	// Attempts is how often a worker has started the job: more than once after Requeue only.
	Attempts int

	CreatedAt, ScheduledFor time.Time
	// StartedAt and CompletedAt are zero until it has happened.
	StartedAt, CompletedAt time.Time
}

// Jobs returns all jobs that the server knows, in the order in which they were submitted.
func (s *Server) Jobs() []JobInfo {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	jobs := make([]JobInfo, len(s.jobs.created))
	for i, r := range s.jobs.created {
		jobs[i] = r.info()
	}
	return jobs
}

// Job returns what the server knows about one job, and false when it knows none with this id.
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
	status := facade.JobWaiting
	switch {
	case r.completed:
		status = facade.JobCompleted
	case r.running:
		status = facade.JobRunning
	}
	return JobInfo{
		ID: r.id, Path: r.path, Hash: r.hash, Tag: r.tag, ParentID: r.parent, RootID: r.root, User: r.createdBy, Args: slices.Clone(r.args),
		Status: status, Success: r.success, Skipped: r.skipped, Canceled: r.canceled, CancelReason: r.canceledReason,
		Result: r.result[:len(r.result):len(r.result)], Log: string(r.log.bytes), Attempts: r.attempts,
		CreatedAt: r.createdAt, ScheduledFor: r.scheduledFor, StartedAt: r.startedAt, CompletedAt: r.completedAt,
	}
}

// find returns a job by its id. The caller holds the lock.
func (q *queue) find(jobID string) (*record, error) {
	id, err := uuid.Parse(jobID)
	if err != nil {
		return nil, fmt.Errorf("facadetest: job id %q: it is no UUID", jobID)
	}
	r := q.jobs[id]
	if r == nil {
		return nil, fmt.Errorf("facadetest: job %s: the server has no such job", jobID)
	}
	return r, nil
}

// Forget removes a job, as a real server does with old ones: from then on it has never existed. A running script is
// told to end, and what it returns is dropped. It is an error when there is no such job.
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
	if r.place >= 0 {
		heap.Remove(&q.waiting, r.place)
	}
	if r.running {
		r.running = false
		r.cancel()
	}
	return nil
}

// Requeue takes a running job from its worker, as a real server does when a worker has died: the job waits again, and
// is started anew when a worker is free. The script's function is told to end; what it writes and returns from then on
// is dropped. It is an error when the job does not run.
//
// A worker that is free takes the job at once, before a client has seen it wait; PauseWorkers prevents that.
func (s *Server) Requeue(jobID string) error {
	q := s.jobs
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.find(jobID)
	if err != nil {
		return err
	}
	if !r.running {
		return fmt.Errorf("facadetest: job %s: it does not run, so it cannot be taken from its worker", jobID)
	}
	r.cancel()
	if r.canceled { // nobody will run it again
		r.result = canceledResult(r.canceledBy, orNoReason(r.canceledReason))
		q.complete(r)
		return nil
	}
	r.running, r.startedAt, r.worker = false, time.Time{}, ""
	q.enqueue(r)
	q.dispatch()
	return nil
}

// PauseWorkers keeps the workers from starting jobs, until ResumeWorkers. Jobs that run go on.
func (s *Server) PauseWorkers() { s.jobs.pause(true) }

// ResumeWorkers lets the workers start jobs again.
func (s *Server) ResumeWorkers() { s.jobs.pause(false) }

func (q *queue) pause(paused bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.paused = paused
	q.dispatch()
}
