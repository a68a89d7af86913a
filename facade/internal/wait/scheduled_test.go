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

func TestAJobThatIsToStartLaterIsNoticedAtLittleCost(t *testing.T) {
	dueIn := func(d time.Duration) func(*server) { // from the beginning, as long as it has not begun
		return func(v *server) {
			v.says = func(r *Report) {
				if !r.Started {
					r.Due = v.started.Add(d)
				}
			}
		}
	}
	const ms, sec = time.Millisecond, time.Second
	for name, test := range map[string]struct {
		due, lasts time.Duration
		set        func(*server)
		late       time.Duration
		requests   int
	}{
		"in eight hours":          {8 * time.Hour, 200 * ms, func(*server) {}, 150 * ms, 490},
		"two seconds too early":   {300 * sec, 100 * ms, dueIn(298 * sec), 600 * ms, 20},
		"half a second too early": {300 * sec, 100 * ms, dueIn(299500 * ms), 600 * ms, 15},
		"a second too late":       {300 * sec, 100 * ms, dueIn(301 * sec), 1600 * ms, 15},
		"before its time": {300 * sec, 330 * sec, func(v *server) {
			v.says = func(r *Report) { r.Due = v.started.Add(4 * time.Hour) }
		}, sec, 40},
		"by a clock that counts in seconds": {10 * sec, 5 * sec, func(v *server) {
			v.noStream = true
			v.says = func(r *Report) { r.Due = time.Now().Add(20 * ms) }
		}, 510 * ms, 40},
		"again, after it has run for a minute": {0, 720 * sec, func(v *server) {
			v.says = func(r *Report) {
				if age := time.Since(v.started); age > 60*sec && age < 660*sec {
					r.Started, r.Due = false, v.started.Add(660*sec)
				}
			}
		}, 600 * ms, 50},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				test.set(v)
				job := v.schedule("a", test.due, test.lasts)
				if late := v.wait(t, v.scheduler(), job); late > test.late {
					t.Errorf("%v late", late)
				}
				if n := v.requests(); n > test.requests {
					t.Errorf("%d requests, want at most %d", n, test.requests)
				}
			})
		})
	}
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
				s := v.scheduler()
				ctx, cancel := context.WithCancel(t.Context())
				var scheduled sync.WaitGroup
				scheduled.Go(func() {
					each(test.scheduled, func(i int) {
						_, _ = s.Wait(ctx, v.schedule(fmt.Sprint("s", i), 8*time.Hour, 0))
					})
				})
				time.Sleep(55 * time.Second)
				each(test.together, func(i int) {
					for n := range 30 {
						job := v.submit(fmt.Sprint("o", i, n), time.Duration(n)*150*time.Millisecond)
						if late := v.wait(t, s, job); late > 510*time.Millisecond {
							t.Errorf("job %s: %v late", job.ID, late)
						}
					}
				})
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
		s, due := v.scheduler(), 5*time.Minute
		var group sync.WaitGroup
		for i := range 300 {
			group.Go(func() {
				lasts := 50*time.Millisecond + time.Duration(i)*10*time.Millisecond
				late := v.wait(t, s, v.schedule(fmt.Sprint(i), due, lasts))
				// Three hundred look every 1.5 s, until they have looked since they are listed.
				if late > 1600*time.Millisecond {
					t.Errorf("a job of %v: %v late", lasts, late)
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
		v.says = func(r *Report) { r.Started, r.Due = false, v.started.Add(24*time.Hour) }
		each(100, func(i int) {
			job := v.submit(fmt.Sprint(i), 10*time.Minute+time.Duration(i)*time.Second)
			job.Fresh = false
			if late := v.wait(t, s, job); late > 61*time.Second {
				t.Errorf("noticed after %v", late)
			}
		})
	})
}
