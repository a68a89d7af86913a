package facade

import "time"

// idle is how long the schedule sleeps when nothing is due: until it is woken.
const idle = time.Hour

// run gives turns until the last wait has left.
func (w *watcher) run(over, wake <-chan struct{}) {
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		select {
		case <-over:
			return
		case <-wake:
		case <-timer.C:
		}
		w.mu.Lock()
		select {
		case <-over: // these may be others' waits by now
		default:
			next := w.schedule(time.Now())
			for next <= 0 {
				next = w.schedule(time.Now())
			}
			timer.Reset(next)
		}
		w.mu.Unlock()
	}
}

// schedule gives turns to those whose time has come, and returns the time until there may be more to do.
func (w *watcher) schedule(now time.Time) time.Duration {
	if w.outage.on() {
		return w.probe(now)
	}
	// A result that is there is fetched without regard to the slots.
	for len(w.queue) > 0 && w.queue[0].listed && w.looks < maxLooks && !w.used.After(now) {
		w.grant(w.queue[0])
	}
	next, free := idle, w.used.Add(max(slot, w.latency)).Sub(now)
	if w.n > alone && w.listing.usable(now) && !w.listing.busy {
		if next = max(free, w.listing.due.Sub(now)); next <= 0 {
			w.used, free, next = now, slot, idle
			w.listing.busy = true
			go w.list(w.listings(), w.listing.window(now, w.n, w.oldest))
		}
	}
	if len(w.queue) > 0 && w.looks < maxLooks {
		if hasty(w.n, now.Sub(w.newest)) || w.credit > 0 {
			free = 0
		}
		due := max(free, w.queue[0].due.Sub(now))
		if due <= 0 {
			w.spend(now)
			w.grant(w.queue[0])
			due = 0 // there may be credit for another
		}
		next = min(next, due)
	}
	return next
}

// spend uses a slot, or credit.
func (w *watcher) spend(now time.Time) {
	if w.credit > 0 {
		w.credit--
	} else {
		w.used = now
	}
}

// probe lets one wait at a time look while the server gives no good answer, and ever less often.
func (w *watcher) probe(now time.Time) time.Duration {
	if w.looks > 0 || len(w.queue) == 0 {
		return idle
	}
	if next := w.outage.next.Sub(now); next > 0 {
		return next
	}
	w.grant(w.queue[0])
	return idle
}

// oldest is when the first of the waits began.
func (w *watcher) oldest() time.Time {
	first := w.newest
	for _, x := range w.waits {
		for ; x != nil; x = x.twin {
			if x.since.Before(first) {
				first = x.since
			}
		}
	}
	return first
}

// outage is a time in which the server gives no good answer.
type outage struct {
	failures int
	since    time.Time
	last     time.Time // when a failure was counted last
	next     time.Time // when to look again
}

// on tells an outage from a line that breaks now and then.
func (o *outage) on() bool { return o.failures >= 3 }

func (o *outage) end() { *o = outage{} }

// strike counts the failure of a request that was sent at start, after which the server asks for a rest. Of those under way together
// only one counts.
func (o *outage) strike(start, now time.Time, rest time.Duration) {
	if o.failures > 0 && start.Before(o.last) {
		return
	}
	if o.failures == 0 {
		o.since = start
	}
	o.failures++
	o.last, o.next = now, now.Add(max(backoff(o.failures), rest))
}
