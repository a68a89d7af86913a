//go:build go1.25

package wait

import (
	"context"
	"fmt"
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
		"it is mute when opened again":    {func(v *server) { v.muteFrom = 2 }, 510 * time.Millisecond},
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

func TestAStreamThatIsWrongOrRefusedEndsNoWaitAndCostsLittle(t *testing.T) {
	for name, test := range map[string]struct {
		set                      func(*server)
		lasts                    time.Duration
		requests, opened, wrongs int // at most
	}{
		"refused now and then": {func(v *server) {
			v.streamFault = func(n int) error { return []error{nil, errBroken}[n%2] }
		}, 10 * time.Minute, 120, 60, 0},
		"refused for a final reason": {func(v *server) {
			v.streamFault = func(int) error { return errNotFound }
		}, 10 * time.Second, 40, 6, 0},
		"it says too early that the job has completed, always": {func(v *server) {
			v.lies = func(string) bool { return true }
		}, time.Minute, 140, 12, 12},
		"it says that once": {func(v *server) {
			v.lies = func(string) bool { return time.Since(v.started) < 2*time.Second }
		}, time.Minute, 45, 6, 2},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				test.set(v)
				job := v.submit("a", test.lasts)
				if late := v.wait(t, v.scheduler(), job); late > 510*time.Millisecond {
					t.Errorf("%v late", late)
				}
				n, opened, wrongs := v.requests(), len(v.opened), v.expects["a"]-1
				if n > test.requests || opened > test.opened || wrongs > test.wrongs {
					t.Errorf("%d requests, %d streams, %d wrong hints", n, opened, wrongs)
				}
			})
		})
	}
}

func TestUpToTenJobsAndThoseWithALogAreFollowedByTheirStreams(t *testing.T) {
	const second = time.Second
	for name, test := range map[string]struct {
		n, logs, open int           // how many are waited for, have a log, and are followed
		others        time.Duration // how long the others last: those that are no multiple of three
	}{
		"one":                      {1, 0, 1, 20 * second},
		"ten":                      {10, 0, 10, 20 * second},
		"eleven":                   {11, 0, 0, 20 * second},
		"thirty":                   {30, 0, 0, 20 * second},
		"thirty, one with a log":   {30, 1, 1, 20 * second},
		"ten when twenty are over": {30, 0, 10, 2 * second},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				time.AfterFunc(19*second, func() {
					if open := v.streams(); open != test.open {
						t.Errorf("%d streams are open, want %d", open, test.open)
					}
				})
				s := v.scheduler()
				each(test.n, func(i int) {
					lasts := 20 * second
					if i%3 > 0 {
						lasts = test.others
					}
					job := v.submit(fmt.Sprint(i), lasts)
					job.Followed = i < test.logs
					if late := v.wait(t, s, job); late > 510*time.Millisecond {
						t.Errorf("%v late", late)
					}
				})
			})
		})
	}
}
