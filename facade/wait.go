package facade

import (
	"context"
	"time"

	"example.com/windmill/facade/internal/joblog"
	"example.com/windmill/facade/internal/transport"
	"example.com/windmill/facade/internal/wait"
	"example.com/windmill/gen"
)

const (
	// lookTimeout is how long the server may be silent during a look. While its database is away, it
	// is silent for a minute.
	lookTimeout = 20 * time.Second
	// firstResponseTime: a wait ends after this long if the server has never responded and its trouble
	// looks permanent.
	firstResponseTime = 10 * time.Second
	// trustSubmission: for this long after submitting, a job is taken to exist.
	trustSubmission = time.Second
)

func (c *Client) newScheduler() *wait.Scheduler {
	return wait.New(wait.Config{
		List: c.listCompleted, Classify: c.classify, ContextError: transport.ContextError, Log: c.log,
	})
}

// classify says what a failed look means for the wait.
func (c *Client) classify(err error) wait.Failure {
	f := wait.Failure{Final: finalError(err), Tolerance: c.maxOutage, Reason: reason(err)}
	if e := failureOf(err); e != nil {
		f.RetryAfter = e.RetryAfter
		// A 2xx that is not the documented response is most likely another server's.
		if !c.transport.Responded() && (e.Unsent || !e.Passing || e.Status/100 == 2) {
			f.Tolerance = min(firstResponseTime, c.maxOutage)
		}
	}
	return f
}

// waiter waits for one job, for one caller. Only its client, job and submitted are set at first.
type waiter struct {
	client    *Client
	job       wait.Job
	submitted bool // by the call that waits, to run now
	since     time.Time
	running   bool // by the last look
	log       *logReader
}

// await waits for the job to complete. The error is not the script's.
func (w *waiter) await(ctx context.Context, logs logOption) (jobState, error) {
	if ctx.Err() != nil {
		return jobState{}, transport.ContextError(ctx, nil)
	}
	w.since = time.Now()
	w.job.Look, w.job.Stream = w.look, w.stream
	if logs.w != nil {
		w.log = w.client.newLogReader(w.job.ID, logs)
		w.job.Followed = true
		if w.submitted {
			w.log.Status(joblog.Waiting)
		}
	}
	report, err := w.client.waits.Wait(ctx, &w.job)
	if w.log != nil {
		w.log.finish(ctx, err)
	}
	if err != nil {
		return jobState{}, err
	}
	return report.Value.(jobState), nil
}

// look asks once how the job is. expect says that it is believed to have completed.
func (w *waiter) look(ctx context.Context, expect bool) (wait.Report, error) {
	if !expect && w.log.wantsPoll(w.since) {
		update, err := w.log.poll(ctx, transport.Policy{IdleTimeout: logTimeout}, false)
		if err == nil && !update.Completed {
			return wait.Report{Started: update.Running}, nil
		}
		expect = err == nil
	}
	exists := w.submitted && time.Since(w.since) < trustSubmission
	job := jobReader{w.client, w.job.ID, transport.Policy{IdleTimeout: lookTimeout}}
	state, err := job.look(ctx, w.running || expect || exists, exists)
	if err != nil {
		return wait.Report{}, err
	}
	w.running = state.status == JobRunning
	if w.log != nil && state.status != JobCompleted {
		w.log.Status(joblog.Status(state.status))
	}
	return wait.Report{
		Done: state.status == JobCompleted, Started: w.running, Due: state.due, Value: state,
	}, nil
}

// listCompleted reads a page of the jobs that have completed: GET
// /w/{workspace}/jobs/completed/list.
func (c *Client) listCompleted(ctx context.Context, q wait.Query) ([]wait.Completion, error) {
	params := gen.ListCompletedJobsParams{PerPage: &q.PerPage, Page: &q.Page}
	if after := q.After.UTC(); !q.After.IsZero() {
		params.CompletedAfter = &after
	}
	p := transport.Policy{IdleTimeout: lookTimeout}
	listed, err := request(ctx, c, p, func(api *gen.ClientWithResponses) (*[]gen.ListedJob, error) {
		resp, err := api.ListCompletedJobsWithResponse(ctx, c.workspace, &params)
		if err != nil {
			return nil, err
		}
		return resp.JSON200, nil
	})
	if err != nil {
		return nil, err
	}
	jobs := make([]wait.Completion, len(*listed))
	for i, job := range *listed {
		jobs[i] = wait.Completion{ID: job.ID, At: completedAt(job, q.After)}
	}
	return jobs, nil
}

// completedAt returns when a listed job completed, by the server's clock, or a little earlier. A
// job that never ran does not say; it counts as one of the oldest that were asked for.
func completedAt(job gen.ListedJob, oldest time.Time) time.Time {
	started, err := time.Parse(time.RFC3339, job.StartedAt)
	if err != nil {
		return oldest
	}
	return started.Add(time.Duration(job.DurationMs * float64(time.Millisecond)))
}
