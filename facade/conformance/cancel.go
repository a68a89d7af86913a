package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// cancelWaiting: giving up a run whose job waits for a worker cancels it.
func cancelWaiting(ctx context.Context, s *session) (string, error) {
	id := uuid.NewString()
	failed, err := s.cancel(ctx, id, giveUpAfter, facade.Tag(folder))
	var api *facade.APIError
	if errors.As(err, &api) && api.StatusCode == http.StatusBadRequest && strings.Contains(api.Message, "super admins") {
		return "", &refused{"only a superadmin may use a tag that no worker serves"}
	}
	return canceled(failed, err)
}

// cancelScheduled: giving up a run that is scheduled for later cancels it.
func cancelScheduled(ctx context.Context, s *session) (string, error) {
	return canceled(s.cancel(ctx, uuid.NewString(), giveUpAfter, facade.ScheduledIn(endless)))
}

// cancelRunning: giving up a run whose job runs cancels it.
func cancelRunning(ctx context.Context, s *session) (string, error) {
	return canceled(s.cancelOnceRunning(ctx))
}

// cancelChild: giving up the run of a child ends it, too. Not every server says of such a one that it was canceled.
func cancelChild(ctx context.Context, s *session) (string, error) {
	parent, err := s.begin(ctx, "once", nil)
	if err != nil {
		return "", err
	}
	if _, err := s.client.GetResult(ctx, parent, facade.WaitForCompletion()); err != nil {
		return "", err
	}
	failed, err := s.cancelOnceRunning(ctx, facade.ParentJob(parent))
	if err != nil {
		return "", err
	}
	return "the child has ended: " + failed.Error(), nil
}

// canceled is what a promise says of a job that should have been canceled.
func canceled(failed *facade.JobError, err error) (string, error) {
	switch {
	case err != nil:
		return "", err
	case !failed.Canceled:
		return "", fmt.Errorf("the job does not count as canceled: %w", failed)
	}
	return failed.Name + ": " + failed.Message, nil
}

// cancelOnceRunning gives up the run of an endless script when it runs.
func (s *session) cancelOnceRunning(ctx context.Context, opts ...facade.RunOption) (*facade.JobError, error) {
	id := uuid.NewString()
	s.started = append(s.started, id)
	wait, giveUp := context.WithCancel(ctx)
	ended := make(chan error, 1)
	var run sync.WaitGroup
	defer run.Wait()
	defer giveUp()
	run.Add(1)
	go func() {
		defer run.Done()
		_, err := s.client.RunScriptSync(wait, at("sleep"), sleeping(endless), append(opts, facade.JobID(id))...)
		ended <- err
	}()
	for {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("the run ended by itself: %w", orNone(err))
		case <-time.After(200 * time.Millisecond):
		}
		if got, err := s.client.GetJobStatus(ctx, id); err != nil && !errors.Is(err, facade.ErrNotFound) {
			return nil, err
		} else if got == facade.JobRunning {
			break
		}
	}
	giveUp()
	return s.afterCancel(ctx, id, <-ended, context.Canceled)
}

// cancel gives up the run of an endless script after some time.
func (s *session) cancel(ctx context.Context, id string, after time.Duration, opts ...facade.RunOption) (*facade.JobError, error) {
	s.started = append(s.started, id)
	short, stop := context.WithTimeout(ctx, after)
	defer stop()
	_, err := s.client.RunScriptSync(short, at("sleep"), sleeping(endless), append(opts, facade.JobID(id))...)
	return s.afterCancel(ctx, id, err, context.DeadlineExceeded)
}

// afterCancel makes sure that a run ended by being given up, and returns how its job ended.
func (s *session) afterCancel(ctx context.Context, id string, err, cause error) (*facade.JobError, error) {
	var wait *facade.WaitError
	switch {
	case !errors.As(err, &wait) || !errors.Is(err, cause):
		return nil, fmt.Errorf("want a *WaitError that says %s, got: %w", cause.Error(), orNone(err))
	case wait.CancelErr != nil:
		return nil, err
	}
	ctx, stop := context.WithTimeoutCause(ctx, 30*time.Second, fmt.Errorf("job %s was canceled, and goes on 30 seconds later", id))
	defer stop()
	result, err := s.client.GetResult(ctx, id, facade.WaitForCompletion())
	var failed *facade.JobError
	switch {
	case errors.As(err, &failed):
		return failed, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil:
		return nil, fmt.Errorf("job %s was canceled, and has the result %s", id, result)
	}
	return nil, err
}
