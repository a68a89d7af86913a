package facade

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/google/uuid"
)

// RunOption is an option of [Client.RunScriptAsync] and [Client.RunScriptSync].
type RunOption interface{ applyToRun(*runConfig) error }

// ResultOption is an option of [Client.GetResult].
type ResultOption interface{ applyToResult(*resultConfig) error }

// LogOption is both a [RunOption] and a [ResultOption]. [Logs] and [Verbose] return one.
type LogOption interface {
	RunOption
	ResultOption
}

type runConfig struct {
	jobID, parentJob, tag string
	scheduledIn           *time.Duration
	scheduledAt           *time.Time
	keepRunning           bool
	logs                  logOption
}

type resultConfig struct {
	wait bool
	logs logOption
}

type runOption func(*runConfig) error

func (f runOption) applyToRun(cfg *runConfig) error { return f(cfg) }

type resultOption func(*resultConfig) error

func (f resultOption) applyToResult(cfg *resultConfig) error { return f(cfg) }

// maxSchedule is past any plan, and before the dates that make the server stumble.
const maxSchedule = 100 * 365 * 24 * time.Hour

// ScheduledIn starts the job after d at the earliest, by the server's clock, which counts whole
// seconds: d is rounded up. d is at most 100 years; 0 means now. It excludes [ScheduledAt].
func ScheduledIn(d time.Duration) RunOption {
	return runOption(func(cfg *runConfig) error {
		if d < 0 || d > maxSchedule {
			return fmt.Errorf("ScheduledIn: %v is not between 0 and 100 years", d)
		}
		cfg.scheduledIn = &d
		return nil
	})
}

// ScheduledAt starts the job at t at the earliest, by the server's clock. A time in the past means
// now; the zero time, and a time more than 100 years from now, are invalid. It excludes
// [ScheduledIn].
func ScheduledAt(t time.Time) RunOption {
	return runOption(func(cfg *runConfig) error {
		if t.IsZero() || t.After(time.Now().Add(maxSchedule)) {
			return fmt.Errorf("ScheduledAt: %v is the zero time, or more than 100 years from now", t)
		}
		at := t.UTC()
		cfg.scheduledAt = &at
		return nil
	})
}

// JobID sets the id of the job, a UUID in the form with dashes. [NewJobID] makes one. The default
// is a random id for each call.
//
// If the server has a job of the same script with this id, the call joins it, be it waiting,
// running or completed, and its own arguments are ignored. So a program that saves the id before
// the call can crash, start again and get the same result. A call that joined a job, or may have,
// does not cancel it. If the id belongs to a job of another script, the error is [ErrJobIDTaken].
// The server forgets a job and its id some time after completion, by default 30 days.
func JobID(id string) RunOption {
	return runOption(func(cfg *runConfig) (err error) {
		if cfg.jobID, err = parseJobID(id); err != nil {
			return fmt.Errorf("JobID: %w", err)
		}
		return nil
	})
}

// NewJobID returns a new id for [JobID]: a random UUID (version 7, as the server's own ids), which
// sorts by the time it was made.
func NewJobID() string { return uuid.Must(uuid.NewV7()).String() }

// Tag sets the tag of the job, which decides the workers that run it, instead of the script's own
// tag. If no worker serves the tag, the job waits. s must not be empty.
func Tag(s string) RunOption {
	return runOption(func(cfg *runConfig) error {
		if s == "" || !printable(s) {
			return fmt.Errorf("Tag: %q is empty or has control characters", s)
		}
		cfg.tag = s
		return nil
	})
}

// ParentJob makes the job a child of the job with this id, instead of that of WM_JOB_ID. The root
// remains that of WM_ROOT_FLOW_JOB_ID.
func ParentJob(id string) RunOption {
	return runOption(func(cfg *runConfig) (err error) {
		if cfg.parentJob, err = parseJobID(id); err != nil {
			return fmt.Errorf("ParentJob: %w", err)
		}
		return nil
	})
}

// KeepRunning leaves the job running if [Client.RunScriptSync] returns before it has completed. The
// default is to cancel it. [Client.RunScriptAsync], which never cancels, ignores the option.
func KeepRunning() RunOption {
	return runOption(func(cfg *runConfig) error {
		cfg.keepRunning = true
		return nil
	})
}

// WaitForCompletion makes [Client.GetResult] wait until the job has completed.
func WaitForCompletion() ResultOption {
	return resultOption(func(cfg *resultConfig) error {
		cfg.wait = true
		return nil
	})
}

// Logs writes the job's log to w while the job runs, for a program to read: whole lines, each once
// and in order, as soon as the server has them. The log is the one that Windmill keeps, with
// Windmill's own lines in it: a banner of the worker ("job=… tag=… worker=… hostname=…") and
// headings such as "--- BASH CODE EXECUTION ---", after which the script's lines follow. An example
// shows how to skip them. Control characters are written as they are.
//
// w is used by one goroutine at a time and never after the method has returned. The method waits
// for a Write in progress, even if the context has ended, so w should not block. Text not yet
// written one second after the result arrives is dropped, which the logger of [WithLogger] reports.
// If w returns an error, the log ends and the run continues; if it panics, so does the method.
//
// [Client.RunScriptAsync] ignores the option. Without [WaitForCompletion], GetResult writes the log
// that the server has at that time. Logs excludes [Verbose].
func Logs(w io.Writer) LogOption { return logOption{w: w} }

// Verbose writes the job's log to w as [Logs] does, and a line for each change of the job's status,
// for a person to watch. Control characters in the log are escaped. Verbose excludes Logs.
func Verbose(w io.Writer) LogOption { return logOption{w: w, verbose: true} }

// logOption says where a job's log goes.
type logOption struct {
	w       io.Writer
	verbose bool
}

func (l logOption) applyToRun(cfg *runConfig) error       { return l.apply(&cfg.logs) }
func (l logOption) applyToResult(cfg *resultConfig) error { return l.apply(&cfg.logs) }

func (l logOption) apply(to *logOption) error {
	name := "Logs"
	if l.verbose {
		name = "Verbose"
	}
	if v := reflect.ValueOf(l.w); l.w == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return fmt.Errorf("%s: the writer is nil", name)
	}
	if to.w != nil && to.verbose != l.verbose {
		return errors.New("Verbose and Logs exclude each other: give one of them")
	}
	*to = l
	return nil
}
