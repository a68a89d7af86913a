package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"example.com/windmill/gen"
)

// GetResult reads the result of a job that has completed: GET /w/{workspace}/jobs_u/completed/get_result_maybe/{id}.
//
// The result is any JSON, byte for byte as the server sent it, null included; [As] decodes it. With [WaitForCompletion] it waits
// until there is one, for as long as the context lets it; it never cancels the job. With [Verbose] it writes the job's logs too.
//
// Errors: [ErrNotFound] where the server has no such job in the workspace, [ErrNotCompleted] where the job is there and has no result yet,
// [*JobError] where its script failed or it was canceled, [ErrUnauthorized], [ErrForbidden], [*APIError], or a network error, after
// the retries of [WithMaxRetries]. With WaitForCompletion, all but a JobError come inside a [*WaitError]; the wait outlives what
// passes: restarts of the server, resets, 429, 502, 503, 504, cut-off answers and proxies' pages, for as long as [WithMaxOutage] says.
func (c *Client) GetResult(ctx context.Context, jobID string, opts ...ResultOption) (json.RawMessage, error) {
	id, err := c.jobInWorkspace(jobID)
	if err != nil {
		return nil, err
	}
	var cfg resultConfig
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("windmill: result option %d is nil", i+1)
		}
		if err := opt.applyToResult(&cfg); err != nil {
			return nil, fmt.Errorf("windmill: %w", err)
		}
	}
	var result json.RawMessage
	if cfg.wait {
		if result, err = c.await(ctx, id, false, cfg.logs); err != nil && !errors.As(err, new(*JobError)) {
			err = &WaitError{JobID: id, Err: err}
		}
	} else {
		result, err = c.resultNow(ctx, id)
		if there := err == nil || errors.Is(err, ErrNotCompleted) || errors.As(err, new(*JobError)); there && cfg.logs != nil {
			c.showLogs(ctx, id, cfg.logs)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("windmill: result of job %s: %w", id, err)
	}
	return result, nil
}

func (c *Client) resultNow(ctx context.Context, id string) (json.RawMessage, error) {
	for n := 1; ; n++ {
		m, err := c.getResultMaybe(ctx, id, true)
		if err != nil {
			return nil, err
		}
		if m.completed {
			return c.outcome(ctx, id, m, true)
		}
		// Of a job that is not there the server says the same.
		job, err := c.getJob(ctx, id, true)
		if err != nil {
			return nil, err
		}
		if status := statusOf(job); status != JobCompleted {
			return nil, fmt.Errorf("%w: it is %v", ErrNotCompleted, status)
		}
		if n > max(1, c.maxRetries) {
			return nil, fmt.Errorf("%w: %w", ErrNotCompleted, errNoResult)
		}
		// It has completed between the two.
		if err := sleep(ctx, backoff(n)); err != nil {
			return nil, err
		}
	}
}

// getResultMaybe asks whether a job has completed, and for its result. It always asks whether the job has started, since only then does
// the server say of a bad token that it is one.
func (c *Client) getResultMaybe(ctx context.Context, id string, repeat bool) (maybe, error) {
	var m maybe
	req, err := c.fill(ctx, &c.templates.result, id, func(c *Client) (*http.Request, error) {
		yes := true
		return gen.NewGetCompletedJobResultMaybeRequest(c.endpoint, c.workspace, blank, &gen.GetCompletedJobResultMaybeParams{GetStarted: &yes})
	})
	if err != nil {
		return m, err
	}
	ask := asking{repeat: repeat, read: func(body []byte) error {
		m = maybe{}
		return m.read(body, &c.order)
	}}
	if !repeat {
		ask.patience = lookPatience
	}
	err = c.send(req, ask)
	return m, err
}

// outcome turns the result of a completed job into what the caller gets. A skipped job is no success here and one in the job's own
// record, which alone knows for certain of a cancellation, too.
func (c *Client) outcome(ctx context.Context, id string, m maybe, repeat bool) (json.RawMessage, error) {
	if m.success {
		return m.result, nil
	}
	job, err := c.getJob(ctx, id, repeat)
	switch {
	case errors.Is(err, ErrNotFound): // deleted since
		return nil, c.newJobError(id, m.result, false)
	case err != nil:
		return nil, fmt.Errorf("the job has completed without success; asking whether it was canceled: %w", err)
	case job.Success:
		return m.result, nil
	}
	return nil, c.newJobError(id, m.result, job.Canceled)
}
