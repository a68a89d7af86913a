//go:build go1.25

package wait

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

var (
	errGateway     = errors.New("502")
	errUnconnected = errors.New("connection refused")
	errCertificate = errors.New("bad certificate")
)

func TestAHoldThatAnotherBroughtEndsNoWaitBeforeItsThirdFailure(t *testing.T) {
	for failures := 1; failures <= 4; failures++ {
		t.Run(fmt.Sprintf("after %d", failures), func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.noStream, v.maxOutage = true, 30*time.Second
				v.lookFault = func(_ string, n int) error {
					if n > failures {
						return nil
					}
					if n == failures {
						time.AfterFunc(50*time.Millisecond, func() {
							v.mu.Lock()
							defer v.mu.Unlock()
							v.hold = time.Now().Add(time.Minute)
						})
					}
					return errBroken
				}
				start := time.Now()
				_, err := v.scheduler().Wait(t.Context(), v.submit("a", 2*time.Minute))
				if failures < 3 && err != nil {
					t.Errorf("given up after %v: %v", time.Since(start), err)
				}
				if took := time.Since(start); failures >= 3 && (!errors.Is(err, errBroken) || took > 32*time.Second) {
					t.Errorf("got %v after %v", err, took)
				}
			})
		})
	}
}

func TestTroubleThatLooksLastingCountsFromItsOwnFirstFailure(t *testing.T) {
	once := func(at time.Duration, special, usual error) func(time.Duration) error {
		passed := false
		return func(age time.Duration) error {
			switch {
			case age < at:
				return usual
			case !passed:
				passed = true
				return special
			case age < at+10*time.Second:
				return usual
			}
			return nil
		}
	}
	from := func(at time.Duration, before, after error) func(time.Duration) error {
		return func(age time.Duration) error {
			if age < at {
				return before
			}
			return after
		}
	}
	looks := 0
	for name, test := range map[string]struct {
		fault func(age time.Duration) error
		ends  time.Duration // about when the wait is given up; zero means that it gets its result
	}{
		"one refusal in an outage":              {once(30*time.Second, errUnconnected, errGateway), 0},
		"one refusal at the start of an outage": {once(0, errUnconnected, errGateway), 0},
		"one bad certificate in an outage":      {once(30*time.Second, errCertificate, errGateway), 0},
		"an outage that passes with refusals": {func(age time.Duration) error {
			return from(30*time.Second, errGateway, from(36*time.Second, errUnconnected, nil)(age))(age)
		}, 0},
		"bad certificates from the start":          {from(0, nil, errCertificate), 300 * time.Millisecond},
		"refusals from the start":                  {from(0, nil, errUnconnected), 10 * time.Second},
		"refusals from the middle of an outage":    {from(30*time.Second, errGateway, errUnconnected), 40 * time.Second},
		"an outage that begins with refusals":      {from(5*time.Second, errUnconnected, errGateway), 5 * time.Minute},
		"bad certificates at the end of an outage": {from(30*time.Second, errGateway, errCertificate), 38 * time.Second},
		"refusals now and then for ever": {func(time.Duration) error {
			looks++
			return []error{errGateway, errUnconnected}[looks%2]
		}, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.noStream = true
				s, start := v.scheduler(), time.Now()
				s.cfg.Tolerance = func(err error) time.Duration {
					return map[error]time.Duration{errGateway: 5 * time.Minute, errUnconnected: 10 * time.Second, errCertificate: 0}[err]
				}
				v.lookFault = func(string, int) error { return test.fault(time.Since(start)) }
				_, err := s.Wait(t.Context(), v.submit("a", time.Second))
				took := time.Since(start)
				if test.ends == 0 && err != nil {
					t.Errorf("given up after %v: %v", took, err)
				}
				if test.ends > 0 && (err == nil || took < test.ends-time.Second || took > test.ends+10*time.Second) {
					t.Errorf("ended after %v, want about %v: %v", took, test.ends, err)
				}
			})
		})
	}
}

func TestAProcessThatWasStoppedInAnOutageHasMostOfItsPatienceLeft(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.noStream, v.maxOutage = true, time.Minute
		failures := 0
		v.lookFault = func(_ string, n int) error {
			if n < 5 || n > 12 {
				return nil
			}
			if failures++; failures == 2 {
				time.Sleep(time.Hour) // the process is stopped
			}
			return errBroken
		}
		if _, err := v.scheduler().Wait(t.Context(), v.submit("a", 2*time.Hour)); err != nil {
			t.Error(err)
		}
	})
}
