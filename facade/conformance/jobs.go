package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/windmill/facade"
)

// begin starts a script and notes its job, so that it is canceled at the end if it is still there.
func (s *session) begin(ctx context.Context, script string, args any, opts ...facade.RunOption) (string, error) {
	id, err := s.client.RunScriptAsync(ctx, at(script), args, opts...)
	if id != "" {
		s.started = append(s.started, id)
	}
	return id, err
}

// noWorker tells whether no worker takes a job in statusTime. Most promises would seem broken then, and none by the library.
func (s *session) noWorker(ctx context.Context) bool {
	id, err := s.begin(ctx, "greet", nil)
	if err != nil || s.until(ctx, id, facade.JobCompleted) == nil {
		return false // or the promises tell what is wrong
	}
	got, err := s.client.GetJobStatus(ctx, id)
	return err == nil && got == facade.JobWaiting
}

func sleeping(d time.Duration) map[string]int { return map[string]int{"seconds": int(d.Seconds())} }

// until waits for a job to have a status.
func (s *session) until(ctx context.Context, id string, want facade.JobStatus) error {
	ctx, stop := context.WithTimeout(ctx, statusTime)
	defer stop()
	var last facade.JobStatus
	for {
		got, err := s.client.GetJobStatus(ctx, id)
		switch {
		case ctx.Err() != nil && last != 0:
			return fmt.Errorf("job %s is %v, and was not %v in %v: is there a free worker for the tag bash?", id, last, want, statusTime)
		case err != nil:
			return err
		case got == want:
			return nil
		case got == facade.JobCompleted:
			return fmt.Errorf("job %s has completed, and was not seen %v", id, want)
		}
		last = got
		pause(ctx, 200*time.Millisecond)
	}
}

// status: a job is WAITING, RUNNING and COMPLETED, and has no result before that.
func status(ctx context.Context, s *session) (string, error) {
	later, err := s.begin(ctx, "sleep", sleeping(0), facade.ScheduledIn(endless))
	if err != nil {
		return "", err
	}
	if err := s.until(ctx, later, facade.JobWaiting); err != nil {
		return "", err
	}
	id, err := s.begin(ctx, "sleep", sleeping(4*time.Second))
	if err != nil {
		return "", err
	}
	if err := s.until(ctx, id, facade.JobRunning); err != nil {
		return "", err
	}
	for _, id := range []string{later, id} {
		if _, err := s.client.GetResult(ctx, id); !errors.Is(err, facade.ErrNotCompleted) {
			return "", unexpected("the result of a job that has not completed", "ErrNotCompleted", err)
		}
	}
	got, err := facade.As[string](s.client.GetResult(ctx, id, facade.WaitForCompletion()))
	if err != nil {
		return "", err
	}
	if got != "slept" {
		return "", fmt.Errorf("the result is %q, want %q", got, "slept")
	}
	if err := s.until(ctx, id, facade.JobCompleted); err != nil {
		return "", err
	}
	return "a scheduled job is WAITING, another RUNNING, then COMPLETED", nil
}

// givingUp: a wait ends with its context, keeps the job's id, and leaves the job alone.
func givingUp(ctx context.Context, s *session) (string, error) {
	id, err := s.begin(ctx, "sleep", sleeping(giveUpAfter+2*leaving))
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
		return "", unexpected("a wait whose deadline is over", "a *WaitError of job "+id+" that says so", err)
	case took > giveUpAfter+leaving:
		return "", fmt.Errorf("a wait with a deadline of %v took %v", giveUpAfter, took)
	}
	got, err := facade.As[string](s.client.GetResult(ctx, id, facade.WaitForCompletion()))
	if err != nil {
		return "", fmt.Errorf("the job whose wait was given up: %w", err)
	}
	return fmt.Sprintf("after %.1fs, and the job went on: %s", took.Seconds(), got), nil
}
