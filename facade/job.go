package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/windmill/facade/internal/transport"
	"example.com/windmill/gen"
)

// jobState is what the server says of a job.
type jobState struct {
	status JobStatus
	due    time.Time       // when a waiting job may start, by our clock; zero means now
	result json.RawMessage // of a completed job
	failed *JobError       // why a completed job has no result
}

// jobRecord is a job's record, with the server's time.
type jobRecord struct {
	gen.Job
	date string
}

func (j *jobRecord) status() JobStatus {
	switch {
	case j.Type == gen.JobTypeCompletedJob:
		return JobCompleted
	case j.Running:
		return JobRunning
	}
	return JobWaiting
}

// due returns when a waiting job may start, by our clock, or the zero time if it may start now. The
// server's clock may be ahead of ours; what it shows is in the response's Date, in whole seconds.
func (j *jobRecord) due() time.Time {
	at, err := time.Parse(time.RFC3339, j.ScheduledFor)
	created, err2 := time.Parse(time.RFC3339, j.CreatedAt)
	if err != nil || err2 != nil || at.Sub(created) < 2*time.Second {
		return time.Time{}
	}
	date, err := http.ParseTime(j.date)
	if err != nil {
		return at
	}
	return time.Now().Add(at.Sub(date) - time.Second)
}

// jobReader asks the server about one job.
type jobReader struct {
	client *Client
	id     string
	policy transport.Policy
}

// record reads the job's record: GET /w/{workspace}/jobs_u/get/{id}.
func (r jobReader) record(ctx context.Context) (*jobRecord, error) {
	read := func(api *gen.ClientWithResponses) (*jobRecord, error) {
		yes := true
		params := &gen.GetJobParams{NoLogs: &yes, NoCode: &yes}
		resp, err := api.GetJobWithResponse(ctx, r.client.workspace, r.id, params)
		switch {
		case err != nil:
			return nil, err
		case resp.JSON200 == nil:
			return nil, nil
		case resp.JSON200.Type != gen.JobTypeQueuedJob && resp.JSON200.Type != gen.JobTypeCompletedJob:
			return nil, errors.New("it is not a job")
		}
		return &jobRecord{*resp.JSON200, resp.HTTPResponse.Header.Get("Date")}, nil
	}
	return request(ctx, r.client, r.policy, read)
}

// result asks whether the job has completed, and for its result: GET
// /w/{workspace}/jobs_u/completed/get_result_maybe/{id}. It always asks whether the job has
// started, since only then does the server report a bad token.
func (r jobReader) result(ctx context.Context) (*gen.ResultMaybe, error) {
	read := func(api *gen.ClientWithResponses) (*gen.ResultMaybe, error) {
		yes := true
		params := &gen.GetCompletedJobResultMaybeParams{GetStarted: &yes}
		resp, err := api.GetCompletedJobResultMaybeWithResponse(
			ctx, r.client.workspace, r.id, params)
		switch {
		case err != nil:
			return nil, err
		case resp.JSON200 == nil:
			return nil, nil
		case resp.JSON200.Completed == nil:
			return nil, errors.New("it does not say whether the job has completed")
		case *resp.JSON200.Completed && resp.JSON200.Result == nil:
			return nil, errors.New("it has no result, although the job has completed")
		}
		return resp.JSON200, nil
	}
	return request(ctx, r.client, r.policy, read)
}

var errNoResult = errors.New("the server says that the job has completed, and has no result of it")

// look asks how the job is, in one to three requests. It asks for the result first if that is
// likely to be there or the job to run, and for the record first otherwise: of a job that does not
// exist, the server says the same as of one that waits, unless the record is asked for. exists
// says that the job is known to exist.
func (r jobReader) look(ctx context.Context, resultFirst, exists bool) (jobState, error) {
	if resultFirst {
		resp, err := r.result(ctx)
		switch {
		case err != nil:
			return jobState{}, err
		case *resp.Completed:
			return r.completed(ctx, resp, nil)
		case valueOf(resp.Started):
			return jobState{status: JobRunning}, nil
		case exists:
			return jobState{status: JobWaiting}, nil
		}
	}
	job, err := r.record(ctx)
	if err != nil {
		return jobState{}, err
	}
	if status := job.status(); status != JobCompleted {
		return jobState{status: status, due: job.due()}, nil
	}
	resp, err := r.result(ctx)
	if err != nil {
		return jobState{}, err
	}
	if !*resp.Completed {
		return jobState{}, errNoResult
	}
	return r.completed(ctx, resp, job)
}

// completed returns the state of a completed job. Only its record says that it was canceled, or
// that it was skipped, which is a success that get_result_maybe calls none. So without the record,
// only a success is reported.
func (r jobReader) completed(
	ctx context.Context, resp *gen.ResultMaybe, job *jobRecord,
) (jobState, error) {
	if valueOf(resp.Success) {
		return jobState{status: JobCompleted, result: resp.Result}, nil
	}
	if job == nil {
		var err error
		if job, err = r.record(ctx); err != nil {
			return jobState{}, err
		}
		if job.status() != JobCompleted {
			return jobState{}, fmt.Errorf("job %s: the server says that it has completed, "+
				"and its record that it has not", r.id)
		}
	}
	if job.Success {
		return jobState{status: JobCompleted, result: resp.Result}, nil
	}
	failed := r.client.newJobError(r.id, resp.Result, job.Canceled)
	return jobState{status: JobCompleted, failed: failed}, nil
}

// valueOf returns the value of an optional field, or the zero value if it is not there.
func valueOf[T any](field *T) (value T) {
	if field != nil {
		value = *field
	}
	return value
}
