//go:build go1.25

package facadetest_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/windmill/facade/facadetest"
)

func TestJobShowsTheEndOfItsLogUnlessNotWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/log", func(_ context.Context, job *facadetest.Job) (any, error) {
			job.Logf("%s", strings.Repeat("é", 30_000))
			return nil, nil
		})
		id := run(t, srv, "f/demo/log", "{}", "")
		synctest.Wait()
		for query, want := range map[string]string{
			"": strings.Repeat("é", 20_000), "?no_logs=true&no_code=true": "",
		} {
			body := get(t, srv, "w/test/jobs_u/get/"+id+query).body
			if got := decode[struct{ Logs string }](t, body).Logs; got != want {
				t.Errorf("%q: %d bytes of log, want %d", query, len(got), len(want))
			}
		}
	})
}

func TestRunningIsReportedToThoseWhoSendRunningFalse(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		t.Run(release, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t, facadetest.Release(release))
				srv.Script("f/demo/wait", untilCanceled)
				id := run(t, srv, "f/demo/wait", "{}", "")
				synctest.Wait()
				for running, want := range map[string]bool{"false": true, "true": false} {
					got := get(t, srv, "w/test/jobs_u/getupdate/"+id+"?log_offset=0&running="+running)
					if has := strings.Contains(got.body, `"running":true`); has != want {
						t.Errorf("running=%s: %s", running, got.body)
					}
				}
			})
		})
	}
}
