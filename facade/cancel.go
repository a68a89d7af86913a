package facade

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/windmill/gen"
)

// cancelTime is how long giving up may take: the caller wants to leave.
const cancelTime = 5 * time.Second

// abandon ends a run that is no longer waited for: it cancels the job if this call started it, and returns the error that says what is
// known of the job.
func (c *Client) abandon(ctx context.Context, s *submission, state submitState, why error) *WaitError {
	e := &WaitError{JobID: s.jobID, Err: why}
	switch {
	case state != maybeStarted && ctx.Err() == nil && errors.Is(why, ErrNotFound): // there is no such job
	case s.cfg.keepRunning && state == maybeStarted:
		e.outcome = "may have been started, and is left alone, as KeepRunning asks"
	case s.cfg.keepRunning:
		e.outcome = "goes on unless it has completed, as KeepRunning asks"
	case state == joined:
		e.outcome = "goes on unless it has completed: this call did not start it"
	case state == maybeJoined:
		e.outcome = "goes on unless it has completed: another call may have started it"
	case state == maybeStarted && !s.ownID:
		e.outcome = "may have been started, by this call or another, and is left alone"
	default:
		e.outcome, e.CancelErr = c.cancelJob(ctx, s.jobID, state == maybeStarted, why)
		if e.CancelErr != nil && state == maybeStarted {
			e.outcome = "may have been started, and may still run"
		}
	}
	return e
}

// cancelOnPanic cancels the job of a run whose caller's writer, transport or log handler has panicked.
func (c *Client) cancelOnPanic(ctx context.Context, s *submission, state submitState) {
	if p := recover(); p != nil {
		_ = c.abandon(ctx, s, state, fmt.Errorf("panic: %v", p))
		panic(p)
	}
}

// cancelJob cancels a job: POST /w/{workspace}/jobs_u/queue/cancel/{id}. It returns what is known of the job then. ctx may have ended, and
// lends only its values.
//
// A job that may not be there yet, since its submission was interrupted, is asked for again while there is time.
func (c *Client) cancelJob(ctx context.Context, id string, maybeThere bool, why error) (outcome string, err error) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), cancelTime)
	defer stop()
	reason := c.excerpt("given up by the client: "+why.Error(), maxExcerpt)
	inDoubt := false // a try that failed may have canceled the job
	// A connection that has died must not take all of the time.
	api := c.api(call{status: http.StatusOK, mediaType: "text/plain", idempotent: true, inDoubt: &inDoubt, idleTimeout: cancelTime / 2, check: func(body []byte) error {
		if !strings.Contains(string(body), id) {
			return fmt.Errorf("it does not mention job %s", id)
		}
		return nil
	}})
	for n := 1; ; n++ {
		resp, err := api.CancelQueuedJobWithResponse(ctx, c.workspace, id, gen.CancelRequest{Reason: &reason})
		ended := err == nil && strings.Contains(string(resp.Body), "already completed")
		switch {
		case ended && !inDoubt:
			return "had completed", nil
		case err == nil:
			return c.afterCancel(ctx, id, ended), nil
		case !maybeThere || !errors.Is(err, ErrNotFound):
			return "", err
		}
		if sleep(ctx, backoff(n)) != nil {
			return "", fmt.Errorf("its submission may still be on its way: %w", err)
		}
	}
}

// afterCancel looks at a job whose cancellation the server has accepted, now or in a try whose answer was lost. A job that runs, or a child
// that waits, takes a while to end; ended says that the server has called it completed.
func (c *Client) afterCancel(ctx context.Context, id string, ended bool) string {
	ctx, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	job, err := c.getJob(ctx, id, call{once: true})
	completed := err == nil && job.Type == gen.JobTypeCompletedJob
	switch {
	case completed && job.Canceled:
		return "was canceled"
	case completed && job.Success:
		return "had completed"
	case !completed && !ended:
		return "may still run for a while: canceling was asked for"
	}
	answer, err := c.getResult(ctx, id, call{once: true})
	if err == nil && answer.completed && c.newJobError(id, answer.result, false).Canceled {
		return "was canceled"
	}
	return "has ended: canceling was asked for"
}
