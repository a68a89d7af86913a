// Package wait decides when to look at a job that is waited for, so that its end is noticed soon
// and at little cost. It knows nothing of HTTP: it is given functions.
//
// A look asks how one job is. Each call of [Scheduler.Wait] is a loop in its caller's goroutine:
// sleep, look, and again, until a look finds the job completed, the context ends, or looks have
// failed for too long. A wait has its own looks and its own failures, also where others wait for
// the same job. Every job counts as running that is not known to be due later.
//
// # Looks
//
// A wait looks at once, unless its job was submitted just now, and then every 500 ms; where at most
// ten running jobs are waited for, a new job is first looked at after 200 ms. Where there are more
// than a hundred, the time between two looks of a wait is 5 ms for each of these jobs: the client
// looks about 200 times a second, besides first, hinted and repeated looks. A job that is due later
// is looked at once a minute until then.
//
// # Feeds
//
// Two feeds say early that jobs have completed. Up to ten running jobs, and those whose log is
// read, are followed by their event streams. A stream is opened after 60 ms, again after a second,
// and then every 45 s, as the server looks less often while a stream grows old. For more jobs there
// is one listing of completed jobs, which is read 2 to 13 times a second. A feed only hints: if it
// says that a job has completed, its wait looks at once. While a wait relies on a feed, its own
// looks are as far apart as its job is old, but 5 to 30 s, in case the hint does not come. It
// relies
//
//   - on a stream, once two of its events have come as far apart as the server sends the first
//     two, until it has been silent for 8 s. A proxy that bunches events fails that test. When
//     it is opened again, it has to pass the test again within 500 ms;
//   - on the listing, until 450 ms after the last good one began, if it has shown every
//     completion since the wait's last look.
//
// After a wrong hint the wait does without feeds for 10 s. A stream that is of no use is opened
// again after 1 s, 2 s, and so on up to half a minute. The listing is left alone for 10 s or more,
// and twice as long each time, up to a minute, if it is refused, is slower than looking, or brings
// so many rows of others that looking is cheaper; for five minutes if it misses jobs; and for a
// second after a failure that may pass, such as a timeout of 2 s.
//
// # Failures
//
// A look that fails is repeated within 500 ms the first time, but not sooner than in a second if it
// said something final, and then as often as the wait would look by itself. A hint brings it
// forward. The wait ends when two looks in a row, at least a second apart, say the same final
// thing. Otherwise it ends when its patience is spent: each failure says for how long failures like
// it are tolerated, and two in a row always are. Retry-After is obeyed by what was told: the wait,
// its stream, or the listing.
package wait

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Config is what a [Scheduler] needs to know of the server. All fields are required.
type Config struct {
	// List returns completed jobs, the newest first.
	List func(ctx context.Context, q Query) ([]Completion, error)
	// Classify returns what it means that a look, a stream or a listing has failed with err.
	Classify func(err error) Failure
	// ContextError returns the error of a wait whose context has ended. last is the error of the
	// last look, or nil if that succeeded.
	ContextError func(ctx context.Context, last error) error
	// Log gets a line for failures.
	Log *slog.Logger
}

// Failure is what a failed look means.
type Failure struct {
	// Final is what the API itself says of the job, as a comparable error, or nil if the failure
	// may pass. It ends the wait when it is said twice, at least a second apart.
	Final error
	// Tolerance is how long a wait tolerates failures like this one.
	Tolerance time.Duration
	// RetryAfter is how long the server asked to be left alone, or 0.
	RetryAfter time.Duration
	// Reason is the error for the log, without the request.
	Reason string
}

// Query selects completed jobs.
type Query struct {
	After         time.Time // only jobs that completed later; zero means all
	Page, PerPage int       // Page counts from 1
}

// Completion is a completed job in the listing.
type Completion struct {
	ID string
	At time.Time // by the server's clock; zero if unknown
}

// Job is a job to wait for.
type Job struct {
	ID    string
	Fresh bool // the job was submitted this instant, to run now

	// Look asks how the job is. expect means that the job is believed to have completed.
	Look func(ctx context.Context, expect bool) (Report, error)
	// Stream follows the job's event stream until the stream or ctx ends. It calls alive for each
	// event. Nil means that there is no stream.
	Stream func(ctx context.Context, alive func(completed bool)) error
	// Followed means that the stream is read for the job's log too: it is opened however many
	// jobs are waited for.
	Followed bool
}

// Report is what a look has found.
type Report struct {
	Done    bool      // the job has completed
	Started bool      // the job runs
	Due     time.Time // when the job is to start, if that is known and ahead
	Value   any       // for the caller of Wait
}

// wait is one call of [Scheduler.Wait]. Fields after wake are guarded by the scheduler's lock.
type wait struct {
	job   *Job
	phase float64       // random, from 0 to 1, so that many waits do not look together
	wake  chan struct{} // to plan again

	begun   time.Time // since when the job can be running
	due     time.Time // when it is to start, while that is ahead
	running bool      // it counts as running: it is not known to start later
	last    time.Time // when the last look that succeeded ended; zero if none has
	hold    time.Time // until when Retry-After, or a final response, forbids requests

	hinted    bool      // a feed has said that the job has completed
	ignore    time.Time // until when feeds are ignored
	following bool      // its stream is followed
	streams   sync.WaitGroup
	streamed  time.Time // until when the stream is relied on

	// What has gone wrong since the last look that succeeded:
	failures int
	failed   time.Time     // when the last look failed
	err      error         // of that look
	final    error         // what it said, if that is final
	retry    time.Time     // when to look again
	outage   time.Duration // how long looks have failed
	spent    float64       // how much of the patience that has taken, from 0 to 1
}

// Wait returns the report of the first look that finds the job done. It returns an error when ctx
// ends, when looks say the same final thing twice, or when they fail for longer than is tolerated.
func (s *Scheduler) Wait(ctx context.Context, job *Job) (Report, error) {
	w := s.join(job)
	defer s.leave(w)
	defer w.streams.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for ctx.Err() == nil {
		at, expect := s.plan(ctx, w)
		if delay := time.Until(at); delay > 0 {
			select {
			case <-time.After(delay):
			case <-w.wake:
			case <-ctx.Done():
			}
			continue
		}
		report, err := job.Look(ctx, expect)
		switch {
		case err == nil:
			if s.succeeded(w, report, expect); report.Done {
				return report, nil
			}
		case ctx.Err() == nil:
			if err := s.failed(ctx, w, err); err != nil {
				return Report{}, err
			}
		}
	}
	return Report{}, s.cfg.ContextError(ctx, w.err)
}
