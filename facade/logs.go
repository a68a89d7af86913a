package facade

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/windmill/facade/internal/joblog"
	"example.com/windmill/facade/internal/transport"
	"example.com/windmill/gen"
)

const (
	// streamTimeout is longer than the time between two pings of the server.
	streamTimeout = 12 * time.Second
	// maxEvent is the size up to which an event matters where the log is not read. The last one may
	// hold a whole result.
	maxEvent, maxLogEvent = 4 << 10, 1 << 30
	// streamStart is how long a wait leaves its log to the stream, which is about to be opened.
	streamStart = 150 * time.Millisecond
	// logTimeout is how long a log that does not come may delay a look, and pollPause how long after
	// that no look asks for it.
	logTimeout, pollPause = 2 * time.Second, 5 * time.Second
	// restTime bounds how long the end of a log may delay a result that is there.
	restTime = 5 * time.Second
	// writeTime is how long a slow writer may delay a result that is there, leaveTime how long a
	// wait that has ended without one.
	writeTime, leaveTime = time.Second, 50 * time.Millisecond
)

// logReader reads a job's log for a writer.
type logReader struct {
	*joblog.Log
	client   *Client
	id       string
	nextPoll time.Time    // after one that failed
	streamed atomic.Int64 // when the stream last brought an update, in Unix nanoseconds; 0 if closed
}

func (c *Client) newLogReader(id string, o logOption) *logReader {
	opts := joblog.Options{Status: o.verbose, JobID: id, Log: c.log}
	if o.verbose {
		opts.Escape = transport.Printable
	}
	return &logReader{Log: joblog.New(o.w, opts), client: c, id: id}
}

// stream follows the job's event stream until it ends: GET
// /w/{workspace}/jobs_u/getupdate_sse/{id}. It calls alive at each sign of life, with true when
// the job has completed.
func (w *waiter) stream(ctx context.Context, alive func(completed bool)) error {
	yes, limit := true, maxEvent
	params := gen.GetJobUpdatesSSEParams{Fast: &yes}
	if w.log == nil {
		params.NoLogs = &yes
	} else {
		if err := w.log.Room(ctx); err != nil {
			return err
		}
		if w.log.Completed() {
			return errors.New("the whole log is there")
		}
		defer w.log.streamed.Store(0) // from here on looks bring the log
		no, offset := false, w.log.Offset()
		params.Running, params.LogOffset, limit = &no, &offset, maxLogEvent
	}
	p := transport.Policy{IdleTimeout: streamTimeout}
	resp, err := request(ctx, w.client, p, func(api *gen.ClientWithResponses) (*http.Response, error) {
		resp, err := api.GetJobUpdatesSSE(ctx, w.client.workspace, w.job.ID, &params)
		if err != nil || transport.IsStream(resp) {
			return resp, err
		}
		return nil, resp.Body.Close()
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	err = joblog.Events(resp.Body, limit, func(data []byte) error { return w.event(ctx, data, alive) })
	if errors.Is(err, bufio.ErrTooLong) { // only the last event is that large
		alive(true)
	}
	return err
}

// event handles one event of the stream. An error or notfound event says no more than that the
// server could not read the job just now.
func (w *waiter) event(ctx context.Context, data []byte, alive func(completed bool)) error {
	var update gen.JobUpdate
	err := json.Unmarshal(data, &update)
	switch kind := valueOf(update.Type); {
	case kind == gen.JobUpdateTypePing:
		alive(false)
		return nil
	case kind != "" && kind != gen.JobUpdateTypeUpdate:
		return nil
	case err != nil:
		return fmt.Errorf("an event is not the JSON expected: %w", err)
	case kind == "":
		return errors.New("an event has no type")
	}
	if w.log != nil {
		if !w.log.Apply(updateOf(update)) {
			return errors.New("an event with a part of the log is missing")
		}
		w.log.streamed.Store(time.Now().UnixNano())
	}
	alive(valueOf(update.Completed))
	if valueOf(update.Completed) {
		return io.EOF
	}
	if w.log != nil {
		return w.log.Room(ctx)
	}
	return nil
}

// updateOf returns an update of a log.
func updateOf(u gen.JobUpdate) joblog.Update {
	return joblog.Update{
		Text: valueOf(u.NewLogs), End: valueOf(u.LogOffset),
		Running: valueOf(u.Running), Completed: valueOf(u.Completed),
	}
}

// wantsPoll reports whether a look has to bring the log, since the stream does not. A writer that
// is far behind must not delay the look.
func (l *logReader) wantsPoll(since time.Time) bool {
	return l != nil && !l.Full() && !l.Completed() &&
		time.Since(since) > streamStart && time.Now().After(l.nextPoll) &&
		time.Since(time.Unix(0, l.streamed.Load())) > streamTimeout
}

// poll reads what is new in the job's log: GET /w/{workspace}/jobs_u/getupdate/{id}. With whole
// set, an update that does not say that the job has completed is a failure.
func (l *logReader) poll(
	ctx context.Context, p transport.Policy, whole bool,
) (joblog.Update, error) {
	// Older servers want both parameters, and with running=false all of them say when the job runs.
	no, offset := false, l.Offset()
	news, err := request(ctx, l.client, p, func(api *gen.ClientWithResponses) (*gen.JobUpdate, error) {
		params := &gen.GetJobUpdatesParams{Running: &no, LogOffset: &offset}
		resp, err := api.GetJobUpdatesWithResponse(ctx, l.client.workspace, l.id, params)
		switch {
		case err != nil:
			return nil, err
		case resp.JSON200 == nil:
			return nil, nil
		case resp.JSON200.Completed == nil:
			return nil, errors.New("it is not an update of a job")
		case whole && !*resp.JSON200.Completed:
			return nil, errors.New("it does not say that the job has completed")
		}
		return resp.JSON200, nil
	})
	if err != nil {
		l.nextPoll = time.Now().Add(pollPause)
		return joblog.Update{}, err
	}
	update := updateOf(*news)
	update.Polled = true
	l.Apply(update)
	return update, nil
}

// rest reads the rest of the log. With whole set, that is the log of a job that has completed.
func (l *logReader) rest(ctx context.Context, whole bool) {
	if l.Completed() {
		return
	}
	ctx, stop := context.WithTimeout(ctx, restTime)
	defer stop()
	p := transport.Policy{Repeat: transport.IfLost, IdleTimeout: restTime}
	if _, err := l.poll(ctx, p, whole); err != nil {
		l.Line("[windmill] job %s: the rest of its log could not be read: %s", l.id, reason(err))
		l.client.log.WarnContext(ctx, "windmill: the rest of a job's log could not be read",
			"job", l.id, "error", reason(err))
	}
}

// finish ends the log, and writes the rest of it first if the job has completed. err is what ended
// the wait otherwise.
func (l *logReader) finish(ctx context.Context, err error) {
	if err != nil {
		l.Line("[windmill] job %s: no longer waited for: %s", l.id, reason(err))
		l.Close(leaveTime)
		return
	}
	start := time.Now()
	slow, stop := context.WithTimeout(ctx, writeTime)
	defer stop()
	if l.Room(slow) != nil { // what there is no room for would only be dropped
		l.Close(0)
		return
	}
	grace := writeTime - time.Since(start) // the time that reading takes is not the writer's
	l.rest(ctx, true)
	l.Close(grace)
}

// copyLog writes what there is of a job's log now, and its status.
func (c *Client) copyLog(ctx context.Context, id string, o logOption, whole bool) {
	l := c.newLogReader(id, o)
	l.rest(ctx, whole)
	l.Close(writeTime)
}
