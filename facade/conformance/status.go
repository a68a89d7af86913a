package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/windmill/facade"
)

const (
	// endless is how long a job lasts, or is put off, that is meant to be canceled.
	endless = 2 * time.Minute
	// giveUpAfter is when a wait is given up, and leaving how long that may take on a busy machine.
	giveUpAfter = 2 * time.Second
	leaving     = 3 * time.Second
)

// begin starts the script that sleeps, and notes its job.
func (s *session) begin(
	ctx context.Context, d time.Duration, opts ...facade.RunOption,
) (string, error) {
	id, err := s.client.RunScriptAsync(ctx, s.at("sleep"), sleeping(d), opts...)
	if id != "" {
		s.started = append(s.started, id)
	}
	return id, err
}

func sleeping(d time.Duration) map[string]int { return map[string]int{"seconds": int(d.Seconds())} }

// until waits for a job to have a status.
func (s *session) until(ctx context.Context, id string, status facade.JobStatus) error {
	for over := time.Now().Add(jobTime); ; pause(ctx, 200*time.Millisecond) {
		got, err := s.client.GetJobStatus(ctx, id)
		switch {
		case err != nil || got == status:
			return err
		case got == facade.JobCompleted:
			return fmt.Errorf("job %s has completed, and was not seen %v", id, status)
		case time.Now().After(over):
			return fmt.Errorf("job %s is %v, and was not %v within %v: is there a free worker?",
				id, got, status, jobTime)
		}
	}
}

// status: a job is WAITING, RUNNING and COMPLETED, and has no result before that.
func status(ctx context.Context, s *session) (string, error) {
	later, err := s.begin(ctx, 0, facade.ScheduledIn(endless))
	if err != nil {
		return "", err
	}
	now, err := s.begin(ctx, 4*time.Second)
	if err != nil {
		return "", err
	}
	statuses := map[string]facade.JobStatus{later: facade.JobWaiting, now: facade.JobRunning}
	for id, status := range statuses {
		if err := s.until(ctx, id, status); err != nil {
			return "", err
		}
		if _, err := s.client.GetResult(ctx, id); !errors.Is(err, facade.ErrNotCompleted) {
			return "", want("the result of a job that is "+status.String(), "ErrNotCompleted", err)
		}
	}
	got, err := facade.As[string](s.client.GetResult(ctx, now, facade.WaitForCompletion()))
	if err != nil {
		return "", err
	}
	if got != "slept" {
		return "", want("the result", "slept", got)
	}
	if err := s.until(ctx, now, facade.JobCompleted); err != nil {
		return "", err
	}
	return "a scheduled job is WAITING, another RUNNING, then COMPLETED", nil
}

// givingUp: a wait ends with its context, keeps the job's id, and leaves the job alone.
func givingUp(ctx context.Context, s *session) (string, error) {
	id, err := s.begin(ctx, giveUpAfter+2*leaving)
	if err != nil {
		return "", err
	}
	short, stop := context.WithTimeout(ctx, giveUpAfter)
	defer stop()
	start := time.Now()
	_, err = s.client.GetResult(short, id, facade.WaitForCompletion())
	took := time.Since(start)
	var wait *facade.WaitError
	switch {
	case !errors.As(err, &wait) || !errors.Is(err, context.DeadlineExceeded) || wait.JobID != id:
		return "", want("a wait whose deadline is over", "a *WaitError of job "+id, err)
	case took > giveUpAfter+leaving:
		return "", fmt.Errorf("a wait with a deadline of %v took %v", giveUpAfter, took)
	}
	got, err := facade.As[string](s.client.GetResult(ctx, id, facade.WaitForCompletion()))
	if err != nil {
		return "", fmt.Errorf("the job whose wait was given up: %w", err)
	}
	return fmt.Sprintf("after %.1fs, and the job ended as it should: %s", took.Seconds(), got), nil
}
