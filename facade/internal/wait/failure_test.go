//go:build go1.25

package wait

import (
	"errors"
	"strings"
	"testing"
	"time"
)

var (
	errGateway     = errors.New("502")
	errUnconnected = errors.New("connection refused")
	errCertificate = errors.New("bad certificate")
)

func TestAFinalAnswerIsBelievedWhenItIsSaidTwiceASecondApart(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lookFault = fails(errRefused)
		start := time.Now()
		_, err := v.scheduler().Wait(t.Context(), v.submit("a", 0))
		if !errors.Is(err, errRefused) || strings.Contains(err.Error(), "no good response") {
			t.Errorf("got %v", err)
		}
		took := time.Since(start)
		if took < time.Second || took > 1200*time.Millisecond || v.looks["a"] != 2 {
			t.Errorf("%d looks in %v", v.looks["a"], took)
		}
	})
}

func TestAFinalAnswerIsNotSaidTwiceForAHint(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) { // the stream says that the job has completed
		v.lookFault = func(_ string, n int) error {
			if n == 1 {
				time.Sleep(90 * time.Millisecond)
			}
			return errNotFound
		}
		start := time.Now()
		_, err := v.scheduler().Wait(t.Context(), v.submit("a", 30*time.Millisecond))
		if !errors.Is(err, errNotFound) || time.Since(start) < 1100*time.Millisecond {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

func TestAServerThatContradictsItselfIsNotBelieved(t *testing.T) {
	for name, test := range map[string]struct {
		fault func(n int) error
		err   error
	}{
		"for a moment": {func(n int) error {
			return []error{errRefused, errNotFound, errBroken, errNotFound, nil}[min(n, 5)-1]
		}, nil},
		"once, between good answers": {func(n int) error {
			return []error{nil, errNotFound}[n%2]
		}, nil},
		"forever": {func(n int) error { return []error{errNotFound, errRefused}[n%2] }, errNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.lookFault = func(_ string, n int) error { return test.fault(n) }
				_, err := v.scheduler().Wait(t.Context(), v.submit("a", 3*time.Second))
				if (err == nil) != (test.err == nil) || time.Since(v.started) > 6*time.Minute {
					t.Errorf("got %v after %v", err, time.Since(v.started))
				}
			})
		})
	}
}

func TestTwoFailuresAreToleratedHoweverShortAnOutageMayBe(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.tolerance = time.Millisecond
		v.lookFault = func(_ string, n int) error {
			if n == 2 || n == 3 {
				return errBroken
			}
			return nil
		}
		lateness(t, v, 10*time.Second)
	})
}

func TestAWaitIsGivenUpWhenItsPatienceIsSpent(t *testing.T) {
	looks := 0
	from := func(at time.Duration, before, after error) func(time.Duration) error {
		return func(age time.Duration) error {
			if age < at {
				return before
			}
			return after
		}
	}
	once := func(at time.Duration, special error) func(time.Duration) error {
		passed := false
		return func(age time.Duration) error {
			switch {
			case age < at:
				return errGateway
			case !passed:
				passed = true
				return special
			}
			return from(at+10*time.Second, errGateway, nil)(age)
		}
	}
	for name, test := range map[string]struct {
		fault func(age time.Duration) error
		ends  time.Duration // about when it is given up; zero means that it gets its result
	}{
		"an outage":                             {from(0, nil, errGateway), 5 * time.Minute},
		"one refusal in an outage":              {once(30*time.Second, errUnconnected), 0},
		"one refusal at the start of an outage": {once(0, errUnconnected), 0},
		"one bad certificate in an outage":      {once(30*time.Second, errCertificate), 0},
		"an outage that passes with refusals": {func(age time.Duration) error {
			after := from(36*time.Second, errUnconnected, nil)(age)
			return from(30*time.Second, errGateway, after)(age)
		}, 0},
		"bad certificates from the start": {from(0, nil, errCertificate), time.Second},
		"refusals from the start":         {from(0, nil, errUnconnected), 10 * time.Second},
		"refusals from the middle of an outage": {
			from(30*time.Second, errGateway, errUnconnected), 39 * time.Second},
		"an outage that begins with refusals": {
			from(5*time.Second, errUnconnected, errGateway), 5 * time.Minute},
		"bad certificates at the end of an outage": {
			from(30*time.Second, errGateway, errCertificate), 31 * time.Second},
		"refusals now and then forever": {func(time.Duration) error {
			looks++
			return []error{errGateway, errUnconnected}[looks%2]
		}, 285 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.noStream = true
				s := v.scheduler()
				s.cfg.Classify = func(err error) Failure {
					return Failure{Tolerance: map[error]time.Duration{
						errGateway: 5 * time.Minute, errUnconnected: 10 * time.Second,
					}[err]}
				}
				v.lookFault = func(string, int) error { return test.fault(time.Since(v.started)) }
				_, err := s.Wait(t.Context(), v.submit("a", time.Second))
				took := time.Since(v.started)
				if test.ends == 0 && err != nil {
					t.Errorf("given up after %v: %v", took, err)
				}
				early, late := test.ends-time.Second, test.ends+2*time.Second
				if test.ends > 0 && (err == nil || took < early || took > late) {
					t.Errorf("ended after %v, want about %v: %v", took, test.ends, err)
				}
			})
		})
	}
}

func TestAnOutageInWhichLooksHangEndsTheWaitInTime(t *testing.T) {
	simulate(t, func(t *testing.T, v *server) {
		v.lookFault = func(string, int) error {
			time.Sleep(time.Minute)
			return errBroken
		}
		_, err := v.scheduler().Wait(t.Context(), v.submit("a", 0))
		if took := time.Since(v.started); !errors.Is(err, errBroken) || took > 8*time.Minute {
			t.Errorf("got %v after %v", err, took)
		}
	})
}

func TestAProcessThatWasStoppedInAnOutageHasPatienceLeft(t *testing.T) {
	for name, test := range map[string]struct{ tolerance, stopped time.Duration }{
		"for an hour":                   {5 * time.Minute, time.Hour},
		"for an hour, little tolerance": {time.Minute, time.Hour},
		"for as long as is tolerated":   {time.Minute, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.tolerance = test.tolerance
				failures := 0
				v.lookFault = func(_ string, n int) error {
					if n < 5 || n > 12 {
						return nil
					}
					if failures++; failures == 3 {
						time.Sleep(test.stopped) // in simulated time that is the same
					}
					return errBroken
				}
				if _, err := v.scheduler().Wait(t.Context(), v.submit("a", 2*time.Hour)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
