//go:build go1.25

package wait

import (
	"context"
	"sync"
	"testing"
	"time"
)

func TestRetryAfterIsObeyedByTheWaitThatWasTold(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lookFault = func(id string, n int) error {
			if id == "told" && n == 2 {
				return busy(time.Minute)
			}
			return nil
		}
		s := v.scheduler()
		var looked []time.Time
		told := v.submit("told", 10*time.Second)
		look := told.Look
		told.Look = func(ctx context.Context, expect bool) (Report, error) {
			looked = append(looked, time.Now())
			return look(ctx, expect)
		}
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := s.Wait(t.Context(), told); err != nil {
				t.Error(err)
			}
		})
		other := v.submit("other", 10*time.Second)
		if _, err := s.Wait(t.Context(), other); err != nil {
			t.Error(err)
		}
		if late := time.Since(v.started) - 10*time.Second; late > 600*time.Millisecond {
			t.Errorf("a wait that was not told was %v late", late)
		}
		group.Wait()
		if gap := looked[2].Sub(looked[1]); gap < time.Minute || gap > 61*time.Second {
			t.Errorf("the wait that was told looked after %v, though its stream was alive", gap)
		}
	})
}

func TestRetryAfterThatAFeedWasToldIsObeyedAndDelaysNoResult(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.streamFault = func(int) error { return busy(30 * time.Second) }
		if late := lateness(t, v, 40*time.Second); late > 510*time.Millisecond {
			t.Errorf("%v late", late)
		}
		if n := len(v.opened); n != 2 {
			t.Errorf("%d streams", n)
		}
	})
	simulate(t, func(t *testing.T, v *server) {
		v.listFault = func(int) error { return busy(30 * time.Second) }
		if late := waitAll(t, v, 20, always(40*time.Second)); late[19] > 510*time.Millisecond {
			t.Errorf("%v late", late[19])
		}
		if n := len(v.lists); n != 2 {
			t.Errorf("%d listings", n)
		}
	})
}
