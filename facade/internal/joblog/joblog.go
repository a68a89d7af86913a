// Package joblog brings a job's log from the server's updates to a writer: whole lines, each once
// and in order. It makes no requests.
//
// An update is an event of the job's event stream, or the response to a poll, which asks for the
// log from an offset. Offsets count characters (code points) from 1; 0 is the beginning too. An
// update says at which offset its text ends, and so where it begins. Text that the log has already
// is skipped. A gap before the text means that an event was lost: the update is not taken, and a
// poll from [Log.Offset] brings what is missing. If a poll leaves a gap, the server no longer has
// that text: the gap is reported, and the log continues after it.
//
// Windmill writes a newline before each line of a script, not after it, and adds only whole lines.
// So the last line of an update that begins with a newline, or with "job=" as each log does, is
// whole and written at once. Any other last line is held until its newline comes or the log ends.
package joblog

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Options are the settings of a [Log].
type Options struct {
	// Status adds a line for each change of the job's status, and lets [Log.Line] write.
	Status bool
	// Escape, if not nil, is applied to all that is written. Without it, the log is written as the
	// server has it.
	Escape func(string) string
	JobID  string
	// Log receives a warning for each part of the log that could not be written.
	Log *slog.Logger
}

// maxUnwritten is the size of unwritten lines at which a log is full.
const maxUnwritten = 1 << 20

// Log is a job's log on its way to a writer. A goroutine of its own calls the writer, so that a
// slow one delays nothing else.
type Log struct {
	opts Options
	wake chan struct{} // receives when there may be something to write
	room chan struct{} // receives when something has been written
	done chan struct{} // closed when the writer is no longer in use

	mu        sync.Mutex
	read      int // characters of the log
	status    Status
	completed bool
	lines     lines
	closed    bool
	panicked  any // by the writer
}

// New returns a Log that writes to w until it is closed or w returns an error.
func New(w io.Writer, opts Options) *Log {
	l := &Log{
		opts: opts,
		wake: make(chan struct{}, 1),
		room: make(chan struct{}, 1),
		done: make(chan struct{}),
	}
	go l.write(w)
	return l
}

// Offset returns the offset at which the log continues.
func (l *Log) Offset() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read == 0 {
		return 0
	}
	return l.read + 1
}

// Completed reports whether the job has completed and its whole log has been read.
func (l *Log) Completed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.completed
}

// Full reports whether so much is unwritten that no more should be read.
func (l *Log) Full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lines.whole) >= maxUnwritten
}

// Room waits until the log is not full.
func (l *Log) Room(ctx context.Context) error {
	for l.Full() {
		select {
		case <-l.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Status sets the job's status, which only advances: two responses may come in the wrong order.
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

// Line writes a line that is not the job's between two whole lines, if Options.Status is set.
func (l *Log) Line(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(format, args...)
	notify(l.wake)
}

func (l *Log) line(format string, args ...any) {
	if l.opts.Status {
		l.lines.insert(l.escaped(fmt.Sprintf(format, args...)))
	}
}

// Close writes what is left, for as long as grace, and drops the rest. When it returns, the
// writer is no longer in use. It panics if the writer has.
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
		dropped, _ := l.take()
		<-l.done // a Write may be in progress
		if len(dropped) > 0 {
			// At least: what was left when the log was full has not been read.
			l.opts.Log.Warn("windmill: the end of a job's log was dropped, as its writer is slow",
				"job", l.opts.JobID, "at_least_bytes", len(dropped))
		}
	}
	if l.panicked != nil {
		panic(l.panicked)
	}
}

// write writes lines to w until the log is closed and all are written. After an error of w, it
// drops them.
func (l *Log) write(w io.Writer) {
	defer close(l.done)
	failed := false
	for {
		text, closed := l.take()
		switch {
		case len(text) > 0:
			failed = failed || !l.writeTo(w, text)
			notify(l.room)
		case closed:
			return
		default:
			<-l.wake
		}
	}
}

// writeTo calls w and reports whether it has taken all of text.
func (l *Log) writeTo(w io.Writer, text []byte) (ok bool) {
	defer func() { l.panicked = recover() }()
	n, err := w.Write(text)
	return err == nil && n == len(text)
}

// take returns the whole lines that are unwritten, and whether the log is closed.
func (l *Log) take() (text []byte, closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, l.lines.whole = l.lines.whole, nil
	return text, l.closed
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
