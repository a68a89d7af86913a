//go:build go1.25

package wait

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestAServerWithoutAWorkingStreamIsAskedTwiceASecond(t *testing.T) {
	for name, set := range map[string]func(*server){
		"none":          func(v *server) { v.noStream = true },
		"refused":       func(v *server) { v.streamFault = func(int) error { return errStream } },
		"always broken": func(v *server) { v.streamFault = func(int) error { return errBroken } },
		"never a word":  func(v *server) { v.mute = true },
	} {
		t.Run(name, func(t *testing.T) {
			for _, lasts := range []time.Duration{250 * time.Millisecond, 3 * time.Second,
				7300 * time.Millisecond, 30 * time.Second} {
				simulate(t, func(t *testing.T, v *server) {
					set(v)
					if late := lateness(t, v, lasts); late > 510*time.Millisecond {
						t.Errorf("a job of %v: %v late", lasts, late)
					}
					if n, most := v.requests(), 12+int(lasts/interval); n > most {
						t.Errorf("a job of %v: %d requests, want at most %d", lasts, n, most)
					}
				})
			}
		})
	}
}

func TestAStreamThatDoesNotSayTheEndInTimeDelaysNoResultByMuch(t *testing.T) {
	for name, test := range map[string]struct {
		set  func(*server)
		most time.Duration
	}{
		"it falls silent":                 {func(v *server) { v.stalls = true }, 8 * time.Second},
		"it is mute when opened again":    {func(v *server) { v.muteFrom = 3 }, 510 * time.Millisecond},
		"it breaks after 4 s, and always": {breaksAfter(4 * time.Second), 510 * time.Millisecond},
		"a proxy bunches it, 1 s":         {bunches(time.Second), 510 * time.Millisecond},
		"a proxy bunches it, 4 s":         {bunches(4 * time.Second), 510 * time.Millisecond},
		"a proxy bunches it, 8 s":         {bunches(8 * time.Second), 510 * time.Millisecond},
		"a proxy bunches it, 15 s":        {bunches(15 * time.Second), 510 * time.Millisecond},
		"a proxy keeps it to its end":     {bunches(time.Hour), 510 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			for lasts := 400 * time.Millisecond; lasts < 70*time.Second; lasts += lasts / 3 {
				simulate(t, func(t *testing.T, v *server) {
					test.set(v)
					if late := lateness(t, v, lasts); late > test.most {
						t.Errorf("a job of %v was %v late", lasts, late)
					}
					if n, most := v.requests(), 12+int(lasts/interval); n > most {
						t.Errorf("a job of %v: %d requests, want at most %d", lasts, n, most)
					}
				})
			}
		})
	}
}

func bunches(every time.Duration) func(*server) { return func(v *server) { v.bunch = every } }

func breaksAfter(d time.Duration) func(*server) {
	return func(v *server) { v.cut = func(age time.Duration) bool { return age > d } }
}

func TestAStreamThatAProxyCutsIsOpenedAgainSoon(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		most  int
	}{
		"after half a minute": {29 * time.Second, 60},
		"after five seconds":  {5 * time.Second, 300},
		"after half a second": {500 * time.Millisecond, 1250},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				job := v.submit("a", 10*time.Minute)
				stream := job.Stream
				job.Stream = func(ctx context.Context, alive func(bool)) error {
					ctx, cancel := context.WithTimeout(ctx, test.after)
					defer cancel()
					return stream(ctx, alive)
				}
				if _, err := v.scheduler().Wait(t.Context(), job); err != nil {
					t.Error(err)
				}
				if n := v.requests(); n > test.most {
					t.Errorf("%d requests in ten minutes, want at most %d", n, test.most)
				}
			})
		})
	}
}

func TestAStreamThatIsRefusedNowAndThenIsOpenedAgainSoon(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.streamFault = func(n int) error { return []error{nil, errBroken}[n%2] }
		lateness(t, v, 10*time.Minute)
		if n := v.requests(); n > 120 {
			t.Errorf("%d requests in ten minutes", n)
		}
	})
}

func TestAStreamThatSaysTooEarlyThatAJobHasCompletedCostsLittle(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lies = func(string) bool { return true }
		if late := lateness(t, v, time.Minute); late > 510*time.Millisecond {
			t.Errorf("%v late", late)
		}
		if n := v.expects["60s"]; n > 12 {
			t.Errorf("%d looks at a job that a stream took for completed", n)
		}
	})
}

func TestAStreamThatIsWrongOnceIsReliedOnAgain(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lies = func(string) bool { return time.Since(v.started) < 2*time.Second }
		if late := lateness(t, v, time.Minute); late > 510*time.Millisecond {
			t.Errorf("%v late", late)
		}
		if n := v.requests(); n > 45 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestAJobThatAStreamShowsBeforeItsRecordDoesIsNoticedSoon(t *testing.T) {
	for _, behind := range []time.Duration{100 * time.Millisecond, time.Second} {
		simulate(t, func(t *testing.T, v *server) {
			v.behind = behind
			if late := lateness(t, v, 7*time.Second) - behind; late > 510*time.Millisecond {
				t.Errorf("%v later than its record", late)
			}
		})
	}
}

func TestUpToTenJobsAreFollowedByTheirStreams(t *testing.T) {
	for n, most := range map[int]int{1: 1, 10: 10, 11: 0, 30: 0} {
		simulate(t, func(t *testing.T, v *server) {
			v.submit("older", -time.Second)
			time.AfterFunc(19*time.Second, func() {
				if open := v.streams(); open != most {
					t.Errorf("%d waits: %d streams are open, want %d", n, open, most)
				}
			})
			late := waitAll(t, v, n, always(20*time.Second))
			if late[n-1] > 510*time.Millisecond {
				t.Errorf("%d waits: %v late", n, late[n-1])
			}
		})
	}
}

func TestThoseWhoAreLeftOpenStreamsWhenTheOthersAreDone(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.submit("older", -time.Second)
		time.AfterFunc(4*time.Second, func() {
			if n := v.streams(); n != 10 {
				t.Errorf("%d streams are open", n)
			}
		})
		waitAll(t, v, 30, func(i int) time.Duration {
			return []time.Duration{20 * time.Second, 2 * time.Second, 2 * time.Second}[i%3]
		})
	})
}

func TestAStreamThatIsReadForTheLogIsOpenedAmongManyWaits(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		s := v.scheduler()
		var group sync.WaitGroup
		for i := range 30 {
			group.Go(func() {
				job := v.submit(fmt.Sprint(i), 10*time.Second)
				job.Followed = i == 29
				if _, err := s.Wait(t.Context(), job); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(5 * time.Second)
		if n := v.streams(); n != 1 {
			t.Errorf("%d streams are open", n)
		}
		group.Wait()
	})
}

func TestWaitsThatComeAndGoWhileTheNumberOfStreamsChangesAreNotLate(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) { // eight stay, and one to six others come and go
		v.submit("older", -time.Second)
		s := v.scheduler()
		wait := func(id string, lasts time.Duration) {
			end := time.Now().Add(lasts)
			_, err := s.Wait(t.Context(), v.submit(id, lasts))
			if err != nil || time.Since(end) > 510*time.Millisecond {
				t.Errorf("%s: %v, %v late", id, err, time.Since(end))
			}
		}
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() { wait(fmt.Sprint("stays ", i), 2*time.Minute+time.Duration(i)*time.Second) })
		}
		for i := range 6 {
			group.Go(func() {
				for j := range 40 {
					wait(fmt.Sprint("comes ", i, j), time.Duration(1+(i*7+j*3)%11)*300*time.Millisecond)
				}
			})
		}
		group.Wait()
		if polls := 8*250 + 6*40*4; v.requests() > polls*2/3 {
			t.Errorf("%d requests, %d by polling", v.requests(), polls)
		}
	})
}

func TestAStreamThatEndsWithAnErrorEndsNoWait(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.streamFault = func(int) error { return errNotFound }
		if late := lateness(t, v, 10*time.Second); late > 510*time.Millisecond {
			t.Errorf("%v late", late)
		}
		if n := len(v.opened); n > 6 {
			t.Errorf("%d streams", n)
		}
	})
}
