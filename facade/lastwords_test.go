//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestTheContextsEndIsToldTogetherWithWhatFailedBefore(t *testing.T) {
	for method, call := range calls {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, answering(503, "text/plain", "no healthy upstream"))
			ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
			defer stop()
			err := call(ctx, c)
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no healthy upstream") {
				t.Errorf("%s: %v", method, err)
			}
		})
	}
}

func TestTheEndOfAWaitIsToldTogetherWithWhatFailedBefore(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("getCompletedJobResultMaybe", facadetest.Respond(503, nil, "no healthy upstream"))
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, err := srv.Client().RunScriptSync(ctx, napping, lasting(time.Hour))
		var wait *facade.WaitError
		if !errors.As(err, &wait) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no healthy upstream") {
			t.Errorf("got %v", err)
		}
	})
}

func TestACancellationThatRunsOutOfTimeTellsWhatFailed(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("cancelQueuedJob", facadetest.Respond(503, nil, "no healthy upstream"))
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, err := srv.Client().RunScriptSync(ctx, napping, lasting(time.Hour))
		var wait *facade.WaitError
		if !errors.As(err, &wait) || wait.CancelErr == nil || !strings.Contains(err.Error(), "no healthy upstream") {
			t.Errorf("got %v", err)
		}
	})
}
