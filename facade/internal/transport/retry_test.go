//go:build go1.25

package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// failing returns a Transport whose server fails the first n requests, and counts them.
func failing(
	t *testing.T, n int, fail func(*http.Request) (*http.Response, error),
) (transport *Transport, sent *int) {
	sent = new(int)
	transport = newTransport(t, "http://windmill.test",
		roundTrip(func(r *http.Request) (*http.Response, error) {
			if *sent++; *sent <= n {
				return fail(r)
			}
			return response(r, 200, "ok"), nil
		}))
	transport.MaxRetries = 10
	return transport, sent
}

func TestPoliciesSayWhatIsRepeated(t *testing.T) {
	status := func(code int, text string) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) { return response(r, code, text), nil }
	}
	network := func(err error) func(*http.Request) (*http.Response, error) {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	const never, ifLost, untilRefused = false, true, true
	for name, test := range map[string]struct {
		fail                 func(*http.Request) (*http.Response, error)
		ifLost, untilRefused bool
	}{
		"a bad gateway":         {status(502, "no"), ifLost, untilRefused},
		"a lost response":       {network(io.ErrUnexpectedEOF), ifLost, untilRefused},
		"a refused connection":  {network(syscall.ECONNREFUSED), ifLost, untilRefused},
		"a gateway's 404":       {status(404, "404 page not found"), never, untilRefused},
		"a gateway's 403":       {status(403, "no"), never, untilRefused},
		"the API's own refusal": {status(404, "Not found: no"), never, never},
		"a bad token":           {status(401, "Unauthorized"), never, never},
		"a redirect":            {status(302, ""), never, never},
		"not implemented":       {status(501, "no"), never, never},
		"an unknown host":       {network(&net.DNSError{IsNotFound: true}), never, never},
	} {
		for repeat, again := range map[Repeat]bool{
			Never: false, IfLost: test.ifLost, UntilRefused: test.untilRefused,
		} {
			synctest.Test(t, func(t *testing.T) {
				transport, sent := failing(t, 3, test.fail)
				_, err := call(t.Context(), transport, Policy{Repeat: repeat}, "POST", "/x")
				want := 1
				if again {
					want = 4
				}
				if *sent != want || (err == nil) != again {
					t.Errorf("%s, policy %d: %d requests, want %d; %v", name, repeat, *sent, want, err)
				}
			})
		}
	}
}

func TestAnErrorIsInDoubtOnceAnAttemptMayHaveArrived(t *testing.T) {
	refused := func(r *http.Request) (*http.Response, error) {
		return response(r, 400, "Bad request: no"), nil
	}
	unsent := func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}
	lost := func(*http.Request) (*http.Response, error) { return nil, io.EOF }
	type attempts []func(*http.Request) (*http.Response, error)
	for name, test := range map[string]struct {
		attempts attempts
		inDoubt  bool
	}{
		"refused":                {attempts{refused}, false},
		"not sent, then refused": {attempts{unsent, refused}, false},
		"lost, then refused":     {attempts{lost, refused}, true},
		"lost, then not sent":    {attempts{lost, unsent, unsent}, true},
		"never sent":             {attempts{unsent, unsent, unsent}, false},
		"not sent, then lost":    {attempts{unsent, lost, unsent}, true},
		"an error of the server's": {attempts{func(r *http.Request) (*http.Response, error) {
			return response(r, 500, "Internal: no"), nil
		}}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			transport, _ := failing(t, 100, func(r *http.Request) (*http.Response, error) {
				n++
				return test.attempts[min(n, len(test.attempts))-1](r)
			})
			transport.MaxRetries = 2
			_, err := call(t.Context(), transport, Policy{Repeat: UntilRefused}, "POST", "/x")
			if e := (*Error)(nil); !errors.As(err, &e) || e.InDoubt != test.inDoubt {
				t.Errorf("%s: %+v, want in doubt: %t", name, e, test.inDoubt)
			}
		})
	}
}

// busy answers 429 with a Retry-After.
func busy(after string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		resp := response(r, 429, "slow down")
		resp.Header.Set("Retry-After", after)
		return resp, nil
	}
}

func TestRetryAfterIsObeyedForTwoMinutesAtMost(t *testing.T) {
	for after, want := range map[string]struct {
		atLeast, atMost time.Duration
		sent            int
	}{
		"7":     {7 * time.Second, 8 * time.Second, 2},
		"0":     {0, time.Second, 2},
		"120":   {2 * time.Minute, 2*time.Minute + time.Second, 2},
		"86400": {2 * time.Minute, 2*time.Minute + time.Second, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			transport, sent := failing(t, 1, busy(after))
			start := time.Now()
			err := get(t, transport, "/x")
			took := time.Since(start)
			if err != nil || took < want.atLeast || took > want.atMost || *sent != want.sent {
				t.Errorf("%s: %v after %v and %d requests", after, err, took, *sent)
			}
		})
	}
}

func TestRetryAfterBindsOnlyTheCallThatGotIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport, _ := failing(t, 1, busy("60"))
		go func() { _ = get(t, transport, "/x") }()
		synctest.Wait()
		start := time.Now()
		if err := get(t, transport, "/y"); err != nil || time.Since(start) > 0 {
			t.Errorf("another call: %v after %v", err, time.Since(start))
		}
		time.Sleep(time.Hour)
	})
}

func TestADeadlineBeforeTheRetryAfterEndsTheCallOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport, sent := failing(t, 100, busy("60"))
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		defer stop()
		start := time.Now()
		_, err := call(ctx, transport, Policy{Repeat: IfLost}, "GET", "/x")
		want := "GET /x: context deadline exceeded (the last attempt failed: status 429: slow down)"
		if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
			t.Errorf("the error (-want +got):\n%s", diff)
		}
		took := time.Since(start)
		if !errors.Is(err, context.DeadlineExceeded) || took != 30*time.Second || *sent != 1 {
			t.Errorf("%v after %v and %d requests", err, took, *sent)
		}
	})
}

func TestNothingIsSentLaterThanTwoMinutesAfterTheFirstAttempt(t *testing.T) {
	for _, after := range []string{"0", "45", "59", "70", "119"} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			transport, _ := failing(t, 1000, func(r *http.Request) (*http.Response, error) {
				if since := time.Since(start); since > 2*time.Minute {
					t.Errorf("Retry-After %s: a request after %v", after, since)
				}
				time.Sleep(5 * time.Second)
				return busy(after)(r)
			})
			transport.MaxRetries = 1000
			if err := get(t, transport, "/x"); !strings.Contains(fmt.Sprint(err), "slow down") {
				t.Errorf("Retry-After %s: %v", after, err)
			}
		})
	}
}

func TestBackoffDoublesToTwoSeconds(t *testing.T) {
	for n, most := range map[int]time.Duration{
		1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 5: 1600 * time.Millisecond,
		6: 2 * time.Second, 64: 2 * time.Second, 1 << 30: 2 * time.Second,
	} {
		different := map[time.Duration]bool{}
		for range 100 {
			d := backoff(n)
			different[d] = true
			if d < most/2 || d > most {
				t.Errorf("before retry %d: %v, want %v to %v", n, d, most/2, most)
			}
		}
		if len(different) < 10 {
			t.Errorf("before retry %d: only %d different times", n, len(different))
		}
	}
}
