package joblog

import "unicode/utf8"

// Status is the status of a job.
type Status int

// The statuses of a job. The zero Status is unknown.
const (
	Waiting Status = iota + 1
	Running
	Completed
)

// String returns the status in upper case.
func (s Status) String() string {
	return [...]string{"UNKNOWN", "WAITING", "RUNNING", "COMPLETED"}[s]
}

// Update is what is new about a job.
type Update struct {
	Text      string // of the log
	End       int    // the offset at which Text ends; if 0, a poll's Text continues the log
	Polled    bool   // a response to a poll, not an event
	Running   bool   // the job has started
	Completed bool   // the job has completed
}

// Apply adds an update. It returns false, and drops the text, if an event leaves a gap, or has text
// and does not say where that ends.
//
// A poll that says that the job has completed completes the log. An event does so only if it also
// says where the log ends, since the one before it may have been lost.
func (l *Log) Apply(u Update) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer notify(l.wake)
	switch {
	case u.Completed: // once the log is whole
	case u.Running:
		l.setStatus(Running)
	default:
		l.setStatus(Waiting)
	}
	if u.Text != "" && u.End <= 0 && !u.Polled {
		return false
	}
	n := utf8.RuneCountInString(u.Text)
	isLast := u.Completed && (u.Polled || u.End > 0)
	if u.End <= 0 {
		u.End = l.read + n + 1
	}
	gap := u.End - 1 - n - l.read
	switch {
	case gap > 0 && !u.Polled:
		return false
	case gap > 0:
		l.reportGap(gap)
	}
	l.lines.add(l.escaped(skip(u.Text, -gap)))
	l.read = max(l.read, u.End-1)
	if isLast {
		l.lines.end()
		l.completed = true
		l.setStatus(Completed)
	}
	return true
}

func (l *Log) escaped(text string) string {
	if l.opts.Escape == nil {
		return text
	}
	return l.opts.Escape(text)
}

func (l *Log) reportGap(n int) {
	l.lines.end()
	l.line("[windmill] job %s: %d characters of its log are no longer there", l.opts.JobID, n)
	l.opts.Log.Warn("windmill: a part of a job's log is no longer on the server",
		"job", l.opts.JobID, "characters", n)
}

// skip returns text without its first n characters.
func skip(text string, n int) string {
	for range n {
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
	return text
}
