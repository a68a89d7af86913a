//go:build go1.25

package facade_test

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// What has never left needs no cancellation, which would only take its time.
func TestGivingUpWhileTheConnectionIsMadeReturnsSoon(t *testing.T) {
	step := cancelStep{at: 3 * time.Second, job: "none", late: 5 * time.Second, prepare: func(*facadetest.Server) []facade.ClientOption {
		dial := func(context.Context, string, string) (net.Conn, error) {
			time.Sleep(20 * time.Second)
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}
		}
		return []facade.ClientOption{facade.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: dial}})}
	}}
	inBubble(t, func(t *testing.T, srv *facadetest.Server) { step.check(t, srv, false, nil, step.job) })
}

func TestOneRefusedConnectionInAnOutageDoesNotEndTheWaitOfANewClient(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		id, err := srv.Client().RunScriptAsync(t.Context(), napping, lasting(2*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		start, refused := time.Now(), false
		srv.Inject("", facadetest.HTML(502), facadetest.If(func(*http.Request) bool { return time.Since(start) < 40*time.Second }))
		u := &unreachable{srv.HTTPClient().Transport, func() error {
			if refused || time.Since(start) < 30*time.Second {
				return nil
			}
			refused = true
			return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}}
		c := srv.Client(facade.WithHTTPClient(&http.Client{Transport: u}))
		if _, err := c.GetResult(t.Context(), id, facade.WaitForCompletion()); err != nil || !refused {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}
