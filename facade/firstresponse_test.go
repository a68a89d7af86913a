//go:build go1.25

package facade_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
)

// permanentTrouble is what looks permanent, by name: a request fails with an error, or gets a
// response.
func permanentTrouble() map[string]http.RoundTripper {
	trouble := map[string]http.RoundTripper{
		"a login page": &fakeServer{handler: answering(302, "", "")},
		"a proxy that wants credentials": &fakeServer{
			handler: answering(407, "text/html", htmlPage),
		},
		"another server": &fakeServer{handler: answering(404, "text/html", htmlPage)},
	}
	for name, err := range map[string]error{
		"nothing listens":          &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		"an unknown host":          &net.DNSError{Err: "no such host", IsNotFound: true},
		"an untrusted certificate": &tls.CertificateVerificationError{Err: errors.New("no")},
	} {
		trouble[name] = roundTrip(func(*http.Request) (*http.Response, error) { return nil, err })
	}
	return trouble
}

func TestPermanentTroubleEndsAWaitSoonBeforeTheFirstResponse(t *testing.T) {
	for name, through := range permanentTrouble() {
		synctest.Test(t, func(t *testing.T) {
			c, start := newClient(t, through), time.Now()
			_, err := c.GetResult(within(t, time.Hour), someJob, facade.WaitForCompletion())
			took := time.Since(start)
			if !errors.As(err, new(*facade.WaitError)) || took < 8*time.Second || took > 15*time.Second {
				t.Errorf("%s: %v after %v, want a WaitError after about ten seconds", name, err, took)
			}
		})
	}
}

func TestAPageForEveryRequestIsNoResponseOfTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, start := newClient(t, &fakeServer{handler: answering(200, "text/html", htmlPage)}), time.Now()
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/users", nil)
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		_, err = c.GetResult(within(t, time.Hour), someJob, facade.WaitForCompletion())
		if took := time.Since(start); err == nil || took < 8*time.Second || took > 15*time.Second {
			t.Errorf("%v after %v, want an error after about ten seconds", err, took)
		}
	})
}

func TestPermanentTroubleIsToleratedAfterTheFirstResponse(t *testing.T) {
	for name, through := range permanentTrouble() {
		synctest.Test(t, func(t *testing.T) {
			start, fine := time.Now(), &fakeServer{handler: okHandler("1")}
			c := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				if since := time.Since(start); since < time.Second || since > time.Minute {
					return fine.RoundTrip(r)
				}
				return through.RoundTrip(r)
			}))
			if _, err := c.GetVersion(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
			_, err := c.GetResult(within(t, time.Hour), someJob, facade.WaitForCompletion())
			if err != nil || time.Since(start) < time.Minute {
				t.Errorf("%s: %v after %v", name, err, time.Since(start))
			}
		})
	}
}

func TestPermanentTroubleEndsASingleCallAtOnce(t *testing.T) {
	for name, through := range permanentTrouble() {
		for method, call := range calls {
			synctest.Test(t, func(t *testing.T) {
				if name == "nothing listens" || strings.HasPrefix(method, "Run") {
					return // a server that restarts; a job that is looked up
				}
				start := time.Now()
				if err := call(t.Context(), newClient(t, through)); err == nil || time.Since(start) > 0 {
					t.Errorf("%s, %s: %v after %v", method, name, err, time.Since(start))
				}
			})
		}
	}
}

func TestGivingUpDuringADialReturnsSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := func(context.Context, string, string) (net.Conn, error) {
			time.Sleep(20 * time.Second)
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}
		}
		c := newClient(t, &http.Transport{DialContext: dial})
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		start := time.Now()
		_, err := c.RunScriptSync(ctx, somePath, nil, facade.Logs(io.Discard))
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > 8*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		time.Sleep(time.Minute) // until net/http has left the dial
	})
}
