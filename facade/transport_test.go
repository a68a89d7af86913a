//go:build go1.25

package facade_test

import (
	"net/http"
	"runtime"
	"testing"

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
