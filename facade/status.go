package facade

import (
	"context"
	"fmt"
)

// JobStatus is the status of a job. As text, in JSON too, it is WAITING, RUNNING or COMPLETED.
//
// It does not say whether a completed job succeeded. [Client.GetResult] does: it returns a result,
// or a [*JobError] for a job that failed or was canceled.
type JobStatus int

const (
	// JobWaiting means that the job is queued, or scheduled for later. A running job becomes a waiting
	// one if its worker dies.
	JobWaiting JobStatus = iota + 1
	// JobRunning means that a worker runs the job, or that the job is suspended.
	JobRunning
	// JobCompleted means that the job has ended: it succeeded, failed or was canceled.
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

// MarshalText returns the same text as String. A value other than the three is an error.
func (s JobStatus) MarshalText() ([]byte, error) {
	if s < JobWaiting || s > JobCompleted {
		return nil, fmt.Errorf("windmill: %v is not a job status", s)
	}
	return []byte(s.String()), nil
}

// UnmarshalText accepts WAITING, RUNNING and COMPLETED.
func (s *JobStatus) UnmarshalText(text []byte) error {
	for status := JobWaiting; status <= JobCompleted; status++ {
		if string(text) == status.String() {
			*s = status
			return nil
		}
	}
	return fmt.Errorf("windmill: %q is not a job status: want WAITING, RUNNING or COMPLETED", text)
}

// GetJobStatus returns the status of a job: GET /w/{workspace}/jobs_u/get/{id}. [JobCompleted] does
// not say whether the script succeeded; [Client.GetResult] does.
//
// jobID is a UUID. Errors: [ErrInvalidArgument]; [ErrNotFound] if the workspace has no such job
// (the server deletes old ones); [ErrUnauthorized], [ErrForbidden], an [*APIError], or a network
// error. The context bounds the request and its retries.
func (c *Client) GetJobStatus(ctx context.Context, jobID string) (JobStatus, error) {
	id, err := c.jobInWorkspace(jobID)
	if err != nil {
		return 0, err
	}
	job, err := jobReader{c, id, whenLost()}.record(ctx)
	if err != nil {
		return 0, fmt.Errorf("windmill: %w", err)
	}
	return job.status(), nil
}
