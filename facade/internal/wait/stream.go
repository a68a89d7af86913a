package wait

import (
	"cmp"
	"context"
	"io"
	"time"
)

const (
	// streamAfter is how long a wait goes without a stream. Many jobs have completed by then.
	streamAfter = 60 * time.Millisecond
	// The first stream lasts for streamFirst at most, later ones for streamLater: the server looks at
	// a job ten times a second while its stream is young, and rarely when it is old.
	streamFirst, streamLater = time.Second, 45 * time.Second
	// streamSilence is longer than the time between two events: the server sends one every 6 s.
	streamSilence = 8 * time.Second
	// A server sends the first two events a tenth of a second apart. A proxy that hands on events
	// in bunches brings them together, or far apart.
	minGap, maxGap = 50 * time.Millisecond, 250 * time.Millisecond
	// A stream that has proved itself and lasted for streamUseful is opened again at once, since
	// proxies cut them. Any other is left alone for minReopen to maxReopen.
	streamUseful         = 5 * time.Second
	minReopen, maxReopen = time.Second, 30 * time.Second
)

// follows reports whether w is to follow its job's stream.
func (s *Scheduler) follows(w *wait, now time.Time) bool {
	return w.running && w.job.Stream != nil && (s.running <= maxStreams || w.job.Followed) &&
		!w.hold.After(now)
}

// follow follows the job's stream, again and again, until ctx ends or the stream is not needed.
func (s *Scheduler) follow(ctx context.Context, w *wait) {
	defer w.streams.Done()
	lasts, pause := streamFirst, streamAfter
	for sleep(ctx, pause) && s.keepFollowing(w) {
		start := time.Now()
		proved, err := s.readStream(ctx, w, lasts)
		if proved && time.Since(start) >= min(lasts, streamUseful) {
			pause = 0
		} else if ctx.Err() == nil {
			pause = max(clamp(2*pause, minReopen, maxReopen), s.streamFailed(ctx, w, err))
		}
		lasts = streamLater
	}
}

// keepFollowing reports whether w's stream is to be opened. If w relies on it, it has to prove
// itself again within an interval.
func (s *Scheduler) keepFollowing(w *wait) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	w.following, w.streamed = s.follows(w, now), earlier(w.streamed, now.Add(interval))
	wake(w)
	return w.following
}

// readStream reads w's stream once. It reports whether events came as they were sent.
func (s *Scheduler) readStream(ctx context.Context, w *wait, lasts time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, lasts)
	defer cancel()
	proved, previous := false, time.Time{}
	err := w.job.Stream(ctx, func(completed bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		now := time.Now()
		gap := now.Sub(previous)
		previous = now
		if proved = proved || gap >= minGap && gap <= maxGap; proved {
			w.streamed = now.Add(streamSilence)
		}
		if completed {
			hint(w)
		}
	})
	return proved, err
}

// streamFailed records that w's stream was of no use, so that w looks by itself. It returns how
// long the server asked to leave the stream alone.
func (s *Scheduler) streamFailed(ctx context.Context, w *wait, err error) time.Duration {
	f := s.cfg.Classify(cmp.Or(err, io.EOF))
	s.mu.Lock()
	w.streamed = time.Time{}
	wake(w)
	s.mu.Unlock()
	s.cfg.Log.DebugContext(ctx, "windmill: a job's event stream has ended", "job", w.job.ID,
		"error", f.Reason)
	return f.RetryAfter
}

// sleep sleeps for d, or a millisecond at least. It reports false if ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(max(d, time.Millisecond)):
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
