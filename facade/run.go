package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// RunScriptAsync starts a script and returns its job's id without waiting for it: POST /w/{workspace}/jobs/run/h/{hash} or
// POST /w/{workspace}/jobs/run/p/{path}.
//
// script is a version hash (16 hex digits: exactly that version) or a path (u/…, f/…, g/…, hub/…: the version deployed last). args is a
// map, a struct, or anything else that encodes to a JSON object, by the rules of [encoding/json]; nil means none. All is checked before anything is sent.
//
// The script is run once: the job has an id that the client chose, or the caller with [JobID], so that the request is
// repeated when its answer was lost, as often as [WithMaxRetries] says. If it is still unknown then whether the server has the job, or
// the context ends first, the id comes back together with the error, for [Client.GetJobStatus], or for another try with [JobID].
//
// Errors: [ErrNotFound] for an unknown script (or an unknown workspace: the server does not tell them apart for a
// hash), [ErrUnauthorized], [ErrForbidden], [ErrJobIDTaken], [*APIError], or a network error.
func (c *Client) RunScriptAsync(ctx context.Context, script string, args any, opts ...RunOption) (jobID string, err error) {
	s, err := c.prepare(script, args, opts)
	if err != nil {
		return "", err
	}
	state, err := c.submit(ctx, s)
	switch {
	case err == nil:
		return s.jobID(), nil
	case state == unsure:
		return s.jobID(), fmt.Errorf("windmill: running %s as job %s, which may have been started: %w", s.script, s.jobID(), err)
	}
	return "", fmt.Errorf("windmill: running %s: %w", s.script, err)
}

// RunScriptSync runs a script and waits for its result. It starts the job as [Client.RunScriptAsync] does, with the same script, args and errors,
// and waits as [Client.GetResult] does with [WaitForCompletion].
//
// The result is any JSON, byte for byte as the server sent it; [As] decodes it. A script that failed, or whose job somebody
// canceled, is a [*JobError].
//
// When the context ends, or the wait ends by another error than the script's, the job is canceled on the server, which takes a moment
// (at most 5 seconds), unless [KeepRunning] is given. The error is then a [*WaitError] that has the job's id, and says so when canceling failed.
// Without a deadline the wait is as long as the job.
func (c *Client) RunScriptSync(ctx context.Context, script string, args any, opts ...RunOption) (json.RawMessage, error) {
	s, err := c.prepare(script, args, opts)
	if err != nil {
		return nil, err
	}
	state, err := c.submit(ctx, s)
	if err != nil && state == notThere {
		return nil, fmt.Errorf("windmill: running %s: %w", s.script, err)
	}
	var result json.RawMessage
	if err == nil {
		result, err = c.await(ctx, s.jobID(), state == fresh, s.cfg.logs)
	}
	switch {
	case err == nil:
		return result, nil
	case errors.As(err, new(*JobError)):
		return nil, fmt.Errorf("windmill: running %s: %w", s.script, err)
	}
	wait := &WaitError{JobID: s.jobID(), Err: err}
	if !s.cfg.keepRunning && !errors.Is(err, ErrNotFound) {
		wait.CancelErr = c.cancelJob(ctx, s.jobID(), state == unsure, err)
		wait.canceled = wait.CancelErr == nil
	}
	return nil, fmt.Errorf("windmill: running %s: %w", s.script, wait)
}

func (c *Client) prepare(script string, args any, opts []RunOption) (*submission, error) {
	s, err := c.newSubmission(script, args, opts)
	if err != nil {
		return nil, fmt.Errorf("windmill: %w", err)
	}
	return s, c.needWorkspace()
}
