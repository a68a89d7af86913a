//go:build go1.25

package wait

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAResultComesSoonAfterAnOutage(t *testing.T) {
	for name, test := range map[string]struct {
		n, others int
		most      time.Duration
	}{
		"1 wait":     {1, 0, 700 * time.Millisecond},
		"100 waits":  {100, 10, 700 * time.Millisecond},
		"3000 waits": {3000, 10, 1500 * time.Millisecond}, // the listing is read once a second
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				const down, up = 10 * time.Second, 250 * time.Second
				breakAll(v, down, up)
				v.others = test.others
				waitAll(t, v, test.n, func(i int) time.Duration {
					return 3*down + time.Duration(i)*100*time.Second/time.Duration(test.n)
				})
				if late := time.Since(v.started) - up; late > test.most {
					t.Errorf("the last result came %v after the outage", late)
				}
			})
		})
	}
}

func TestAResultThatAGatewaySwallowsOnceIsThereSoon(t *testing.T) {
	for _, n := range []int{1, 100, 1000} {
		simulate(t, func(t *testing.T, v *server) {
			swallowed := map[string]bool{}
			v.lookFault = func(id string, _ int) error {
				v.mu.Lock()
				defer v.mu.Unlock()
				if v.expects[id] == 0 || swallowed[id] {
					return nil
				}
				swallowed[id] = true
				return errBroken
			}
			late := waitAll(t, v, n, upTo(20*time.Second))
			if most := late[n-1]; most > 1200*time.Millisecond {
				t.Errorf("%d waits: %v late", n, most)
			}
		})
	}
}

func TestAHintBringsTheNextLookForwardAlsoAfterAFailure(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) { // a thousand waits look every five seconds
		broken := away(v, 4*time.Second, 12*time.Second)
		v.lookFault = func(string, int) error { return broken() }
		late := waitAll(t, v, 1000, func(i int) time.Duration {
			return 12*time.Second + time.Duration(i)*5*time.Millisecond
		})
		if most := late[999]; most > 600*time.Millisecond {
			t.Errorf("%v late", most)
		}
	})
}

func TestALargeResultThatNeverComesIsAskedForTwiceASecond(t *testing.T) {
	for _, n := range []int{1, 30} {
		simulate(t, func(t *testing.T, v *server) {
			v.tolerance = time.Minute
			v.lookFault = func(id string, _ int) error {
				v.mu.Lock()
				defer v.mu.Unlock()
				if v.expects[id] > 0 {
					return errGateway
				}
				return nil
			}
			s := v.scheduler()
			each(n, func(i int) {
				job := v.submit(fmt.Sprint(i), 3*time.Second)
				if _, err := s.Wait(t.Context(), job); !errors.Is(err, errGateway) {
					t.Errorf("got %v", err)
				}
			})
			if looks := len(v.looked); looks > 130*n || len(v.opened) > 12*n {
				t.Errorf("%d waits: %d looks, %d streams in a minute", n, looks, len(v.opened))
			}
		})
	}
}

func TestAnOutageIsNotAskedAboutByAllAtTheSameMoment(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		breakAll(v, 0, 20*time.Second)
		each(50, func(i int) { // programs
			v.wait(t, v.scheduler(), v.submit(fmt.Sprint(i), time.Second))
		})
		if n := mostIn(v.looked[50:], 10*time.Millisecond); n > 15 {
			t.Errorf("%d of 50 programs ask in the same hundredth of a second", n)
		}
	})
}

func TestAnOutageIsLoggedOnce(t *testing.T) {
	for _, n := range []int{1, 30} {
		simulate(t, func(t *testing.T, v *server) {
			breakAll(v, 5*time.Second, 2*time.Minute)
			var log strings.Builder
			s := v.scheduler()
			s.cfg.Log = logTo(&log)
			each(n, func(i int) { v.wait(t, s, v.submit(fmt.Sprint(i), time.Minute)) })
			if lines := strings.Count(log.String(), "\n"); lines < n || lines > n+1 {
				t.Errorf("%d waits: %d lines", n, lines)
			}
		})
	}
}
