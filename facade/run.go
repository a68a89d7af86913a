package facade

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"example.com/windmill/facade/internal/wait"
)

// freshTime: a job whose submission began less than this ago has most likely not completed yet.
const freshTime = 100 * time.Millisecond

// RunScriptAsync starts a script and returns the id of its job, without waiting for it: POST
// /w/{workspace}/jobs/run/p/{path} or /w/{workspace}/jobs/run/h/{hash}.
//
// script is a path (u/…, f/…, g/…, hub/…: the version deployed last) or the hash of a version (16
// hex digits: exactly that version). args is a map, a struct, or another value that encodes to a
// JSON object by the rules of [encoding/json]; nil means no arguments. Both are checked before
// anything is sent.
//
// A call never starts a script twice, even when its response is lost: the request carries the job's
// id, and is repeated as often as [WithMaxRetries] allows. If it remains unknown whether the job
// was started, or the context ends before that is known, RunScriptAsync returns the id together
// with an error; [Client.GetJobStatus] tells later, and another call with [JobID] joins the job. An
// error without an id means that no job was started. The end of the context cancels no job.
//
// Errors: [ErrInvalidArgument]; [ErrNotFound] if there is no such script, or, for a hash, no such
// workspace; [ErrUnauthorized], [ErrForbidden], [ErrJobIDTaken], an [*APIError], or a network
// error.
func (c *Client) RunScriptAsync(
	ctx context.Context, script string, args any, opts ...RunOption,
) (jobID string, err error) {
	s, err := c.newSubmission(script, args, opts)
	if err != nil {
		return "", err
	}
	switch state, err := c.submit(ctx, s); {
	case err == nil:
		return s.jobID, nil
	case state == maybeStarted:
		return s.jobID, fmt.Errorf("windmill: job %s may have been started: %w", s.jobID, err)
	default:
		return "", fmt.Errorf("windmill: %w", err)
	}
}

// RunScriptSync runs a script, waits for its job and returns the result. script, args and the
// errors before the job has started are those of [Client.RunScriptAsync]; it waits as
// [Client.GetResult] does with [WaitForCompletion].
//
// The result is any JSON value, null included, byte for byte as the server sent it, up to 1 GiB;
// [As] decodes it. If the script failed or its job was canceled, the error is a [*JobError].
//
// If the context ends, or the wait ends with another error, RunScriptSync cancels the job that it
// started, unless [KeepRunning] is given. This takes 5 seconds at most. A job that it only joined,
// with [JobID], is left alone. The error is a [*WaitError], which has the job's id and says what
// was done. Without a deadline, the wait lasts as long as the job.
func (c *Client) RunScriptSync(
	ctx context.Context, script string, args any, opts ...RunOption,
) (json.RawMessage, error) {
	s, err := c.newSubmission(script, args, opts)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	state, err := c.submit(ctx, s)
	if state == notStarted {
		return nil, fmt.Errorf("windmill: %w", err)
	}
	var job jobState
	if err == nil {
		w := &waiter{client: c, job: wait.Job{ID: s.jobID}, submitted: state == started && !s.scheduled()}
		w.job.Fresh = w.submitted && time.Since(begun) < freshTime
		job, err = w.await(ctx, s.cfg.logs)
	}
	if err != nil {
		return nil, fmt.Errorf("windmill: running %s: %w", s.script, c.abandon(ctx, s, state, err))
	}
	if job.failed != nil {
		return nil, fmt.Errorf("windmill: running %s: %w", s.script, job.failed)
	}
	return job.result, nil
}
