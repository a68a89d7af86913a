//go:build go1.25

package facade_test

import (
	"context"
	"net"
	"net/http"
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
