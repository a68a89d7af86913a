//go:build go1.25

package wait

import (
	"testing"
	"time"
)

func TestRetryAfterIsObeyedByTheWaitThatWasTold(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		var looked []time.Time
		v.lookFault = func(id string, n int) error {
			if id == "told" {
				looked = append(looked, time.Now())
			}
			if id == "told" && n == 2 {
				return busy(time.Minute)
			}
			return nil
		}
		s := v.scheduler()
		each(2, func(i int) {
			id := []string{"told", "other"}[i]
			late := v.wait(t, s, v.submit(id, 10*time.Second))
			if id == "other" && late > 600*time.Millisecond {
				t.Errorf("a wait that was not told was %v late", late)
			}
		})
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
