package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// wait is one caller's wait for one job. The caller looks at the job in its own goroutine, whenever the watcher says that it is
// its turn; what both use is guarded by the watcher's lock.
type wait struct {
	id    string
	twin  *wait         // another wait for the same job
	turn  chan struct{} // the caller may look now
	since time.Time

	due      time.Time // of the next look
	place    int       // in the queue of those not looking, or -1
	looking  bool
	listed   bool      // the listing has shown the job as completed
	doubted  bool      // it has done so in vain
	fresh    bool      // the job was submitted when the wait began
	pending  bool      // a look has shown the job as not completed
	failures int       // since the last good answer
	failing  time.Time // when the first of them began
	ended    error     // set by the watcher to end the wait

	// The caller's own.
	known   bool      // the job is known to be there
	checked time.Time // when it was last seen to be there
	last    error     // what went wrong with the last look, if anything did
	verdict error     // what a look since the last good answer said of it, if that was final
}

// await waits until the job has completed, and returns its result or its [*JobError]. fresh says that it was submitted this instant.
func (c *Client) await(ctx context.Context, id string, fresh bool, logs io.Writer) (json.RawMessage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := c.waits.join(id, fresh)
	defer c.waits.leave(w)
	if logs != nil {
		defer c.follow(ctx, id, fresh, logs, func() { c.waits.hasten(w) }).finish()
	}
	for {
		select {
		case <-w.turn:
		case <-ctx.Done():
			return nil, after(ctx.Err(), w.last)
		}
		// A call of its own, so that a goroutine that waits has little on its stack.
		if result, over, err := c.takeTurn(ctx, w); over {
			return result, err
		}
	}
}

// takeTurn looks at the job, and tells whether the wait is over.
func (c *Client) takeTurn(ctx context.Context, w *wait) (result json.RawMessage, over bool, err error) {
	if err := c.waits.fate(w); err != nil {
		return nil, true, err
	}
	start := time.Now()
	result, done, err := c.look(ctx, w)
	verdict := verdictOf(err)
	switch {
	case ctx.Err() != nil && !done:
		return nil, true, after(ctx.Err(), w.last)
	case done:
		c.waits.answered(w, start, true)
		return result, true, err
	case verdict != nil && verdict == w.verdict:
		return nil, true, err
	case verdict != nil && w.verdict == nil:
		// A server whose database is away says 401 as well, and one in the middle of a restart may say anything: what is final is said twice.
		w.verdict, w.last = verdict, err
		c.waits.again(w)
	case err != nil:
		if verdict != nil {
			w.verdict = verdict // the server contradicts itself, which must not go on for ever
		}
		w.last = err
		c.log.WarnContext(ctx, "windmill: looking at a job again", "job", w.id, "error", err)
		err = c.waits.failed(w, start, err)
		return nil, err != nil, err
	default:
		w.verdict, w.last = nil, nil
		c.waits.answered(w, start, false)
	}
	return nil, false, nil
}

// look asks once whether the job has completed. done says that result and err are what the wait was for.
func (c *Client) look(ctx context.Context, w *wait) (result json.RawMessage, done bool, err error) {
	m, err := c.getResultMaybe(ctx, w.id, false)
	if err != nil {
		return nil, false, err
	}
	if m.completed {
		result, err = c.outcome(ctx, w.id, m, false)
		return result, err == nil || errors.As(err, new(*JobError)), err
	}
	now := time.Now()
	if m.started {
		w.known, w.checked = true, now
	}
	// Of a job that is not there the server says that it has not started.
	if age := now.Sub(w.since); !w.known || now.Sub(w.checked) > min(max(age/10, time.Second), recheck) {
		job, err := c.getJob(ctx, w.id, false)
		if err != nil {
			return nil, false, err
		}
		if w.known, w.checked = statusOf(job) != JobCompleted, now; !w.known {
			return nil, false, errNoResult // unless it completed between the two
		}
	}
	return nil, false, nil
}

var errNoResult = errors.New("the server says that the job has completed, and has no result of it")

// verdictOf is what an answer says that would end the wait, or nil.
func verdictOf(err error) error {
	for _, verdict := range []error{ErrNotFound, ErrUnauthorized, ErrForbidden} {
		if errors.Is(err, verdict) {
			return verdict
		}
	}
	return nil
}

// noAnswer is the error of a wait that has seen nothing but failures for too long.
func noAnswer(long time.Duration, err error) error {
	return fmt.Errorf("no good answer for %v: %w", long.Round(time.Second), err)
}
