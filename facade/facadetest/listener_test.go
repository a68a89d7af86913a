//go:build go1.25

package facadetest_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestServerUsesTheClockOfItsBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer()
		defer srv.Close()
		srv.Script("f/reports/nightly", func(_ context.Context, job *facadetest.Job) (any, error) {
			time.Sleep(10 * time.Minute)
			return "done", nil
		})
		began := time.Now()
		got, err := srv.Client().RunScriptSync(t.Context(), "f/reports/nightly", nil,
			facade.ScheduledIn(time.Hour))
		if err != nil || string(got) != `"done"` {
			t.Fatalf("%s, %v", got, err)
		}
		if took := time.Since(began); took < 70*time.Minute || took > 71*time.Minute {
			t.Errorf("the run took %v, want 1h10m and a little", took)
		}
		if info := onlyJob(t, srv); info.CompletedAt.Year() != 2000 {
			t.Errorf("the server's clock is not the bubble's: %v", info.CompletedAt)
		}
	})
}

func TestClosingInABubbleLeavesNothingBehind(t *testing.T) {
	// The bubble itself fails the test when a goroutine is left.
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer()
		srv.Script("f/demo/wait", untilCanceled)
		client, other := srv.Client(), srv.HTTPClient()
		var group sync.WaitGroup
		for range 20 {
			group.Add(1)
			go func() {
				defer group.Done()
				if _, err := client.RunScriptAsync(t.Context(), "f/demo/wait", nil); err != nil {
					t.Error(err)
				}
				if resp, err := other.Get(srv.URL + "/api/version"); err == nil {
					resp.Body.Close()
				}
			}()
		}
		group.Wait()
		srv.Close()
	})
}

func TestServerInABubbleIsReachedByItsOwnClientsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		if !strings.HasSuffix(srv.URL, ".invalid") {
			t.Errorf("the URL %s may exist", srv.URL)
		}
		resp, err := srv.HTTPClient().Get(srv.URL + "/api/version")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s", resp.Status)
		}
		srv.Close()
		if _, err := srv.HTTPClient().Get(srv.URL + "/api/version"); err == nil ||
			!strings.Contains(err.Error(), "closed") {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestHangingRequestEndsWithItsClientInABubbleToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Inject("", facadetest.Hang())
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		got := askContext(ctx, t, srv, "", http.MethodPost, "w/test/jobs/run/p/f/demo/x", "{}")
		if got.err == nil {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}
