package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/windmill/facade"
)

// unservedTag is one that no worker serves.
const unservedTag = "windmill_go_conformance"

// cancelTime bounds how long a job may run after it was canceled.
const cancelTime = 30 * time.Second

// cancelWaiting returns a promise: giving up a run whose job waits cancels the job.
func cancelWaiting(
	cause string, opts ...facade.RunOption,
) func(context.Context, *session) (string, error) {
	return func(ctx context.Context, s *session) (string, error) {
		run, giveUp := context.WithCancelCause(ctx)
		time.AfterFunc(giveUpAfter, func() { giveUp(errors.New(cause)) })
		return canceled(s.givenUp(ctx, run, opts...))
	}
}

// cancelRunning returns a promise: giving up a run whose job runs cancels the job.
func cancelRunning(cause string) func(context.Context, *session) (string, error) {
	return func(ctx context.Context, s *session) (string, error) {
		run, giveUp := context.WithCancelCause(ctx)
		started := writerFunc(func() { giveUp(errors.New(cause)) })
		return canceled(s.givenUp(ctx, run, facade.Logs(started)))
	}
}

// cancelChild: giving up the run of a child ends it, too. Not every server says that it was
// canceled.
func cancelChild(ctx context.Context, s *session) (string, error) {
	parent, err := s.begin(ctx, 0)
	if err != nil {
		return "", err
	}
	if _, err := s.client.GetResult(ctx, parent, facade.WaitForCompletion()); err != nil {
		return "", err
	}
	run, giveUp := context.WithCancel(ctx)
	failed, err := s.givenUp(ctx, run, facade.Logs(writerFunc(giveUp)), facade.ParentJob(parent))
	if err != nil {
		return "", err
	}
	return "the child has ended: " + failed.Error(), nil
}

// writerFunc is an io.Writer that calls a function. A job whose log begins is running.
type writerFunc func()

func (f writerFunc) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

// canceled returns what a promise says of a job that should have been canceled.
func canceled(failed *facade.JobError, err error) (string, error) {
	if err != nil {
		return "", err
	}
	if !failed.Canceled {
		return "", fmt.Errorf("the job does not count as canceled: %w", failed)
	}
	return failed.Name + ": " + failed.Message, nil
}

// givenUp runs the script that sleeps until run is canceled, and returns how the job ended.
func (s *session) givenUp(
	ctx, run context.Context, opts ...facade.RunOption,
) (*facade.JobError, error) {
	_, err := s.client.RunScriptSync(run, s.at("sleep"), sleeping(endless), opts...)
	var wait *facade.WaitError
	if errors.As(err, &wait) {
		s.started = append(s.started, wait.JobID)
	}
	switch {
	case err != nil && run.Err() == nil, wait != nil && wait.CancelErr != nil:
		return nil, err
	case wait == nil || !errors.Is(err, context.Canceled):
		return nil, want("a run that was given up", "a *WaitError", err)
	}
	short, stop := context.WithTimeout(ctx, cancelTime)
	defer stop()
	_, err = s.client.GetResult(short, wait.JobID, facade.WaitForCompletion())
	var failed *facade.JobError
	if !errors.As(err, &failed) {
		what := fmt.Sprintf("job %s, up to %v after it was canceled", wait.JobID, cancelTime)
		return nil, want(what, "a *JobError", err)
	}
	return failed, nil
}
