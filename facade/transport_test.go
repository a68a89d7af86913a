//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// panicking is a transport that panics.
type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("broken") }

func TestAPanicOfTheTransportIsTheCallers(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		c := srv.Client(facade.WithHTTPClient(&http.Client{Transport: panicking{}}))
		for name, call := range map[string]func() error{
			"RunScriptSync": func() error { _, err := c.RunScriptSync(t.Context(), "f/demo/greet", nil); return err },
			"GetResult": func() error {
				_, err := c.GetResult(t.Context(), someJob, facade.WaitForCompletion())
				return err
			},
		} {
			func() {
				defer func() {
					if p := recover(); p != "broken" {
						t.Errorf("%s: recovered %v", name, p)
					}
				}()
				t.Errorf("%s: no panic, but %v", name, call())
			}()
		}
	})
}

func TestATransportThatEndsItsGoroutineEndsTheCallers(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		c := srv.Client(facade.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			runtime.Goexit() // as testing.T.FailNow does
			return nil, nil
		})}))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, err := c.RunScriptSync(t.Context(), "f/demo/greet", nil)
			t.Errorf("RunScriptSync returned %v", err)
		}()
		<-ended
	})
}

func TestACookieJarWorksAcrossRetries(t *testing.T) {
	jar, _ := cookiejar.New(nil)
	n := 0
	var last string
	fake := &fakeServer{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		last = r.Header.Get("Cookie")
		http.SetCookie(w, &http.Cookie{Name: "backend", Value: fmt.Sprint("b", n), Path: "/"})
		if n < 5 {
			reply(w, 503, "text/plain", "away")
			return
		}
		reply(w, 200, "text/plain", "CE v1")
	})}
	synctest.Test(t, func(t *testing.T) {
		c, err := facade.NewClient("http://windmill.test", "t", facade.WithHTTPClient(&http.Client{Transport: fake, Jar: jar}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.GetVersion(t.Context()); err != nil || last != "backend=b4" {
			t.Errorf("the last request's cookies are %q, %v; want the newest one only", last, err)
		}
	})
}

func TestADefaultTransportThatWasReplacedIsUsed(t *testing.T) {
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	var n atomic.Int64
	http.DefaultTransport = roundTrip(func(r *http.Request) (*http.Response, error) {
		n.Add(1)
		r.Header.Set("X-Trace", "1") // against the contract, as many do
		return nil, errors.New("lost")
	})
	c, err := facade.NewClient("http://windmill.test", "t", facade.WithWorkspace("test"), facade.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.RunScriptAsync(t.Context(), somePath, nil)
	if n.Load() == 0 || id == "" || err == nil || !strings.Contains(err.Error(), "may have been started") {
		t.Errorf("id %q, %v after %d requests; a lost answer is a lost answer here too", id, err, n.Load())
	}
}

func TestADialerOfTheDefaultTransportIsUsedForTenSecondsATry(t *testing.T) {
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		http.DefaultTransport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			n++
			<-ctx.Done()
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
		}}
		c, err := facade.NewClient("http://windmill.test", "t", facade.WithWorkspace("test"), facade.WithMaxRetries(1))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		id, err := c.RunScriptAsync(t.Context(), somePath, nil)
		if took := time.Since(start); n != 2 || id != "" || err == nil || took < 20*time.Second || took > 21*time.Second {
			t.Errorf("id %q, %v after %v and %d dials", id, err, took, n)
		}
	})
}
