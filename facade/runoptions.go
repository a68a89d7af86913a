package facade

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/google/uuid"
)

// RunOption is a setting of [Client.RunScriptAsync] and [Client.RunScriptSync].
type RunOption interface{ applyToRun(*runConfig) error }

// ResultOption is a setting of [Client.GetResult].
type ResultOption interface{ applyToResult(*resultConfig) error }

// LogOption is a [RunOption] and a [ResultOption]: [Logs] and [Verbose] make one.
type LogOption interface {
	RunOption
	ResultOption
}

type runConfig struct {
	jobID, parentJob, tag string
	scheduledIn           *time.Duration
	scheduledAt           *time.Time
	keepRunning           bool
	logs                  logOptions
}

type resultConfig struct {
	wait bool
	logs logOptions
}

type runOption func(*runConfig) error

func (f runOption) applyToRun(cfg *runConfig) error { return f(cfg) }

type resultOption func(*resultConfig) error

func (f resultOption) applyToResult(cfg *resultConfig) error { return f(cfg) }

// maxSchedule is past any plan, and before the dates that make the server stumble.
const maxSchedule = 100 * 365 * 24 * time.Hour

// ScheduledIn makes the job start after d at the earliest, by the server's clock. The server counts whole seconds; d is rounded up. It may
// be 0, which starts the job immediately, and at most 100 years. It excludes [ScheduledAt].
func ScheduledIn(d time.Duration) RunOption {
	return runOption(func(cfg *runConfig) error {
		if d < 0 || d > maxSchedule {
			return fmt.Errorf("ScheduledIn: %v is not between 0 and 100 years", d)
		}
		cfg.scheduledIn = &d
		return nil
	})
}

// ScheduledAt makes the job start at t at the earliest, by the server's clock. A time in the past starts the job immediately. The zero time,
// and a time more than 100 years from now, are invalid arguments. It excludes [ScheduledIn].
func ScheduledAt(t time.Time) RunOption {
	return runOption(func(cfg *runConfig) error {
		if t.IsZero() || t.After(time.Now().Add(maxSchedule)) {
			return fmt.Errorf("ScheduledAt: %v is the zero time, or more than 100 years from now", t)
		}
		t = t.UTC()
		cfg.scheduledAt = &t
		return nil
	})
}

// JobID gives the job this id instead of a random one; any UUID will do, written with dashes. A second run with the same id and script joins
// the job that is there, whether it waits, runs or has completed: so a program that keeps the id before it starts the job can crash at
// any point, start again, and get that job's result. The arguments of a run that joins are ignored. A run that joined, or may only have
// joined, never cancels the job. If the id belongs to a job of another script, the error is [ErrJobIDTaken]. The server forgets a job, and
// its id, some time after it has completed (30 days, unless it is configured otherwise).
func JobID(id string) RunOption {
	return runOption(func(cfg *runConfig) (err error) {
		if cfg.jobID, err = parseJobID(id); err != nil {
			return fmt.Errorf("JobID: %w", err)
		}
		return nil
	})
}

// NewJobID returns a new id for [JobID]: a random UUID that sorts by the time at which it was made, as the server's own ids do.
func NewJobID() string { return uuid.Must(uuid.NewV7()).String() }

// Tag sends the job to the workers that serve this tag, instead of the script's own. If no worker does, the job waits. The tag may not be
// empty.
func Tag(s string) RunOption {
	return runOption(func(cfg *runConfig) error {
		if s == "" || !printable(s) {
			return fmt.Errorf("Tag: %q is empty or has control characters", s)
		}
		cfg.tag = s
		return nil
	})
}

// ParentJob makes the job a child of the job with this id, a UUID, instead of the environment's WM_JOB_ID. The root of the job stays
// the environment's WM_ROOT_FLOW_JOB_ID.
func ParentJob(id string) RunOption {
	return runOption(func(cfg *runConfig) (err error) {
		if cfg.parentJob, err = parseJobID(id); err != nil {
			return fmt.Errorf("ParentJob: %w", err)
		}
		return nil
	})
}

// KeepRunning leaves the job running when the wait of [Client.RunScriptSync] ends early, instead of canceling it. [Client.RunScriptAsync],
// which never cancels, ignores it.
func KeepRunning() RunOption {
	return runOption(func(cfg *runConfig) error {
		cfg.keepRunning = true
		return nil
	})
}

// WaitForCompletion makes [Client.GetResult] wait until the job has completed. It never cancels the job.
func WaitForCompletion() ResultOption {
	return resultOption(func(cfg *resultConfig) error {
		cfg.wait = true
		return nil
	})
}

// Verbose writes the job's log to w as it appears, and a line for each change of its status, for a person to watch. It is an
// option of [Client.RunScriptSync] and [Client.GetResult]; [Client.RunScriptAsync], which does not wait, ignores it. w is
// used as [Logs] uses it. Verbose excludes Logs.
func Verbose(w io.Writer) LogOption {
	return logOptions{w: w, status: true}
}

// Logs writes the job's log to w as it appears, for a program to read: nothing but the log, whole lines, each once and in order. A
// line is handed over as soon as the server has it, in one Write with its newline, alone or with others. It is an option of
// [Client.RunScriptSync] and [Client.GetResult]; [Client.RunScriptAsync], which does not wait, ignores it. Without [WaitForCompletion],
// GetResult writes what there is of the log by now. Logs excludes Verbose.
//
// w is used by one goroutine at a time, and never after the method has returned. So the method returns only when a Write in progress has
// returned, even if its context has ended: give it a w that does not block. What a slow w has not been given a second after the result has arrived
// is left out, and the logger of [WithLogger] is told. When w returns an error, the log ends and the run goes on; when it panics, so does the method.
func Logs(w io.Writer) LogOption {
	return logOptions{w: w}
}

// logOptions are where a job's log goes.
type logOptions struct {
	w      io.Writer
	status bool // write the changes of status too
}

func (l logOptions) applyToRun(cfg *runConfig) error       { return l.apply(&cfg.logs) }
func (l logOptions) applyToResult(cfg *resultConfig) error { return l.apply(&cfg.logs) }

func (l logOptions) apply(to *logOptions) error {
	name := "Logs"
	if l.status {
		name = "Verbose"
	}
	if v := reflect.ValueOf(l.w); l.w == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return fmt.Errorf("%s: the writer is nil", name)
	}
	if to.w != nil && to.status != l.status {
		return errors.New("Verbose and Logs exclude each other: give one of them")
	}
	*to = l
	return nil
}
