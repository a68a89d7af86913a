package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/windmill/facade/internal/jsonscan"
	"example.com/windmill/facade/internal/wait"
	"example.com/windmill/gen"
)

// GetResult returns the result of a job that has completed: GET /w/{workspace}/jobs_u/completed/get_result_maybe/{id}.
//
// The result is any JSON of up to 1 GiB, byte for byte as the server sent it, null included; [As] decodes it. With [WaitForCompletion]
// GetResult waits until there is one, for as long as the context lets it; it never cancels the job. Otherwise the context bounds the requests
// and their retries. With [Verbose] or [Logs] it writes the job's log too.
//
// Errors: [ErrInvalidArgument]; [ErrNotFound] if the server has no such job in the workspace, [ErrNotCompleted] if the job has no result yet,
// a [*JobError] if its script failed or it was canceled, [ErrUnauthorized], [ErrForbidden], an [*APIError], or a network error, after
// the retries of [WithMaxRetries]. With WaitForCompletion, all but a JobError and invalid arguments come inside a [*WaitError]; the wait
// goes on through what passes, such as a restart of the server, for as long as [WithMaxOutage] says. When the context ends, its error and
// its cause are in the chain.
func (c *Client) GetResult(ctx context.Context, jobID string, opts ...ResultOption) (json.RawMessage, error) {
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
	if cfg.wait {
		w := &waiter{client: c, job: wait.Job{ID: id}}
		o, err := w.await(ctx, cfg.logs)
		if err != nil {
			return nil, prefixed(&WaitError{JobID: id, Err: err})
		}
		return o.result, prefixed(o.err)
	}
	o, err := c.resultNow(ctx, id)
	if there := err == nil || ctx.Err() == nil && errors.Is(err, ErrNotCompleted); there && cfg.logs.w != nil {
		c.copyLog(ctx, id, cfg.logs)
	}
	if err != nil {
		return nil, &aboutJob{"windmill: result of job " + id, id, err}
	}
	return o.result, prefixed(o.err)
}

func prefixed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("windmill: %w", err)
}

func (c *Client) resultNow(ctx context.Context, id string) (outcome, error) {
	for n := 1; ; n++ {
		answer, err := c.getResult(ctx, id, call{idempotent: true})
		if err != nil {
			return outcome{}, err
		}
		if answer.completed {
			return c.outcome(ctx, id, answer), nil
		}
		// Of a job that does not exist the server says the same.
		job, err := c.getJob(ctx, id, call{idempotent: true})
		if err != nil {
			return outcome{}, err
		}
		if status := statusOf(job); status != JobCompleted {
			return outcome{}, fmt.Errorf("%w: it is %v", ErrNotCompleted, status)
		}
		if n > max(1, c.maxRetries) {
			return outcome{}, fmt.Errorf("%w: %w", ErrNotCompleted, errNoResult)
		}
		// It has completed between the two.
		if err := sleep(ctx, backoff(n)); err != nil {
			return outcome{}, interrupted(ctx, nil)
		}
	}
}

var errNoResult = errors.New("the server says that the job has completed, and has no result of it")

// resultAnswer is an answer of get_result_maybe.
type resultAnswer struct {
	completed bool
	started   bool
	success   bool // a skipped job is no success here
	result    json.RawMessage
}

// getResult asks whether a job has completed, and for its result. It always asks whether the job has started, since only then does
// the server report a bad token. The result stays where it lies in the answer: it may be large.
func (c *Client) getResult(ctx context.Context, id string, k call) (resultAnswer, error) {
	var answer resultAnswer
	k.status, k.mediaType = http.StatusOK, "application/json"
	k.check = func(body []byte) (err error) {
		answer, err = parseResult(body)
		return err
	}
	yes := true
	resp, err := c.api(k).GetCompletedJobResultMaybe(ctx, c.workspace, id, &gen.GetCompletedJobResultMaybeParams{GetStarted: &yes})
	if err != nil {
		return resultAnswer{}, err
	}
	return answer, resp.Body.Close()
}

func parseResult(body []byte) (resultAnswer, error) {
	var a resultAnswer
	told := false
	err := jsonscan.Members(body, func(key, value []byte) (err error) {
		switch string(key) {
		case "completed":
			told = string(value) != "null"
			a.completed, err = parseBool(value)
		case "success":
			a.success, err = parseBool(value)
		case "started":
			a.started, err = parseBool(value)
		case "result":
			a.result = value
		}
		return err
	})
	switch {
	case err != nil:
		return a, err
	case !told:
		return a, errors.New("it does not tell whether the job has completed")
	case a.completed && a.result == nil:
		return a, errors.New("it has no result, although the job has completed")
	}
	return a, nil
}

func parseBool(value []byte) (bool, error) {
	switch string(value) {
	case "true":
		return true, nil
	case "false", "null":
		return false, nil
	}
	return false, errors.New("it has something else where true, false or null belongs")
}

// recordTime is how long the record of a job that failed may hold up its error.
const recordTime = 10 * time.Second

// outcome turns the result of a completed job into what the caller gets. A skipped job is no success in the answer and one in the job's
// record, which also knows of most cancellations. If the record cannot be had, the failure in hand is told all the same.
func (c *Client) outcome(ctx context.Context, id string, answer resultAnswer) outcome {
	if answer.success {
		return outcome{result: answer.result}
	}
	ctx, stop := context.WithTimeout(ctx, recordTime)
	defer stop()
	job, err := c.getJob(ctx, id, call{idempotent: true})
	if err == nil && job.Success {
		return outcome{result: answer.result}
	}
	return outcome{err: c.newJobError(id, answer.result, err == nil && job.Canceled)}
}
