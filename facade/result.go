package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"example.com/windmill/facade/internal/wait"
)

// GetResult returns the result of a completed job: GET
// /w/{workspace}/jobs_u/completed/get_result_maybe/{id}.
//
// The result is any JSON value, null included, byte for byte as the server sent it, up to 1 GiB;
// [As] decodes it. With [WaitForCompletion], GetResult waits until the job has completed or the
// context ends; it never cancels the job. With [Logs] or [Verbose] it writes the job's log, too.
//
// Errors: [ErrInvalidArgument]; [ErrNotFound] if the workspace has no such job; [ErrNotCompleted]
// if the job has no result yet; a [*JobError] if the script failed or the job was canceled;
// [ErrUnauthorized], [ErrForbidden], an [*APIError], or a network error. With WaitForCompletion,
// every error but a *JobError and ErrInvalidArgument comes in a [*WaitError].
func (c *Client) GetResult(
	ctx context.Context, jobID string, opts ...ResultOption,
) (json.RawMessage, error) {
	id, err := c.jobInWorkspace(jobID)
	if err != nil {
		return nil, err
	}
	var cfg resultConfig
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("windmill: %w: result option %d is nil", ErrInvalidArgument, i+1)
		}
		if err := opt.applyToResult(&cfg); err != nil {
			return nil, fmt.Errorf("windmill: %w: %w", ErrInvalidArgument, err)
		}
	}
	var state jobState
	if cfg.wait {
		w := &waiter{client: c, job: wait.Job{ID: id}}
		if state, err = w.await(ctx, cfg.logs); err != nil {
			err = &WaitError{JobID: id, Err: err}
		}
	} else {
		state, err = jobReader{c, id, whenLost()}.now(ctx, cfg.logs)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("windmill: %w", err)
	case state.failed != nil:
		return nil, fmt.Errorf("windmill: %w", state.failed)
	}
	return state.result, nil
}

// now returns the state of a job that has completed, and writes what there is of its log.
func (r jobReader) now(ctx context.Context, logs logOption) (jobState, error) {
	state, err := r.look(ctx, true, false)
	if errors.Is(err, errNoResult) {
		err = fmt.Errorf("job %s: %w: %w", r.id, ErrNotCompleted, err)
	}
	if err != nil {
		return state, err
	}
	if logs.w != nil {
		r.client.copyLog(ctx, r.id, logs, state.status == JobCompleted)
	}
	if state.status != JobCompleted {
		return state, fmt.Errorf("job %s: %w: it is %v", r.id, ErrNotCompleted, state.status)
	}
	return state, nil
}
