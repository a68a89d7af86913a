package facadetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// bashHeader ends the server's own lines at the beginning of a log.
const bashHeader = "--- BASH CODE EXECUTION ---\n"

// queue holds the jobs of a server and lets its workers run them.
//
// No goroutine waits for work: a job is started, in a goroutine of its own, by its submission, by
// the end of another job, or by the timer for the next scheduled one.
type queue struct {
	mu        sync.Mutex
	ctx       context.Context // of every script; ends with the server
	stop      context.CancelFunc
	ended     sync.WaitGroup // of scripts that run
	closed    bool
	paused    bool
	tags      map[string]bool // that the workers serve
	free      []string        // the idle workers
	jobs      map[uuid.UUID]*record
	created   []*record // all jobs, the oldest first
	completed []*record // completed jobs, in the order of their completion
	waiting   []*record // the jobs that the workers serve, in the order of their schedule
	timer     *time.Timer
	lag       time.Duration // from the completion of a job to its listing
	delay     time.Duration // from when a job is due to its start
}

// record is everything that is known about a job. A copy of one does not change.
type record struct {
	JobInfo         // without its Log
	uid             uuid.UUID
	droppedByWorker bool // canceled before it ran: the real server says that it failed
	canceledBy      string
	worker          string
	log             logText
	committed       bool // its insertion is over: it can be seen

	script *script
	cancel context.CancelFunc
}

func (r *record) running() bool   { return r.Status == facade.JobRunning }
func (r *record) completed() bool { return r.Status == facade.JobCompleted }

func newQueue(ctx context.Context, cfg config) *queue {
	q := &queue{delay: cfg.startDelay, tags: map[string]bool{"bash": true}}
	q.jobs = map[uuid.UUID]*record{}
	q.ctx, q.stop = context.WithCancel(ctx)
	for _, tag := range cfg.tags {
		q.tags[tag] = true
	}
	for i := range cfg.workers {
		// As long as a real worker's name, so that offsets into logs are what they are on a real server.
		q.free = append(q.free, fmt.Sprintf("wk-default-vm-%05d", i+1))
	}
	return q
}

// reserve takes a job's id, until commit makes the job visible. If the id is taken, it returns
// false and the job that has it.
func (q *queue) reserve(r *record) (taken record, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if other := q.jobs[r.uid]; other != nil {
		return *other, false
	}
	q.jobs[r.uid] = r
	return record{}, true
}

// commit queues a job whose id is reserved.
func (q *queue) commit(r *record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r.committed = true
	q.created = append(q.created, r)
	q.enqueue(r)
	q.dispatch()
}

// visible returns a job whose insertion is over, or nil. The caller holds the lock.
func (q *queue) visible(id uuid.UUID) *record {
	if r := q.jobs[id]; r != nil && r.committed {
		return r
	}
	return nil
}

// get returns a copy of a job in a workspace.
func (q *queue) get(workspace string, id uuid.UUID) (record, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.visible(id)
	if r == nil || workspace != workspaceID {
		return record{}, false
	}
	return *r, true
}

// log adds to the log of a job, unless the attempt that writes is over.
func (q *queue) log(r *record, attempt int, piece []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if r.running() && r.Attempts == attempt {
		r.log.append(piece)
	}
}

// enqueue adds a job to those that wait for a worker. The caller holds the lock.
func (q *queue) enqueue(r *record) {
	if !q.tags[r.Tag] {
		return
	}
	i := sort.Search(len(q.waiting), func(i int) bool {
		return q.waiting[i].ScheduledFor.After(r.ScheduledFor)
	})
	q.waiting = slices.Insert(q.waiting, i, r)
}

// dequeue removes a job from those that wait for a worker. The caller holds the lock.
func (q *queue) dequeue(r *record) {
	q.waiting = slices.DeleteFunc(q.waiting, func(other *record) bool { return other == r })
}

// dispatch starts the jobs that can start, and sets the timer for the one that is due next. The
// caller holds the lock.
func (q *queue) dispatch() {
	if q.timer != nil {
		q.timer.Stop()
		q.timer = nil
	}
	if q.closed || q.paused {
		return
	}
	for len(q.free) > 0 && len(q.waiting) > 0 {
		if wait := time.Until(q.waiting[0].ScheduledFor.Add(q.delay)); wait > 0 {
			q.timer = time.AfterFunc(wait, func() {
				q.mu.Lock()
				defer q.mu.Unlock()
				q.dispatch()
			})
			return
		}
		r := q.waiting[0]
		q.waiting = q.waiting[1:]
		if r.Canceled {
			q.drop(r)
		} else {
			q.start(r)
		}
	}
}

// drop lets a free worker end a job that was canceled while it waited. The caller holds the lock.
func (q *queue) drop(r *record) {
	r.worker, r.StartedAt, r.droppedByWorker = q.free[0], now(), true
	reason := cmp.Or(r.CancelReason, noReason)
	r.Result = canceledResult(r.canceledBy, reason)
	r.log.append(fmt.Appendf(nil, "Unexpected error during job execution:\nJsonErr: {\n"+
		"  \"message\": %s,\n  \"name\": \"Canceled\",\n  \"reason\": %s,\n  \"canceler\": %s\n}",
		encodeString(cancelMessage(r.canceledBy, reason)), encodeString(reason),
		encodeString(r.canceledBy)))
	q.complete(r)
}

// start gives a job to a free worker. The caller holds the lock.
func (q *queue) start(r *record) {
	r.worker, q.free = q.free[0], q.free[1:]
	r.Status, r.StartedAt = facade.JobRunning, now()
	r.Attempts++
	r.log.append(fmt.Appendf(nil, "job=%s tag=%s worker=%s hostname=vm isolation=none\n\n\n%s",
		r.ID, r.Tag, r.worker, bashHeader))
	ctx, cancel := context.WithCancel(q.ctx)
	r.cancel = cancel
	job := &Job{
		ID: r.ID, Path: r.Path, Hash: r.Hash, Tag: r.Tag, Workspace: workspaceID,
		ParentID: r.ParentID, RootID: r.RootID, Args: slices.Clone(r.Args),
		queue: q, record: r, attempt: r.Attempts,
	}
	worker := r.worker
	q.ended.Add(1)
	go func() {
		defer q.ended.Done()
		defer cancel()
		out := failed("the script's function ended its goroutine (t.Fatal and t.FailNow do)")
		// Deferred, because the function may end its goroutine.
		defer func() {
			job.end()
			q.finish(r, job.attempt, worker, out)
		}()
		out = r.script.call(ctx, job)
	}()
}

// finish frees the worker, and completes the job unless this attempt has been canceled by Requeue
// or Forget.
func (q *queue) finish(r *record, attempt int, worker string, out outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free = append(q.free, worker)
	if r.running() && r.Attempts == attempt && q.jobs[r.uid] == r {
		switch {
		case r.Canceled && !out.success:
			out.result = terminatedResult(r.canceledBy, cmp.Or(r.CancelReason, noReason))
		case out.exited:
			out.result = exitResult(out.exitCode, string(r.log))
		}
		r.Success, r.Skipped = out.success && !r.Canceled, out.skipped && !r.Canceled
		r.Result = out.result
		q.complete(r)
	}
	q.dispatch()
}

// complete ends a job whose result is set. The caller holds the lock.
func (q *queue) complete(r *record) {
	r.Status, r.CompletedAt, r.cancel = facade.JobCompleted, now(), nil
	q.completed = append(q.completed, r)
}

// close ends all scripts and waits for them. Nothing is started any more.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.dispatch() // stops the timer
	q.mu.Unlock()
	q.stop()
	q.ended.Wait()
}
