package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"example.com/windmill/facade/internal/joblog"
	"example.com/windmill/facade/internal/sse"
	"example.com/windmill/gen"
)

const (
	// streamTimeout is longer than the time between two pings of the server.
	streamTimeout = 12 * time.Second
	// restTime bounds how long the end of a log may hold up a result that is there.
	restTime = 5 * time.Second
	// writeTime is how long a slow writer may hold up a result that is there, leaveTime how long a caller who leaves.
	writeTime, leaveTime = time.Second, 50 * time.Millisecond
	// maxEvent is the size up to which an event matters where nobody reads the log. The last one may hold a whole result.
	maxEvent = 4 << 10
)

func (c *Client) newLog(id string, o logOptions, onPanic func()) *joblog.Log {
	return joblog.New(o.w, joblog.Options{Status: o.status, JobID: id, Log: c.log, OnPanic: onPanic})
}

// startLog begins to write the job's log, and returns the context of the wait, which ends if the writer panics. end has to be called.
func (w *waiter) startLog(ctx context.Context, o logOptions) (_ context.Context, end func()) {
	ctx, stop := context.WithCancelCause(ctx)
	w.log = w.client.newLog(w.job.ID, o, func() { stop(errors.New("the writer panicked")) })
	if w.submitted {
		w.log.Status(joblog.Waiting)
	}
	return ctx, func() {
		defer stop(nil)
		w.finishLog(ctx)
	}
}

// stream follows the job's event stream until it ends: GET /w/{workspace}/jobs_u/getupdate_sse/{id}. It calls tell at each sign of life, with
// true when the job has completed.
func (w *waiter) stream(ctx context.Context, tell func(completed bool)) error {
	no, yes, offset := false, true, 0
	params := gen.GetJobUpdatesSSEParams{Running: &no, Fast: &yes, LogOffset: &offset}
	limit := maxBody
	if w.log == nil {
		params.NoLogs, limit = &yes, maxEvent
	} else {
		if err := w.log.Room(ctx); err != nil {
			return err
		}
		if w.log.Completed() {
			return errors.New("all of it is known")
		}
		defer w.streamed.Store(0) // from here on looks bring the log
		offset = w.log.Offset()
	}
	api := w.client.api(call{once: true, stream: true, status: http.StatusOK, mediaType: "text/event-stream", idleTimeout: streamTimeout})
	resp, err := api.GetJobUpdatesSSE(ctx, w.client.workspace, w.job.ID, &params)
	if err != nil {
		return errors.New(reason(err)) // what is logged names the job
	}
	defer resp.Body.Close()
	return sse.Each(resp.Body, limit, func(data []byte, whole bool) error {
		if !whole { // only the last event is that large
			tell(true)
			return io.EOF
		}
		return w.event(ctx, data, &offset, tell)
	})
}

// event takes in one event of the stream, whose log goes on at offset. An error or notfound event says no more than that the server could not
// read the job just now.
func (w *waiter) event(ctx context.Context, data []byte, offset *int, tell func(completed bool)) error {
	var update gen.JobUpdate
	err := json.Unmarshal(data, &update)
	switch kind := update.Type; {
	case kind != nil && *kind == gen.JobUpdateTypePing:
		tell(false)
		return nil
	case kind != nil && *kind != gen.JobUpdateTypeUpdate:
		return nil // its other fields may be of any type
	case err != nil:
		return fmt.Errorf("an event is not the JSON expected: %w", err)
	case kind == nil:
		return errors.New("an event has no type")
	}
	if w.log != nil {
		u := updateOf(update, *offset)
		if *offset = u.Next; !w.log.Apply(u) {
			return errors.New("the log has been read further by now")
		}
		w.streamed.Store(time.Now().UnixNano())
	}
	tell(isTrue(update.Completed))
	if isTrue(update.Completed) {
		return io.EOF
	}
	if w.log != nil {
		return w.log.Room(ctx)
	}
	return nil
}

// pollLog reads what is new in the job's log: GET /w/{workspace}/jobs_u/getupdate/{id}.
func (c *Client) pollLog(ctx context.Context, id string, log *joblog.Log, k call) (joblog.Update, error) {
	// Older servers want both parameters, and with running=false all of them say when the job runs.
	no, offset := false, log.Offset()
	k.status, k.mediaType = http.StatusOK, "application/json"
	resp, err := c.api(k).GetJobUpdatesWithResponse(ctx, c.workspace, id, &gen.GetJobUpdatesParams{Running: &no, LogOffset: &offset})
	if err != nil {
		return joblog.Update{}, err
	}
	news, err := decoded(resp.JSON200)
	if err != nil {
		return joblog.Update{}, err
	}
	update := updateOf(news, offset)
	log.Apply(update)
	return update, nil
}

// updateOf returns the update of a log from an offset, which counts characters from 1; 0 stands for the beginning too.
func updateOf(u gen.JobUpdate, from int) joblog.Update {
	update := joblog.Update{From: from, Next: from, Completed: isTrue(u.Completed)}
	switch {
	case update.Completed:
		update.Status = joblog.Completed
	case isTrue(u.Running):
		update.Status = joblog.Running
	case u.Running != nil:
		update.Status = joblog.Waiting
	}
	if u.NewLogs != nil && *u.NewLogs != "" {
		update.Text = *u.NewLogs
		update.Next = max(from, 1) + utf8.RuneCountInString(*u.NewLogs)
	}
	if u.LogOffset != nil && *u.LogOffset > 0 {
		update.Next = *u.LogOffset
	}
	return update
}

// finishLog hands over the rest of the log, unless the caller has left.
func (w *waiter) finishLog(ctx context.Context) {
	if ctx.Err() != nil {
		w.log.Line("[windmill] job %s: no longer waited for: %v", w.job.ID, context.Cause(ctx))
		w.log.Close(leaveTime)
		return
	}
	deadline := time.Now().Add(writeTime)
	slow, stop := context.WithDeadline(ctx, deadline)
	defer stop()
	if w.log.Room(slow) != nil { // what there is no room for would only be left out
		w.log.Close(0)
		return
	}
	defer w.log.Close(time.Until(deadline)) // reading may panic
	w.client.readRest(ctx, w.job.ID, w.log)
}

func (c *Client) readRest(ctx context.Context, id string, log *joblog.Log) {
	if log.Completed() {
		return
	}
	ctx, stop := context.WithTimeout(ctx, restTime)
	defer stop()
	if _, err := c.pollLog(ctx, id, log, call{idempotent: true, idleTimeout: restTime}); err != nil {
		log.Line("[windmill] job %s: the rest of its log could not be read: %s", id, reason(err))
		c.log.WarnContext(ctx, "windmill: the rest of a job's log could not be read", "job", id, "error", reason(err))
	}
}

// copyLog writes what there is of a job's log now, and its status.
func (c *Client) copyLog(ctx context.Context, id string, o logOptions) {
	log := c.newLog(id, o, func() {})
	defer log.Close(writeTime)
	c.readRest(ctx, id, log)
}

// isTrue reports whether an optional field is there and true.
func isTrue(field *bool) bool { return field != nil && *field }
