//go:build go1.25

package wait

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestJobsThatAreNotDueDoNotHoldUpOthers(t *testing.T) {
	for name, test := range map[string]struct {
		scheduled int
		together  int // how many others there are at a time
		late      time.Duration
		fault     error // of looks at scheduled jobs
	}{
		"a hundred, and one other":             {100, 1, 600 * time.Millisecond, nil},
		"three thousand, and one other":        {3000, 1, 600 * time.Millisecond, nil},
		"three thousand, and sixty others":     {3000, 60, 6 * time.Second, nil},
		"a thousand in trouble, and one other": {1000, 1, 600 * time.Millisecond, errBroken},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.noStream = true
				v.listFault = func(int) error { return errRefused }
				v.lookFault = func(id string, _ int) error {
					if id[0] == 's' {
						return test.fault
					}
					return nil
				}
				s, start := v.scheduler(), time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				var scheduled, others sync.WaitGroup
				for i := range test.scheduled {
					scheduled.Go(func() {
						job := v.submit(fmt.Sprint("s", i), 24*time.Hour)
						job.Due = time.Now().Add(24 * time.Hour)
						_, _ = s.Wait(ctx, job)
					})
				}
				time.Sleep(55 * time.Second)
				for i := range test.together {
					others.Go(func() {
						for n := range 20 {
							lasts := time.Duration(n) * 150 * time.Millisecond
							end := time.Now().Add(lasts)
							if _, err := s.Wait(t.Context(), v.submit(fmt.Sprint("o", i, n), lasts)); err != nil || time.Since(end) > test.late {
								t.Errorf("a job of %v: %v, %v late", lasts, err, time.Since(end))
							}
						}
					})
				}
				others.Wait()
				most := 20*int(time.Since(start.Add(55*time.Second))/time.Second+1) + 20*test.together
				if n := v.requests(); n > most {
					t.Errorf("%d requests, want at most %d", n, most)
				}
				cancel()
				scheduled.Wait()
			})
		})
	}
}

func TestAHundredJobsThatAreNotDueAreEachLookedAtOnceAMinute(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s, due := v.scheduler(), time.Now().Add(24*time.Hour)
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() {
				lasts := 10*time.Minute + time.Duration(i)*time.Second // it is canceled then
				job := v.submit(fmt.Sprint(i), lasts)
				job.Due = due
				end := time.Now().Add(lasts)
				if _, err := s.Wait(t.Context(), job); err != nil || time.Since(end) > 90*time.Second {
					t.Errorf("%v, noticed %v after it was canceled", err, time.Since(end))
				}
			})
		}
		group.Wait()
	})
}
