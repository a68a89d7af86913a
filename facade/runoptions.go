package facade

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// RunOption is a setting of [Client.RunScriptAsync] and [Client.RunScriptSync].
type RunOption interface{ applyToRun(*runConfig) error }

// ResultOption is a setting of [Client.GetResult].
type ResultOption interface{ applyToResult(*resultConfig) error }

type runConfig struct {
	jobID, parentJob, tag string
	scheduledIn           *time.Duration
	scheduledAt           *time.Time
	keepRunning           bool
	logs                  io.Writer
}

type resultConfig struct {
	wait bool
	logs io.Writer
}

type runOption func(*runConfig) error

func (f runOption) applyToRun(cfg *runConfig) error { return f(cfg) }

type resultOption func(*resultConfig) error

func (f resultOption) applyToResult(cfg *resultConfig) error { return f(cfg) }

// longest is past any plan, and before the dates that make the server stumble.
const longest = 100 * 365 * 24 * time.Hour

// ScheduledIn lets the job start after d at the earliest, by the server's clock. The server counts whole seconds; d is rounded up. At most
// 100 years. It excludes [ScheduledAt].
func ScheduledIn(d time.Duration) RunOption {
	return runOption(func(cfg *runConfig) error {
		if d < 0 || d > longest {
			return fmt.Errorf("ScheduledIn: %v is not between 0 and 100 years", d)
		}
		cfg.scheduledIn = &d
		return nil
	})
}

// ScheduledAt lets the job start at t at the earliest, by the server's clock. A time that has passed means at once. It excludes [ScheduledIn].
func ScheduledAt(t time.Time) RunOption {
	return runOption(func(cfg *runConfig) error {
		if t.IsZero() || t.After(time.Now().Add(longest)) {
			return fmt.Errorf("ScheduledAt: %v is the zero time, or more than 100 years from now", t)
		}
		t = t.UTC()
		cfg.scheduledAt = &t
		return nil
	})
}

// JobID gives the job the id instead of a random one; any UUID will do. A second run with the same id and script joins the job that
// is there, whether it waits, runs or has completed: so a program that keeps the id before it starts the job can crash at
// any point, start again, and get that job's result. The arguments of a run that joins are not looked at. If the id is that of
// another script's job, the error is [ErrJobIDTaken]. The server forgets a job, and its id, some time after it has completed (30 days,
// unless it is configured otherwise).
func JobID(id string) RunOption {
	return runOption(func(cfg *runConfig) (err error) {
		if cfg.jobID, err = parseJobID(id); err != nil {
			return fmt.Errorf("JobID: %w", err)
		}
		return nil
	})
}

// Tag sends the job to the workers that serve this tag, instead of the script's own. If no worker does, the job waits.
func Tag(s string) RunOption {
	return runOption(func(cfg *runConfig) error {
		if s == "" || !printable(s) {
			return fmt.Errorf("Tag: %q is empty or has control characters", s)
		}
		cfg.tag = s
		return nil
	})
}

// ParentJob makes the job a child of the job with this id, instead of the environment's WM_JOB_ID.
func ParentJob(id string) RunOption {
	return runOption(func(cfg *runConfig) (err error) {
		if cfg.parentJob, err = parseJobID(id); err != nil {
			return fmt.Errorf("ParentJob: %w", err)
		}
		return nil
	})
}

// KeepRunning leaves the job alone when the wait of [Client.RunScriptSync] ends early, instead of canceling it.
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

// Verbose writes the job's logs to w as they appear, each character once and in order, and a line for every change of its status, for a
// person to watch. It is an option of [Client.RunScriptSync] and [Client.GetResult]; [Client.RunScriptAsync], which does not wait, ignores it.
//
// w is written to by one goroutine at a time. A w that is slow holds up the logs and not the result: if it is still in a Write a second
// after the result has arrived, the method returns, that Write is its last, and what it has not been given by then is left out.
// When w returns an error, the logs end, and the run goes on.
func Verbose(w io.Writer) interface {
	RunOption
	ResultOption
} {
	return verbose{w}
}

type verbose struct{ w io.Writer }

var errNoWriter = errors.New("Verbose: the writer is nil")

func (v verbose) applyToRun(cfg *runConfig) error {
	if v.w == nil {
		return errNoWriter
	}
	cfg.logs = v.w
	return nil
}

func (v verbose) applyToResult(cfg *resultConfig) error {
	if v.w == nil {
		return errNoWriter
	}
	cfg.logs = v.w
	return nil
}
