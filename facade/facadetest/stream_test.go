//go:build go1.25

package facadetest_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

// A real server sends an update at once, another at its next look, and then only what is new. It
// looks every 100 ms ten times, every 500 ms ninety times and then every 3 s, without fast always
// every 3 s. A ping comes at the first look 6 s or more after the last one. The stream ends at the
// first look 61 s or more after its beginning.
func TestStreamKeepsTheServersPace(t *testing.T) {
	for name, c := range map[string]struct {
		query string
		runs  time.Duration
		want  string // each event, and after how many milliseconds it came
	}{
		"a long job, fast": {
			"fast=true", time.Hour, "update 0, update 100, ping 6000, ping 12000, ping 18000, " +
				"ping 24000, ping 30000, ping 36000, ping 42000, ping 49000, ping 55000, " +
				"ping 61000, timeout 61000",
		},
		"a long job": {
			"fast=false", time.Hour, "update 0, update 3000, ping 6000, ping 12000, ping 18000, " +
				"ping 24000, ping 30000, ping 36000, ping 42000, ping 48000, ping 54000, " +
				"ping 60000, timeout 63000",
		},
		"a job that completes between two looks, fast": {
			"fast=true", 1600 * time.Millisecond, "update 0, update 100, update 2000",
		},
		"a job that completes between two looks": {
			"fast=false", 4 * time.Second, "update 0, update 3000, update 6000",
		},
		"a job that has completed": {"fast=true", 0, "update 0"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.Script("f/demo/x", func(ctx context.Context, _ *facadetest.Job) (any, error) {
					select {
					case <-time.After(c.runs):
					case <-ctx.Done():
					}
					return nil, nil
				})
				id := run(t, srv, "f/demo/x", "{}", "")
				synctest.Wait()
				if got := follow(t, srv, id, c.query); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
			})
		})
	}
}

// follow reads a job's stream and says when its events came.
func follow(t *testing.T, srv *facadetest.Server, id, query string) string {
	t.Helper()
	began := time.Now()
	target := srv.URL + "/api/w/test/jobs_u/getupdate_sse/" + id + "?" + query
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+srv.Token)
	resp, err := srv.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var events []string
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			kind := decode[struct{ Type string }](t, data).Type
			events = append(events, fmt.Sprint(kind, " ", time.Since(began).Milliseconds()))
		}
	}
	return strings.Join(events, ", ")
}

func TestStreamOfAForgottenJobEndsWithNotFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/wait", untilCanceled)
		id := run(t, srv, "f/demo/wait", "{}", "")
		time.AfterFunc(10*time.Second, func() { _ = srv.Forget(id) })
		got := get(t, srv, "w/test/jobs_u/getupdate_sse/"+id+"?fast=true")
		if got.status != http.StatusOK ||
			!strings.HasSuffix(got.body, "data: {\"type\":\"notfound\"}\n\n") {
			t.Errorf("%d %q", got.status, got.body)
		}
	})
}
