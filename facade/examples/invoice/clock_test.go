//go:build go1.25

package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

// In a bubble of testing/synctest the clock is simulated: ten minutes take no time.
func TestAnInvoiceThatTakesTooLongIsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, srv := newBilling(t, func(ctx context.Context, _ *facadetest.Job) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		start := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
		defer stop()
		if _, err := b.send(ctx, "ACME", 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that of the deadline", err)
		}
		if took := time.Since(start); took < 10*time.Minute || took > 11*time.Minute {
			t.Errorf("it took %v, want ten minutes", took)
		}
		if jobs := srv.Jobs(); len(jobs) != 1 || !jobs[0].Canceled {
			t.Errorf("jobs %+v, want one that was canceled", jobs)
		}
	})
}
