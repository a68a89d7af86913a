package facade

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/windmill/facade/internal/joblog"
	"example.com/windmill/facade/internal/wait"
	"example.com/windmill/gen"
)

const (
	// lookTimeout is how long a look at a job may be silent, the first time. A server whose database is away lets it hang for half a minute.
	lookTimeout = 20 * time.Second
	// startTime is how long a wait goes on, before the server has answered at all, through trouble that looks lasting.
	startTime = 10 * time.Second
	// known is how long a job that was just submitted is taken to exist.
	known = time.Second
	// logStart is how long a wait leaves its log to the stream, which is about to be opened.
	logStart = 300 * time.Millisecond
	// logTimeout is how long a log that does not come may hold up a look.
	logTimeout = 2 * time.Second
	// logPauses is how many times as long a log that did not come is left alone, and logPause the least.
	logPauses, logPause = 5, time.Second
)

// newScheduler returns the schedule of the client's waits, which knows nothing of HTTP.
func (c *Client) newScheduler() *wait.Scheduler {
	return wait.New(wait.Config{List: c.listCompleted, Verdict: verdict, Tolerance: c.tolerance, Hold: c.hold.until, Log: c.log, Reason: reason})
}

// verdict returns what the API itself says for good of a job, or nil.
func verdict(err error) error {
	e := answerOf(err)
	if e == nil || !e.refused || e.routeNotFound() {
		return nil
	}
	return e.kind
}

// tolerance returns how long a wait goes on through failures like err.
func (c *Client) tolerance(err error) time.Duration {
	switch e := answerOf(err); {
	case c.answered.Load():
		return c.maxOutage
	case lasting(err):
		return 0
	case unsent(err), e != nil && !e.retryable:
		return min(startTime, c.maxOutage)
	}
	return c.maxOutage
}

// outcome is what a wait has brought: a result, or a script's failure.
type outcome struct {
	result json.RawMessage
	err    error
}

// waiter waits for one job, for one caller. Only its client, job and submitted are set at first.
type waiter struct {
	client    *Client
	job       wait.Job
	submitted bool // by the call that waits
	since     time.Time
	log       *joblog.Log // nil if nobody reads it
	started   bool        // a look has seen the job run
	timeout   time.Duration

	nextPoll time.Time    // of the log, after one that failed
	streamed atomic.Int64 // when the stream brought the last of the log
}

// await waits until the job has completed, and returns what came of it. Its error is that of the wait.
func (w *waiter) await(ctx context.Context, logs logOptions) (outcome, error) {
	if ctx.Err() != nil {
		return outcome{}, interrupted(ctx, nil)
	}
	w.since, w.timeout = time.Now(), lookTimeout
	if logs.w != nil {
		var end func()
		ctx, end = w.startLog(ctx, logs)
		defer end()
	}
	w.job.Look, w.job.Stream, w.job.Followed = w.look, w.stream, w.log != nil
	report, err := w.client.waits.Wait(ctx, &w.job)
	if err != nil {
		return outcome{}, err
	}
	o := report.Value.(outcome)
	return outcome{bytes.Clone(o.result), o.err}, nil
}

// look asks once how the job is doing. expect says that it is believed to have completed.
func (w *waiter) look(ctx context.Context, expect bool) (report wait.Report, err error) {
	aside(func() { report, err = w.lookOnce(ctx, expect) })
	if errors.As(err, new(*idleTimeoutError)) {
		w.timeout = min(2*w.timeout, defaultIdleTimeout) // the server may need longer
	}
	return report, err
}

// aside calls f in a goroutine of its own, so that the stack that a request takes goes with it, and does not stay with a caller who waits.
func aside(f func()) {
	ended := make(chan func())
	go wait.Guard(f, func(again func()) { ended <- again })
	if again := <-ended; again != nil {
		again()
	}
}

func (w *waiter) lookOnce(ctx context.Context, expect bool) (wait.Report, error) {
	once := call{once: true, idleTimeout: w.timeout}
	if w.readsLog() && !expect {
		start := time.Now()
		update, err := w.client.pollLog(ctx, w.job.ID, w.log, call{once: true, idleTimeout: logTimeout})
		if err == nil && !update.Completed {
			return wait.Report{Started: update.Status == joblog.Running}, nil
		}
		if expect = err == nil; !expect {
			w.nextPoll = time.Now().Add(max(logPauses*time.Since(start), logPause)) // the wait goes on without
		}
	}
	// A job that does not exist has not started either, so far as get_result_maybe says.
	justSubmitted := w.submitted && w.job.Due.IsZero() && time.Since(w.since) < known
	if w.started || expect || justSubmitted {
		answer, err := w.client.getResult(ctx, w.job.ID, once)
		if err != nil || answer.completed {
			return w.report(ctx, answer, err)
		}
		if w.setStarted(answer.started); w.started || justSubmitted {
			return wait.Report{Started: w.started}, nil
		}
	}
	job, err := w.client.getJob(ctx, w.job.ID, once)
	if err != nil {
		return wait.Report{}, err
	}
	if job.Type != gen.JobTypeCompletedJob {
		if w.setStarted(job.Running); w.started {
			return wait.Report{Started: true}, nil
		}
		if w.log != nil {
			w.log.Status(joblog.Waiting)
		}
		return wait.Report{Due: dueAt(job)}, nil
	}
	answer, err := w.client.getResult(ctx, w.job.ID, once)
	if err == nil && !answer.completed {
		err = errNoResult
	}
	return w.report(ctx, answer, err)
}

// setStarted takes in whether the job runs.
func (w *waiter) setStarted(started bool) {
	if w.started = started; started && w.log != nil {
		w.log.Status(joblog.Running)
	}
}

// dueAt returns when a job that waits is to start, or the zero time if it may start at once. By the server's clock, which may be ahead of
// ours, every job that waits is scheduled for the time at which it was submitted. The answer's Date, in whole seconds, says what that clock shows,
// unless it is a proxy's: then it may be from before the job was.
func dueAt(job *jobRecord) time.Time {
	due, err := time.Parse(time.RFC3339, job.ScheduledFor)
	created, err2 := time.Parse(time.RFC3339, job.CreatedAt)
	if err != nil || err2 != nil || due.Sub(created) < 2*time.Second {
		return time.Time{}
	}
	date, err := http.ParseTime(job.date)
	if err != nil || date.Before(created.Add(-time.Minute)) {
		return due
	}
	return time.Now().Add(due.Truncate(time.Second).Sub(date) - time.Second)
}

// report returns what a look that found the job completed has brought.
func (w *waiter) report(ctx context.Context, answer resultAnswer, err error) (wait.Report, error) {
	if err != nil {
		return wait.Report{}, err
	}
	return wait.Report{Done: true, Value: w.client.outcome(ctx, w.job.ID, answer)}, nil
}

// readsLog reports whether a look has to bring the log, since the stream does not. A writer that takes nothing more must not hold it up.
func (w *waiter) readsLog() bool {
	return w.log != nil && !w.log.Full() && !w.log.Completed() && time.Since(w.since) > logStart && time.Now().After(w.nextPoll) &&
		time.Since(time.Unix(0, w.streamed.Load())) > streamTimeout
}

// listCompleted reads a page of the jobs that have completed: GET /w/{workspace}/jobs/completed/list.
func (c *Client) listCompleted(ctx context.Context, q wait.Query) ([]wait.Completion, error) {
	params := gen.ListCompletedJobsParams{PerPage: &q.PerPage}
	if !q.After.IsZero() {
		after := q.After.UTC()
		params.CompletedAfter = &after
	}
	if q.Page > 1 {
		params.Page = &q.Page
	}
	api := c.api(call{once: true, status: http.StatusOK, mediaType: "application/json", idleTimeout: lookTimeout})
	resp, err := api.ListCompletedJobsWithResponse(ctx, c.workspace, &params)
	if err != nil {
		return nil, err
	}
	listed, err := decoded(resp.JSON200)
	if err != nil {
		return nil, err
	}
	jobs := make([]wait.Completion, len(listed))
	for i, job := range listed {
		jobs[i] = wait.Completion{ID: job.ID, At: completedAt(job, q.After)}
	}
	return jobs, nil
}

// completedAt returns when a listed job completed, by the server's clock, or a little earlier. A job that never ran does not say; it
// counts as one of the oldest that were asked for.
func completedAt(job gen.ListedJob, oldest time.Time) time.Time {
	started, err := time.Parse(time.RFC3339, job.StartedAt)
	if err != nil {
		return oldest
	}
	return started.Add(time.Duration(job.DurationMs * float64(time.Millisecond)))
}
