//go:build go1.25

package facadetest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

func TestStreamKeepsTheServersPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/long", func(context.Context, *facadetest.Job) (any, error) {
			time.Sleep(40*time.Second + time.Millisecond)
			return strings.Repeat("x", 100_000), nil
		})
		for query, c := range map[string]struct {
			events []string
			took   time.Duration
		}{
			"fast=true": {
				[]string{"update", "update", "ping", "ping", "ping", "ping", "ping", "ping", "update"}, 40*time.Second + 500*time.Millisecond,
			},
			"fast=false": {[]string{"update", "update", "ping", "ping", "ping", "ping", "ping", "ping", "update"}, 42 * time.Second},
		} {
			began := time.Now()
			id := run(t, srv, "f/demo/long", "{}", "")
			got := get(t, srv, "w/test/jobs_u/getupdate_sse/"+id+"?"+query)
			var events []string
			for _, line := range strings.Split(strings.TrimSuffix(got.body, "\n\n"), "\n\n") {
				data, ok := strings.CutPrefix(line, "data: ")
				if !ok {
					t.Fatalf("%s: a line %q", query, line)
				}
				events = append(events, decode[struct{ Type string }](t, data).Type)
			}
			if fmt.Sprint(events) != fmt.Sprint(c.events) || time.Since(began) != c.took {
				t.Errorf("%s: %v in %v, want %v in %v", query, events, time.Since(began), c.events, c.took)
			}
			if !strings.Contains(got.body, `"result":"WINDMILL_TOO_BIG"`) {
				t.Errorf("%s: the last event shows the large result", query)
			}
		}
	})
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
