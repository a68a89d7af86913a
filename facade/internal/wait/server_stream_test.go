//go:build go1.25

package wait

import (
	"context"
	"errors"
	"time"
)

// stream sends the events of a job as the real server does, through a proxy if there is one.
func (v *server) stream(ctx context.Context, r *row, alive func(bool)) error {
	v.mu.Lock()
	v.opened = append(v.opened, time.Now())
	n := len(v.opened)
	v.open++
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.open--
	}()
	if v.bunch > 0 {
		return bunched(ctx, v.bunch, alive, func(alive func(bool)) error {
			return v.events(ctx, r, n, alive)
		})
	}
	return v.events(ctx, r, n, alive)
}

// events sends an event at once, one at the next look of the server, and then one every 6 s.
func (v *server) events(ctx context.Context, r *row, n int, alive func(bool)) error {
	if err := pass(ctx, v.latency); err != nil {
		return err
	}
	if v.streamFault != nil {
		if err := v.streamFault(n); err != nil {
			return err
		}
	}
	start, last := time.Now(), time.Now()
	for look := 0; time.Since(start) < time.Minute; look++ {
		if v.cut != nil && v.cut(time.Since(v.started)) {
			return errBroken
		}
		switch {
		case v.mute, v.muteFrom > 0 && n >= v.muteFrom, v.stalls && look > 1:
		case v.lies != nil && v.lies(r.id), !r.at.After(time.Now()):
			alive(true)
			return nil
		case look < 2, time.Since(last) >= 6*time.Second:
			last = time.Now()
			alive(false)
		}
		every := 500 * time.Millisecond
		switch {
		case look < 10:
			every = 100 * time.Millisecond
		case look >= 100:
			every = 3 * time.Second
		}
		if err := pass(ctx, every); err != nil {
			return err
		}
	}
	return nil
}

// bunched hands on events in bunches, at whole multiples of a time.
func bunched(
	ctx context.Context, every time.Duration, alive func(bool), events func(func(bool)) error,
) error {
	queue, ended := make(chan bool, 1000), make(chan error, 1)
	go func() { ended <- events(func(completed bool) { queue <- completed }) }()
	for {
		next := time.Now().Truncate(every).Add(every)
		err := pass(ctx, time.Until(next))
		if err != nil {
			return errors.Join(err, <-ended)
		}
		for len(queue) > 0 {
			alive(<-queue)
		}
		select {
		case err := <-ended:
			return err
		default:
		}
	}
}
