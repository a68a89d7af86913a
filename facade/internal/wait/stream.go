package wait

import (
	"context"
	"sync"
	"time"
)

const (
	// streamFirst and streamLater are after which time a stream is opened anew: the server looks at a job most often while its stream is young.
	streamFirst = time.Second
	streamLater = 45 * time.Second
	// streamSilence is longer than the time between two signs of life.
	streamSilence = 12 * time.Second
	// streamRenewal is how long the first sign of life of a stream that was opened anew may take.
	streamRenewal = 500 * time.Millisecond
)

// stream is what a wait knows of its job's event stream.
type stream struct {
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	open    bool
	renewed bool          // it was open before
	next    time.Time     // when to open it again
	pause   time.Duration // after the last failure
	alive   time.Time     // until when the stream is relied on
	again   func()        // what ended its goroutine, if it did not return
}

// endStream returns when the stream has ended, or ends as that did.
func (w *wait) endStream() {
	w.cancel()
	w.running.Wait()
	if w.again != nil {
		w.again()
	}
}

// openStream opens the job's stream if it is time for that, and returns when it will be.
func (s *Scheduler) openStream(w *wait, now, hold time.Time) time.Time {
	if w.job.Stream == nil || w.open || s.active > few && !w.job.Followed {
		return now.Add(idle)
	}
	if at := later(later(w.next, s.streams), later(w.begun.Add(streamAfter), hold)); at.After(now) {
		return at
	}
	w.open = true
	w.running.Add(1)
	go Guard(func() { s.follow(w) }, func(again func()) {
		defer w.running.Done()
		s.mu.Lock()
		defer s.mu.Unlock()
		w.again = again
		wake(w)
	})
	return now.Add(idle)
}

// follow follows the job's stream until it ends, or it is time to open it anew.
func (s *Scheduler) follow(w *wait) {
	lasts := streamFirst
	if w.renewed {
		lasts = streamLater
	}
	ctx, cancel := context.WithTimeout(w.ctx, lasts)
	defer cancel()
	told, start := false, time.Now()
	err := w.job.Stream(ctx, func(completed bool) {
		told = true
		s.told(w, completed)
	})
	lived := told && time.Since(start) >= lasts/10 // gateways may cut it, but not at once
	if !lived {
		s.cfg.Log.DebugContext(ctx, "windmill: a job's event stream has ended", "job", w.job.ID, "error", err)
	}
	hold := time.Until(s.cfg.Hold())
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	w.open, w.renewed = false, true
	if lived {
		w.pause, w.next = 0, now
		w.alive = earlier(w.alive, now.Add(streamRenewal))
	} else {
		w.pause = clamp(2*w.pause, firstPause, longestPause)
		w.next, w.alive = now.Add(w.pause), time.Time{}
		if hold > 0 && w.ctx.Err() == nil {
			s.streams = now.Add(heldPause * hold)
		}
	}
}

// told takes in a sign of life.
func (s *Scheduler) told(w *wait, completed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.alive = time.Now().Add(streamSilence)
	if completed {
		hint(w)
	}
}
