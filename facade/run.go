package facade

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"example.com/windmill/facade/internal/wait"
)

// submitTime is within which time a job that has just been submitted is not looked at for having completed meanwhile.
const submitTime = 100 * time.Millisecond

// RunScriptAsync starts a script and returns its job's id without waiting for it: POST /w/{workspace}/jobs/run/h/{hash} or
// POST /w/{workspace}/jobs/run/p/{path}.
//
// script is a version hash (16 hex digits: exactly that version) or a path (u/…, f/…, g/…, hub/…: the version deployed last). args is a
// map, a struct, or anything else that encodes to a JSON object, by the rules of [encoding/json], but for text that is not UTF-8, which is
// refused; nil means none. All is checked before anything is sent.
//
// The script runs once: the job has an id that the client chose, or the caller with [JobID], so the request is repeated when its answer
// was lost, as often as [WithMaxRetries] says. If it is unknown then whether the server has the job, or the context ends first, the id comes
// back together with the error, for [Client.GetJobStatus], or for another try with JobID. An error without an id means that the job was
// not started. The context bounds the request, its retries and what finds out whether the job was started; its end cancels no job.
//
// Errors: [ErrInvalidArgument]; [ErrNotFound] for an unknown script (or an unknown workspace: the server does not tell them apart for a
// hash), [ErrUnauthorized], [ErrForbidden], [ErrJobIDTaken], an [*APIError], or a network error.
func (c *Client) RunScriptAsync(ctx context.Context, script string, args any, opts ...RunOption) (jobID string, err error) {
	s, err := c.prepare(script, args, opts)
	if err != nil {
		return "", err
	}
	state, err := c.submit(ctx, s)
	switch {
	case err == nil:
		return s.jobID, nil
	case state == maybeStarted:
		return s.jobID, &aboutJob{fmt.Sprintf("windmill: running %s as job %s, which may have been started", s.script, s.jobID), s.jobID, err}
	case state == started:
		return s.jobID, fmt.Errorf("windmill: running %s: %w", s.script, err)
	}
	return "", fmt.Errorf("windmill: running %s: %w", s.script, err)
}

// RunScriptSync runs a script and waits for its result. It starts the job as [Client.RunScriptAsync] does, with the same script, args and
// errors, and waits as [Client.GetResult] does with [WaitForCompletion].
//
// The result is any JSON of up to 1 GiB, byte for byte as the server sent it, null included; [As] decodes it. A script that failed, or
// whose job somebody canceled, is a [*JobError].
//
// When the context ends, or the wait ends with another error than the script's, a job that this call started is canceled, which takes a
// moment (at most 5 seconds), unless [KeepRunning] is given. A job that it only joined ([JobID]) is left alone. The error is then a
// [*WaitError] that has the job's id and says what is known of the job. Without a deadline the wait is as long as the job.
func (c *Client) RunScriptSync(ctx context.Context, script string, args any, opts ...RunOption) (json.RawMessage, error) {
	s, err := c.prepare(script, args, opts)
	if err != nil {
		return nil, err
	}
	var state submitState
	begun := time.Now()
	aside(func() { state, err = c.submit(ctx, s) })
	if state == notStarted {
		return nil, fmt.Errorf("windmill: running %s: %w", s.script, err)
	}
	if err == nil {
		defer c.cancelOnPanic(ctx, s, state)
		fresh := state == started && time.Since(begun) < submitTime
		w := &waiter{client: c, submitted: state == started, job: wait.Job{ID: s.jobID, Script: s.script.String(), Fresh: fresh, Due: s.due()}}
		var o outcome
		switch o, err = w.await(ctx, s.cfg.logs); {
		case err == nil && o.err == nil:
			return o.result, nil
		case err == nil:
			return nil, fmt.Errorf("windmill: running %s: %w", s.script, o.err)
		}
	}
	return nil, fmt.Errorf("windmill: running %s: %w", s.script, c.abandon(ctx, s, state, err))
}

func (c *Client) prepare(script string, args any, opts []RunOption) (*submission, error) {
	s, err := c.newSubmission(script, args, opts)
	if err != nil {
		return nil, fmt.Errorf("windmill: %w: %w", ErrInvalidArgument, err)
	}
	return s, c.requireWorkspace()
}
