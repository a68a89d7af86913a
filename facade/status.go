package facade

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"example.com/windmill/gen"
)

// JobStatus is how far a job is. As text, in JSON too, it is WAITING, RUNNING or COMPLETED.
type JobStatus int

const (
	// JobWaiting: the job is queued, or scheduled for later. A running job can come to wait again, when its worker dies.
	JobWaiting JobStatus = iota + 1
	// JobRunning: a worker runs the job, or it is suspended half-way.
	JobRunning
	// JobCompleted: the job has ended, with a result, a failure or a cancellation.
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

// MarshalText is [JobStatus.String], and an error for a value that is none of the three.
func (s JobStatus) MarshalText() ([]byte, error) {
	if s < JobWaiting || s > JobCompleted {
		return nil, fmt.Errorf("windmill: %v is no job status", s)
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
	return fmt.Errorf("windmill: %q is no job status: it is WAITING, RUNNING or COMPLETED", text)
}

// GetJobStatus asks how far a job is: GET /w/{workspace}/jobs_u/get/{id}, without its logs and code.
//
// jobID is any id of a UUID's shape. Errors: [ErrNotFound] where the server has no such job in the workspace (it deletes old
// ones), [ErrUnauthorized], [ErrForbidden], [*APIError], or a network error, after the retries of [WithMaxRetries]. The
// context bounds the request and its retries.
func (c *Client) GetJobStatus(ctx context.Context, jobID string) (JobStatus, error) {
	id, err := c.jobInWorkspace(jobID)
	if err != nil {
		return 0, err
	}
	job, err := c.getJob(ctx, id, true)
	if err != nil {
		return 0, fmt.Errorf("windmill: status of job %s: %w", id, err)
	}
	return statusOf(job), nil
}

func statusOf(job gen.Job) JobStatus {
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
		return "", fmt.Errorf("windmill: %w", err)
	}
	return id, c.needWorkspace()
}

func (c *Client) getJob(ctx context.Context, id string, repeat bool) (gen.Job, error) {
	var job gen.Job
	req, err := c.fill(ctx, &c.templates.job, id, func(c *Client) (*http.Request, error) {
		yes := true
		return gen.NewGetJobRequest(c.endpoint, c.workspace, blank, &gen.GetJobParams{NoLogs: &yes, NoCode: &yes})
	})
	if err != nil {
		return job, err
	}
	err = c.send(req, asking{repeat: repeat, read: func(body []byte) error {
		job = gen.Job{}
		if err := json.Unmarshal(body, &job); err != nil {
			return fmt.Errorf("it is not a job: %w", err)
		}
		if !job.Type.Valid() {
			return fmt.Errorf("it is not a job: its type is %q", job.Type)
		}
		return nil
	}})
	return job, err
}

// is tells whether an optional field is there and true.
func is(field *bool) bool { return field != nil && *field }
