// Package joblog writes a job's log to the writer of somebody who waits for the job: whole lines, each once and in order.
package joblog

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Status is the status of a job, as an [Update] tells it.
type Status int

// The statuses of a job. The zero Status means that nothing is known.
const (
	Waiting Status = iota + 1
	Running
	Completed
)

// String returns the status in upper case.
func (s Status) String() string {
	return [...]string{"UNKNOWN", "WAITING", "RUNNING", "COMPLETED"}[s]
}

// Options are the settings of a [Log].
type Options struct {
	// Status adds a line for each change of the job's status, and lets [Log.Line] write.
	Status bool
	JobID  string
	// Log is told what was left out.
	Log *slog.Logger
	// OnPanic is called when the writer panics. [Log.Close] panics then.
	OnPanic func()
}

// Update is what is new about a job.
type Update struct {
	From      int    // the offset that was asked for
	Text      string // the log from there
	Next      int    // the offset to ask for next
	Status    Status
	Completed bool // the log ends here
}

// maxUnwritten is how much a writer may leave before the log is read no further.
const maxUnwritten = 1 << 20

// Log is a job's log on its way to a writer. What is read of it is written by a goroutine of its own, so that a slow writer holds up
// nothing else.
type Log struct {
	opts Options
	wake chan struct{}
	room chan struct{} // told when the writer has taken something
	done chan struct{} // closed when nothing is written any more

	mu        sync.Mutex
	offset    int
	status    Status
	completed bool
	lines     lines
	closed    bool
	over      bool // nothing is written any more
	panicked  any
}

// New returns a Log that writes to w until it is closed.
func New(w io.Writer, opts Options) *Log {
	l := &Log{opts: opts, wake: make(chan struct{}, 1), room: make(chan struct{}, 1), done: make(chan struct{})}
	go l.write(w)
	return l
}

// Offset returns where the log goes on, in characters as the server counts them.
func (l *Log) Offset() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.offset
}

// Completed reports whether the log is whole.
func (l *Log) Completed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.completed
}

// Full reports whether the writer has left so much that no more should be read.
func (l *Log) Full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lines.text) >= maxUnwritten
}

// Room waits until the log is not full.
func (l *Log) Room(ctx context.Context) error {
	for l.Full() {
		select {
		case <-l.room:
		case <-l.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Apply takes in an update. It reports whether the update goes on where the log ends; if not, its text is dropped.
func (l *Log) Apply(u Update) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer notify(l.wake)
	if !u.Completed {
		// Of a job that runs, the server says so.
		l.setStatus(max(u.Status, Waiting))
	}
	if l.completed || u.From != l.offset {
		return false
	}
	if !l.over {
		l.lines.add(u.Text)
	}
	l.offset = u.Next
	if u.Completed {
		l.completed = true
		l.setStatus(Completed)
	}
	return true
}

// Status takes in the job's status. It only ever advances, since two answers may come in the wrong order.
func (l *Log) Status(s Status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setStatus(s)
	notify(l.wake)
}

func (l *Log) setStatus(s Status) {
	if s > l.status {
		l.status = s
		l.line("[windmill] job %s: %v", l.opts.JobID, s)
	}
}

// Line writes a line that is not the job's, if Status is set.
func (l *Log) Line(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(format, args...)
	notify(l.wake)
}

func (l *Log) line(format string, args ...any) {
	if l.opts.Status && !l.over {
		l.lines.insert(fmt.Sprintf(format, args...))
	}
}

// Close hands over what is left, for as long as grace, and leaves the rest out. It returns when the writer is no longer in use, and
// panics if the writer has.
func (l *Log) Close(grace time.Duration) {
	l.mu.Lock()
	l.lines.end()
	l.closed = true
	l.mu.Unlock()
	notify(l.wake)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-l.done:
	case <-timer.C:
		l.mu.Lock()
		n := len(l.lines.text)
		l.lines = lines{}
		l.mu.Unlock()
		<-l.done   // a Write may be going on
		if n > 0 { // and there may be more that was never read
			l.opts.Log.Warn("windmill: the end of a job's log was left out, since its writer is slow", "job", l.opts.JobID, "at_least_bytes", n)
		}
	}
	if l.panicked != nil {
		panic(l.panicked)
	}
}

// write hands lines to w until the log is closed and empty, or w fails.
func (l *Log) write(w io.Writer) {
	defer close(l.done)
	defer func() {
		l.panicked = recover()
		l.mu.Lock()
		l.over, l.lines = true, lines{}
		l.mu.Unlock()
		if l.panicked != nil && l.opts.OnPanic != nil {
			l.opts.OnPanic()
		}
	}()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		text, held, closed := l.next()
		switch {
		case len(text) > 0:
			if n, err := w.Write(text); err != nil || n < len(text) {
				return // the log ends, and the run goes on
			}
			notify(l.room)
			continue
		case closed:
			return
		case held > 0:
			timer.Reset(held)
		}
		select {
		case <-l.wake:
		case <-timer.C:
		}
	}
}

// next takes the lines that can be written now. held is how long the last one waits for its rest, if it does.
func (l *Log) next() (text []byte, held time.Duration, closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, held = l.lines.take(time.Now())
	return text, held, l.closed
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
