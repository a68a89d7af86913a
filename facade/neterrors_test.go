//go:build go1.25

package facade_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
)

func TestTroubleThatCannotHealIsToldAtOnce(t *testing.T) {
	closed := httptest.NewTLSServer(http.NotFoundHandler())
	defer closed.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	redirecting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://[broken")
		w.WriteHeader(http.StatusFound)
	}))
	defer redirecting.Close()
	for name, base := range map[string]string{
		"a certificate that nobody signed": closed.URL,
		"no TLS where https is asked for":  strings.Replace(plain.URL, "http:", "https:", 1),
		"a Location that is not a URL":     redirecting.URL,
	} {
		c, err := facade.NewClient(base, "t", facade.WithWorkspace("test"))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = c.GetVersion(t.Context())
		_, waitErr := c.GetResult(within(t, time.Minute), someJob, facade.WaitForCompletion())
		id, runErr := c.RunScriptAsync(t.Context(), somePath, nil)
		if err == nil || waitErr == nil || runErr == nil || strings.Contains(err.Error(), "tried") {
			t.Errorf("%s: %v, %v, %v", name, err, waitErr, runErr)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
		if id != "" && name != "a Location that is not a URL" {
			t.Errorf("%s: nothing was sent, and the id is %s", name, id)
		}
		c.CloseIdleConnections()
	}
}

func TestAnErrorBeforeThereIsAConnectionSaysThatNothingWasStarted(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		runs time.Duration // how long a run may take, and a wait twice that
	}{
		"a host that does not answer":               {&net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}, 15 * time.Second},
		"nothing listens":                           {&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, 15 * time.Second},
		"a SOCKS proxy that reaches nobody":         {&net.OpError{Op: "socks connect", Net: "tcp", Err: errors.New("host unreachable")}, 15 * time.Second},
		"TLS that takes too long":                   {errors.New("net/http: TLS handshake timeout"), 15 * time.Second},
		"a server that wants the client's identity": {&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}, time.Second},
		"a port that speaks neither HTTP nor TLS":   {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			dial := func(context.Context, string, string) (net.Conn, error) { return nil, test.err }
			c, err := facade.NewClient("https://windmill.test", "t", facade.WithWorkspace("test"),
				facade.WithHTTPClient(&http.Client{Transport: &http.Transport{DialTLSContext: dial}}))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			id, runErr := c.RunScriptAsync(t.Context(), somePath, nil)
			if took := time.Since(start); id != "" || runErr == nil || strings.Contains(runErr.Error(), "may have") || took > test.runs {
				t.Errorf("%s: id %q, %v after %v", name, id, runErr, took)
			}
			start = time.Now()
			_, err = c.GetResult(t.Context(), someJob, facade.WaitForCompletion())
			if took := time.Since(start); err == nil || took > 2*test.runs {
				t.Errorf("%s: a wait: %v after %v", name, err, took)
			}
		})
	}
}

func TestAProxyThatRefusesToConnectIsNamed(t *testing.T) {
	const advice = ": give the credentials in the proxy's URL"
	for status, says := range map[string]string{
		"403 Forbidden":                     "the proxy answered 403 Forbidden",
		"407 Proxy Authentication Required": "the proxy answered 407 Proxy Authentication Required" + advice,
		"407 Proxy Authorization Required":  "the proxy answered 407 Proxy Authorization Required" + advice,
		"407 authenticationrequired":        "the proxy answered 407 authenticationrequired" + advice,
		"407 ":                              "the proxy answered 407" + advice,
		"407":                               "the proxy answered 407" + advice,
	} {
		var asked atomic.Int64
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
		}))
		through, _ := url.Parse(proxy.URL)
		before := http.DefaultTransport
		http.DefaultTransport = &http.Transport{Proxy: http.ProxyURL(through)}
		c, err := facade.NewClient("https://windmill.test", "t", facade.WithWorkspace("test"), facade.WithMaxRetries(1))
		http.DefaultTransport = before
		if err != nil {
			t.Fatal(err)
		}
		id, err := c.RunScriptAsync(t.Context(), somePath, nil)
		if id != "" || err == nil || !strings.Contains(err.Error(), "/"+somePath+": proxyconnect tcp: "+says) {
			t.Errorf("%s: id %q, %v", status, id, err)
		}
		if n := asked.Load(); n != 1 && strings.HasPrefix(status, "407") {
			t.Errorf("%s: the proxy was asked %d times", status, n)
		}
		proxy.Close()
	}
}

func TestTroubleThatLooksLastingEndsAWaitBeforeTheFirstAnswerSoon(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a proxy that wants credentials": answering(407, "text/html", htmlPage),
		"a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/login")
			reply(w, 302, "", "")
		},
		"another server": answering(404, "text/html", htmlPage),
	} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, answer)
			start := time.Now()
			_, err := c.GetResult(within(t, time.Hour), someJob, facade.WaitForCompletion())
			if took := time.Since(start); err == nil || took > 20*time.Second {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		})
	}
}

func TestAnErrorHasTheContextsCauseAndNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newFake(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		why := errors.New("the user has closed the window")
		for name, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(why) })
			if err := call(ctx, c); !errors.Is(err, why) || !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want the context's error and its cause", name, err)
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		if _, err := c.GetResult(ctx, someJob, facade.WaitForCompletion()); !errors.Is(err, why) {
			t.Errorf("a wait: %v", err)
		}
	})
}

func TestTheHTTPClientsTimeoutIsNotTheCallersDeadline(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer srv.Close()
	c, err := facade.NewClient(srv.URL, "t", facade.WithHTTPClient(&http.Client{Timeout: 20 * time.Millisecond}), facade.WithMaxRetries(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.GetVersion(t.Context()); err == nil || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Timeout") {
		t.Errorf("got %v, want an error that names the client's Timeout", err)
	}
}

func TestADialersTimeoutIsNotTheHTTPClients(t *testing.T) {
	dial := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}
	}
	c, err := facade.NewClient("http://windmill.test", "t", facade.WithMaxRetries(0),
		facade.WithHTTPClient(&http.Client{Timeout: time.Hour, Transport: &http.Transport{DialContext: dial}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.GetVersion(t.Context()); err == nil || strings.Contains(err.Error(), "1h") || !strings.Contains(err.Error(), "dial") {
		t.Errorf("got %v", err)
	}
}

func TestASilentServerIsAskedForThreeMinutesAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newFake(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		start := time.Now()
		_, err := c.GetVersion(t.Context())
		if took := time.Since(start); err == nil || took > 3*time.Minute+15*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}
