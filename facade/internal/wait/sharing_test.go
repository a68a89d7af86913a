//go:build go1.25

package wait

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

func TestManyWaitsForOneJobAskAsOne(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s, job := v.scheduler(), v.submit("a", 20*time.Second)
		first, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := s.Wait(first, job); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the first: %v", err)
			}
		})
		for range 200 {
			group.Go(func() {
				time.Sleep(time.Second)
				if report, err := s.Wait(t.Context(), job); err != nil || report.Value != "a" {
					t.Errorf("got %v, %v", report, err)
				}
			})
		}
		group.Wait()
		if n := v.requests(); n > 20 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestThoseWhoWereThereWhenTheTroubleBeganShareItsEnd(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lookFault = func(string, int) error { return errNotFound }
		s, job := v.scheduler(), v.submit("a", time.Hour)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if _, err := s.Wait(t.Context(), job); !errors.Is(err, errNotFound) {
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if v.looks["a"] > 3 {
			t.Errorf("%d looks", v.looks["a"])
		}
	})
}

func TestThoseWhoWaitForOneJobAskAsOneThoughTheyLeaveOneAfterTheOther(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s, job := v.scheduler(), v.submit("a", time.Hour)
		job.Fresh = false
		var group sync.WaitGroup
		for range 500 {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				if _, err := s.Wait(ctx, job); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			})
			time.Sleep(10 * time.Millisecond)
		}
		group.Wait()
		if n := v.requests(); n > 100 {
			t.Errorf("%d requests in 35 s", n)
		}
	})
}
