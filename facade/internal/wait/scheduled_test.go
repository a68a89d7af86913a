//go:build go1.25

package wait

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestAJobThatIsScheduledIsLookedAtOnceAMinute(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		job := v.schedule("a", 8*time.Hour, 200*time.Millisecond)
		if _, err := v.scheduler().Wait(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if n := v.requests(); n > 490 {
			t.Errorf("%d requests", n)
		}
		end := v.started.Add(8*time.Hour + 200*time.Millisecond)
		if late := time.Since(end); late > 150*time.Millisecond {
			t.Errorf("%v late", late)
		}
	})
}

func TestJobsThatAreScheduledCostLittleAndDoNotHoldUpOthers(t *testing.T) {
	for name, test := range map[string]struct {
		scheduled, together int
		fault               error // of looks at scheduled jobs
		noFeed              bool
		perMinute           int // looks at scheduled jobs
	}{
		"500, and one other":              {500, 1, nil, false, 500},
		"500, and one other without feed": {500, 1, nil, true, 500},
		"500, and sixty others":           {500, 60, nil, false, 500},
		"3000, and sixty without feed":    {3000, 60, nil, true, 3000},
		"1000 in trouble, and one other":  {1000, 1, errBroken, false, 12500},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.noStream = test.noFeed
				v.listFault = func(int) error {
					if test.noFeed {
						return errRefused
					}
					return nil
				}
				v.lookFault = func(id string, n int) error {
					if id[0] == 's' && n > 1 {
						return test.fault
					}
					return nil
				}
				v.submit("older", -time.Second)
				s := v.scheduler()
				ctx, cancel := context.WithCancel(t.Context())
				var scheduled, others sync.WaitGroup
				for i := range test.scheduled {
					scheduled.Go(func() {
						_, _ = s.Wait(ctx, v.schedule(fmt.Sprint("s", i), 8*time.Hour, 0))
					})
				}
				time.Sleep(55 * time.Second)
				for i := range test.together {
					others.Go(func() {
						for n := range 30 {
							lasts := time.Duration(n) * 150 * time.Millisecond
							end := time.Now().Add(lasts)
							_, err := s.Wait(t.Context(), v.submit(fmt.Sprint("o", i, n), lasts))
							if err != nil || time.Since(end) > 510*time.Millisecond {
								t.Errorf("a job of %v: %v, %v late", lasts, err, time.Since(end))
							}
						}
					})
				}
				others.Wait()
				minutes := time.Since(v.started).Minutes()
				cancel()
				scheduled.Wait()
				looks := 0
				for id, n := range v.looks {
					if id[0] == 's' {
						looks += n - 1
					}
				}
				if most := int((minutes + 0.2) * float64(test.perMinute)); looks > most {
					t.Errorf("%d looks at scheduled jobs, want at most %d", looks, most)
				}
			})
		})
	}
}

func TestManyJobsThatAreScheduledAreNotLookedAtTogether(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		s, due := v.scheduler(), 5*time.Minute
		var group sync.WaitGroup
		for i := range 300 {
			group.Go(func() {
				lasts := 50*time.Millisecond + time.Duration(i)*10*time.Millisecond
				job := v.schedule(fmt.Sprint(i), due, lasts)
				_, err := s.Wait(t.Context(), job)
				// Three hundred look every 1.5 s, until they have looked since they are listed.
				late := time.Since(v.started) - due - lasts
				if err != nil || late > 1600*time.Millisecond {
					t.Errorf("a job of %v: %v, %v late", lasts, err, late)
				}
			})
		}
		time.Sleep(due - time.Second)
		v.mu.Lock()
		looked := slices.Clone(v.looked[300:])
		v.mu.Unlock()
		if n := mostIn(looked, time.Second); n > 30 {
			t.Errorf("%d looks in a second", n)
		}
		time.Sleep(1200 * time.Millisecond)
		before := len(looked) + 300
		group.Wait()
		if n := mostIn(v.looked[before:], 100*time.Millisecond); n > 100 {
			t.Errorf("%d looks in a tenth of a second", n)
		}
	})
}

func TestACancellationOfAScheduledJobIsNoticedInAMinute(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s := v.scheduler()
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() {
				canceled := 10*time.Minute + time.Duration(i)*time.Second
				job := v.submit(fmt.Sprint(i), canceled)
				job.Fresh = false
				look := job.Look
				job.Look = func(ctx context.Context, expect bool) (Report, error) {
					report, err := look(ctx, expect)
					report.Started, report.Due = false, v.started.Add(24*time.Hour)
					return report, err
				}
				_, err := s.Wait(t.Context(), job)
				if late := time.Since(v.started) - canceled; err != nil || late > 61*time.Second {
					t.Errorf("%v, noticed after %v", err, late)
				}
			})
		}
		group.Wait()
	})
}

func TestAJobThatRunsBeforeItsTimeIsFollowedFromThenOn(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) { // the server's clock is ahead
		job := v.schedule("a", 5*time.Minute, 5*time.Minute+30*time.Second)
		look := job.Look
		job.Look = func(ctx context.Context, expect bool) (Report, error) {
			report, err := look(ctx, expect)
			report.Due = v.started.Add(4 * time.Hour)
			return report, err
		}
		if _, err := v.scheduler().Wait(t.Context(), job); err != nil {
			t.Error(err)
		}
		if late := time.Since(v.started) - 10*time.Minute - 30*time.Second; late > time.Second {
			t.Errorf("%v late", late)
		}
	})
}

func TestAJobWhoseTimeIsSaidALittleTooLateOrTooEarlyIsNoticed(t *testing.T) {
	for _, ahead := range []time.Duration{-2 * time.Second, -time.Second / 2, time.Second} {
		simulate(t, func(t *testing.T, v *server) {
			job := v.schedule("a", 5*time.Minute, 100*time.Millisecond)
			look := job.Look
			job.Look = func(ctx context.Context, expect bool) (Report, error) {
				report, err := look(ctx, expect)
				if !report.Started {
					report.Due = report.Due.Add(ahead)
				}
				return report, err
			}
			if _, err := v.scheduler().Wait(t.Context(), job); err != nil {
				t.Error(err)
			}
			late := time.Since(v.started) - 5*time.Minute - 100*time.Millisecond
			if late > max(ahead, 0)+600*time.Millisecond {
				t.Errorf("%v late", late)
			}
		})
	}
}

func TestATimeByAClockThatCountsInSecondsDoesNotMakeAWaitLookAllTheTime(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream = true
		job := v.schedule("a", 10*time.Second, 5*time.Second)
		look := job.Look
		job.Look = func(ctx context.Context, expect bool) (Report, error) {
			report, err := look(ctx, expect)
			if !report.Done && !report.Started {
				report.Due = time.Now().Add(20 * time.Millisecond) // until the job has started
			}
			return report, err
		}
		if _, err := v.scheduler().Wait(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if n := v.requests(); n > 40 {
			t.Errorf("%d requests in 15 s", n)
		}
	})
}
