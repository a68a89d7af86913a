package facade

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.com/windmill/facade/internal/jsonscan"
	"example.com/windmill/gen"
)

// JobStatus is the status of a job. As text, in JSON too, it is WAITING, RUNNING or COMPLETED.
type JobStatus int

const (
	// JobWaiting means that the job is queued, or scheduled for later. A running job can come to wait again, when its worker dies.
	JobWaiting JobStatus = iota + 1
	// JobRunning means that a worker runs the job, or it is suspended half-way.
	JobRunning
	// JobCompleted means that the job has ended, with a result, a failure or a cancellation.
	JobCompleted
)

// String returns WAITING, RUNNING or COMPLETED.
func (s JobStatus) String() string {
	switch s {
	case JobWaiting:
		return "WAITING"
	case JobRunning:
		return "RUNNING"
	case JobCompleted:
		return "COMPLETED"
	}
	return fmt.Sprintf("JobStatus(%d)", int(s))
}

// MarshalText returns the status in upper case. It fails for a value that is none of the three.
func (s JobStatus) MarshalText() ([]byte, error) {
	if s < JobWaiting || s > JobCompleted {
		return nil, fmt.Errorf("windmill: %v is not a job status", s)
	}
	return []byte(s.String()), nil
}

// UnmarshalText takes WAITING, RUNNING and COMPLETED.
func (s *JobStatus) UnmarshalText(text []byte) error {
	for status := JobWaiting; status <= JobCompleted; status++ {
		if string(text) == status.String() {
			*s = status
			return nil
		}
	}
	return fmt.Errorf("windmill: %q is not a job status: want WAITING, RUNNING or COMPLETED", text)
}

// GetJobStatus returns the status of a job: GET /w/{workspace}/jobs_u/get/{id}, without its logs and code.
//
// jobID has the form of a UUID. Errors: [ErrInvalidArgument]; [ErrNotFound] if the server has no such job in the workspace (it deletes old
// ones), [ErrUnauthorized], [ErrForbidden], an [*APIError], or a network error, after the retries of [WithMaxRetries]. The
// context bounds the request and its retries.
func (c *Client) GetJobStatus(ctx context.Context, jobID string) (JobStatus, error) {
	id, err := c.jobInWorkspace(jobID)
	if err != nil {
		return 0, err
	}
	job, err := c.getJob(ctx, id, call{idempotent: true})
	if err != nil {
		return 0, &aboutJob{"windmill: status of job " + id, id, err}
	}
	return statusOf(job), nil
}

func statusOf(job *jobRecord) JobStatus {
	switch {
	case job.Type == gen.JobTypeCompletedJob:
		return JobCompleted
	case job.Running:
		return JobRunning
	}
	return JobWaiting
}

// jobInWorkspace checks all that a request about a job needs.
func (c *Client) jobInWorkspace(jobID string) (id string, err error) {
	if id, err = parseJobID(jobID); err != nil {
		return "", fmt.Errorf("windmill: %w: %w", ErrInvalidArgument, err)
	}
	return id, c.requireWorkspace()
}

// jobRecord is a job's record, with the Date of the answer that it came in.
type jobRecord struct {
	gen.Job
	date string
}

// getJob reads a job's record. Only what is needed of it is decoded, so that nothing else can spoil it.
func (c *Client) getJob(ctx context.Context, id string, k call) (*jobRecord, error) {
	job := &jobRecord{}
	k.status, k.mediaType = http.StatusOK, "application/json"
	k.check = func(body []byte) (err error) {
		job.Job, err = parseJob(body)
		return err
	}
	yes := true
	resp, err := c.api(k).GetJob(ctx, c.workspace, id, &gen.GetJobParams{NoLogs: &yes, NoCode: &yes})
	if err != nil {
		return nil, err
	}
	job.date = resp.Header.Get("Date")
	return job, resp.Body.Close()
}

func parseJob(body []byte) (gen.Job, error) {
	var job gen.Job
	err := jsonscan.Members(body, func(key, value []byte) (err error) {
		switch string(key) {
		case "type":
			job.Type = gen.JobType(text(value))
		case "running":
			job.Running, err = parseBool(value)
		case "canceled":
			job.Canceled, err = parseBool(value)
		case "success":
			job.Success, err = parseBool(value)
		case "script_hash":
			job.ScriptHash = text(value)
		case "script_path":
			job.ScriptPath = text(value)
		case "created_at":
			job.CreatedAt = text(value)
		case "scheduled_for":
			job.ScheduledFor = text(value)
		}
		return err
	})
	if err == nil && job.Type != gen.JobTypeCompletedJob && job.Type != gen.JobTypeQueuedJob {
		err = errors.New("it is not a job")
	}
	return job, err
}
