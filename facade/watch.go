package facade

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// watcher is what the waits of one client have in common: it says whose turn it is to look, so that together they ask the server hardly more
// than one would. Its goroutine runs while there are waits and sends no requests itself: looks are made by the callers, listings by a
// goroutine of their own. The lock is never held during a request.
type watcher struct {
	client *Client

	mu      sync.Mutex
	waits   map[string]*wait // by job id: several may wait for one job
	n       int              // how many waits there are
	queue   waitQueue        // those that are not looking
	looks   int              // how many are
	newest  time.Time        // when the last wait began
	used    time.Time        // when the last slot was used
	credit  int              // how many looks may go without a slot
	latency time.Duration    // of the last look
	listing listing
	outage  outage

	wake chan struct{} // tells the goroutine that something has changed
	over chan struct{} // closed when there are none
	ctx  context.Context
	stop context.CancelFunc
}

// join adds a wait, and starts the goroutine for the first. fresh says that the job was submitted this instant.
func (w *watcher) join(id string, fresh bool) *wait {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.n == 0 {
		// Made here and not with the client, so that a wait in a testing/synctest bubble has all that it waits for in there.
		w.wake, w.over = make(chan struct{}, 1), make(chan struct{})
		if w.waits == nil {
			w.waits = make(map[string]*wait)
		}
		w.outage = outage{}
		w.listing.restart(now)
		go w.run(w.over, w.wake)
	}
	w.n++
	w.newest = now
	x := &wait{id: id, turn: make(chan struct{}, 1), since: now, due: now, fresh: fresh, known: fresh, checked: now}
	if fresh {
		x.due = now.Add(w.interval(x, now))
	}
	x.twin, w.waits[id] = w.waits[id], x
	w.enqueue(x)
	return x
}

// leave removes a wait, and stops the goroutine after the last.
func (w *watcher) leave(x *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.endLook(x)
	if x.place >= 0 {
		heap.Remove(&w.queue, x.place)
	}
	w.forget(x)
	w.n--
	switch w.n {
	case 0:
		close(w.over)
		if w.stop != nil {
			w.stop()
			w.ctx, w.stop = nil, nil
		}
		if cap(w.queue) > spare {
			w.waits, w.queue = nil, nil
		}
	case alone:
		w.hurry() // from here on each job is looked at by itself
	default:
		w.nudge()
	}
}

// spare is for how many waits the queue is kept when there are none.
const spare = 64

func (w *watcher) forget(x *wait) {
	if w.waits[x.id] == x {
		w.waits[x.id] = x.twin
	} else {
		for other := w.waits[x.id]; other != nil; other = other.twin {
			if other.twin == x {
				other.twin = x.twin
			}
		}
	}
	if w.waits[x.id] == nil {
		delete(w.waits, x.id)
	}
}

// listings is the context of the listings, which ends with the last wait.
func (w *watcher) listings() context.Context {
	if w.ctx == nil {
		w.ctx, w.stop = context.WithCancel(context.Background())
	}
	return w.ctx
}

// completed puts a wait whose job is said to have completed before all others.
func (w *watcher) completed(x *wait) {
	if x.doubted {
		return
	}
	x.listed = true
	if x.place >= 0 {
		heap.Fix(&w.queue, x.place)
	}
	w.nudge()
}

// hasten is completed, for those that do not hold the lock.
func (w *watcher) hasten(x *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.completed(x)
}

// fate tells a wait whose turn it is whether it is over.
func (w *watcher) fate(x *wait) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return x.ended
}

// answered takes in a look that got an answer. If it was not the one waited for, there will be another.
func (w *watcher) answered(x *wait, start time.Time, done bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.endLook(x)
	w.outage.end()
	if done {
		w.nudge()
		switch {
		case x.listed:
		case x.fresh || x.pending:
			if w.n > alone {
				w.listing.expect(x.id)
			}
		default:
			// Its job had completed before; others that begin may find the same, and need no slots for it.
			w.credit = min(w.credit+2, maxCredit)
		}
		return
	}
	w.latency = min(now.Sub(start), rarestLook)
	x.due = now.Add(w.interval(x, now))
	x.doubted = x.listed
	if x.listed {
		// The look was for nothing, and counts.
		w.used = later(w.used, now).Add(slot)
		x.due = earlier(x.due, now.Add(time.Second))
	}
	x.listed, x.pending, x.failures = false, true, 0
	w.enqueue(x)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// again lets a wait look a second time soon, since it was told something final.
func (w *watcher) again(x *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.endLook(x)
	x.due = time.Now().Add(2 * slot)
	w.enqueue(x)
}

// failed takes in a look that got no good answer, and returns an error once there have been no good ones for too long.
func (w *watcher) failed(x *wait, start time.Time, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.endLook(x)
	if x.failures++; x.failures == 1 {
		x.failing = start
	}
	rest := min(asksToWait(err), maxRetryAfter)
	w.outage.strike(start, now, rest)
	if long := now.Sub(x.failing); long >= w.client.maxOutage {
		return noAnswer(long, err)
	}
	if long := now.Sub(w.outage.since); long >= w.client.maxOutage {
		err = noAnswer(long, err)
		for len(w.queue) > 0 {
			w.queue[0].ended = err
			w.grant(w.queue[0])
		}
		return err
	}
	x.due = now.Add(max(backoff(x.failures), w.interval(x, now), rest))
	w.enqueue(x)
	return nil
}

func (w *watcher) enqueue(x *wait) {
	heap.Push(&w.queue, x)
	w.nudge()
}

// hurry brings the looks forward where the number of waits, or the listing, has changed what the time between them should be.
func (w *watcher) hurry() {
	now := time.Now()
	for _, x := range w.queue {
		if due := now.Add(w.interval(x, now)); due.Before(x.due) {
			x.due = due
		}
	}
	heap.Init(&w.queue)
	w.nudge()
}

func (w *watcher) interval(x *wait, now time.Time) time.Duration {
	return max(ownInterval(now.Sub(x.since), now.Sub(w.newest), w.n, w.listing.good(now)), w.latency)
}

func (w *watcher) grant(x *wait) {
	heap.Remove(&w.queue, x.place)
	x.looking = true
	w.looks++
	x.turn <- struct{}{}
}

func (w *watcher) endLook(x *wait) {
	if x.looking {
		x.looking = false
		w.looks--
	}
}

func (w *watcher) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// waitQueue is a heap of waits, for container/heap: first those whose jobs have completed, then by the time of the next look.
type waitQueue []*wait

func (q waitQueue) Len() int { return len(q) }

func (q waitQueue) Less(i, j int) bool {
	if q[i].listed != q[j].listed {
		return q[i].listed
	}
	return q[i].due.Before(q[j].due)
}

func (q waitQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *waitQueue) Push(x any) {
	w := x.(*wait)
	w.place = len(*q)
	*q = append(*q, w)
}

func (q *waitQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	x.place = -1
	return x
}
