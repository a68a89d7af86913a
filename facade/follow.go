package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"example.com/windmill/gen"
)

// follower brings a job's logs to a console while somebody waits for the job. It decides nothing about the wait, and no
// failure of its own ends it.
type follower struct {
	client  *Client
	id      string
	console *console
	ended   func() // called when the logs say that the job has completed

	parent context.Context
	stop   context.CancelFunc
	done   chan struct{}

	offset    int // of the next character of the logs, as the server counts
	status    JobStatus
	completed bool // the logs are whole
}

// follow starts to bring the logs of a job to w. fresh says that it was submitted this instant.
func (c *Client) follow(ctx context.Context, id string, fresh bool, w io.Writer, ended func()) *follower {
	f := &follower{client: c, id: id, console: newConsole(w), ended: ended, parent: ctx, done: make(chan struct{})}
	if fresh {
		f.show(JobWaiting)
	}
	ctx, f.stop = context.WithCancel(ctx)
	go func() {
		defer close(f.done)
		f.run(ctx)
	}()
	return f
}

// finish brings what is left of the logs, unless the caller's context has ended, and leaves nothing behind.
func (f *follower) finish() {
	f.stop()
	<-f.done
	if err := f.parent.Err(); err != nil {
		f.console.line("[windmill] job %s: no longer waited for: %v", f.id, err)
	} else {
		f.rest(f.parent)
	}
	f.console.close()
}

// showLogs writes what there is of a job's logs now, and its status.
func (c *Client) showLogs(ctx context.Context, id string, w io.Writer) {
	f := &follower{client: c, id: id, console: newConsole(w)}
	f.rest(ctx)
	f.console.close()
}

// restTime bounds how long the end of the logs may hold up a result that is there.
const restTime = 5 * time.Second

func (f *follower) rest(ctx context.Context) {
	if f.completed {
		return
	}
	ctx, stop := context.WithTimeout(ctx, restTime)
	defer stop()
	if err := f.poll(ctx, true); err != nil {
		f.console.line("[windmill] job %s: the rest of its logs could not be read: %v", f.id, err)
	}
}

// steady is how long a stream lasts, at the least, that may be opened again at once after its end.
const steady = 5 * time.Second

// run follows the event stream and connects again whenever it ends, each time from the character where it was. Where the stream
// does not get through, or tells nothing of the job, it asks at intervals as well.
func (f *follower) run(ctx context.Context) {
	start, streaming, mute, failures := time.Now(), true, 0, 0
	for ctx.Err() == nil {
		told := false
		if streaming {
			var err error
			begun := time.Now()
			told, err = f.stream(ctx)
			lasted := time.Since(begun)
			switch {
			case f.completed:
				return
			case told:
				mute = 0
				if lasted > steady {
					failures = 0
				}
			case lasted >= streamPatience:
				mute++ // a proxy that keeps the stream to itself
			}
			refused := (*APIError)(nil)
			streaming = !(errors.As(err, &refused) && refused.noRoute()) && mute < 2
		}
		failures++
		pause := backoff(failures)
		if !told && f.poll(ctx, false) == nil {
			failures, pause = 0, max(ownSpacing, interval(time.Since(start)))
		}
		if f.completed || sleep(ctx, pause) != nil {
			return
		}
	}
}

// poll asks once for what is new.
func (f *follower) poll(ctx context.Context, repeat bool) error {
	// Older servers want both parameters, and with running=false all of them say when the job runs.
	no := false
	req, err := gen.NewGetJobUpdatesRequest(f.client.endpoint, f.client.workspace, f.id, &gen.GetJobUpdatesParams{Running: &no, LogOffset: &f.offset})
	if err != nil {
		return err
	}
	var news gen.JobUpdate
	err = f.client.call(ctx, req, asking{repeat: repeat, patience: lookPatience, read: func(body []byte) error {
		news = gen.JobUpdate{}
		if err := json.Unmarshal(body, &news); err != nil {
			return fmt.Errorf("it is not an update of a job: %w", err)
		}
		return nil
	}})
	if err == nil {
		f.take(news)
	}
	return err
}

// take shows an update, and remembers where the next one begins.
func (f *follower) take(news gen.JobUpdate) {
	switch {
	case is(news.Running):
		f.show(JobRunning)
	case is(news.Completed):
		// Shown below, after the last of the logs.
	case news.Running != nil || f.status == 0:
		f.show(JobWaiting)
	}
	if news.NewLogs != nil {
		f.console.logs(*news.NewLogs)
		// As the server counts: characters, from 1.
		f.offset = max(f.offset, 1) + utf8.RuneCountInString(*news.NewLogs)
	}
	if news.LogOffset != nil {
		f.offset = *news.LogOffset
	}
	if is(news.Completed) {
		f.completed = true
		f.show(JobCompleted)
		if f.ended != nil {
			f.ended()
		}
	}
}

// show writes a line when the status has changed.
func (f *follower) show(status JobStatus) {
	if f.status != status {
		f.status = status
		f.console.line("[windmill] job %s: %v", f.id, status)
	}
}
