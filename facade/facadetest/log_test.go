//go:build go1.25

package facadetest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

// written returns what the script itself has written to a job's log.
func written(t *testing.T, srv *facadetest.Server, id string) string {
	t.Helper()
	_, own, found := strings.Cut(job(t, srv, id).Log, "--- BASH CODE EXECUTION ---\n")
	if !found {
		t.Fatalf("the log does not begin with the server's lines:\n%s", job(t, srv, id).Log)
	}
	return own
}

func TestLogAppearsWhileTheScriptRunsLineByLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/log", func(_ context.Context, job *facadetest.Job) (any, error) {
			job.Logf("one")
			io.WriteString(job, "tw")
			time.Sleep(time.Second)
			io.WriteString(job, "o\nthree\nfo")
			time.Sleep(time.Second)
			io.WriteString(job, "ur")
			return nil, nil
		})
		id := run(t, srv, "f/demo/log", "{}", "")
		for i, want := range []string{"\none", "\none\ntwo\nthree", "\none\ntwo\nthree\nfour"} {
			time.Sleep(time.Millisecond)
			if got := written(t, srv, id); got != want {
				t.Errorf("after %d s: %q, want %q", i, got, want)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestNothingIsWrittenAfterTheJobsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		var kept *facadetest.Job
		srv.Script("f/demo/log", func(_ context.Context, job *facadetest.Job) (any, error) {
			kept = job
			return nil, nil
		})
		id := run(t, srv, "f/demo/log", "{}", "")
		synctest.Wait()
		if _, err := io.WriteString(kept, "late\n"); err == nil || !strings.Contains(err.Error(), id) {
			t.Errorf("writing after the end: %v, want an error that names the job", err)
		}
		kept.Logf("late")
		if got := written(t, srv, id); got != "" {
			t.Errorf("log %q, want none", got)
		}
	})
}

func TestLogOffsetsCountCharacters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/log", func(_ context.Context, job *facadetest.Job) (any, error) {
			job.Logf("naïve 你好 🚀")
			job.Logf("a\xffb")
			return nil, nil
		})
		id := run(t, srv, "f/demo/log", "{}", "")
		synctest.Wait()
		whole := []rune(job(t, srv, id).Log)
		for offset := range len(whole) + 3 {
			got := decode[struct {
				NewLogs   string `json:"new_logs"`
				LogOffset int    `json:"log_offset"`
			}](t, get(t, srv, fmt.Sprintf("w/test/jobs_u/getupdate/%s?log_offset=%d", id, offset)).body)
			want := string(whole[min(len(whole), max(0, offset-1)):])
			if got.NewLogs != want || got.LogOffset != len(whole)+1 {
				t.Fatalf("from %d: %q, next %d; want %q, %d", offset, got.NewLogs, got.LogOffset, want, len(whole)+1)
			}
		}
	})
}

func TestRunningIsToldOnlyToThoseWhoSayTheyDoNotKnow(t *testing.T) {
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

func TestJobShowsTheEndOfItsLogUnlessNotWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/log", func(_ context.Context, job *facadetest.Job) (any, error) {
			job.Logf("%s", strings.Repeat("é", 30_000))
			return nil, nil
		})
		id := run(t, srv, "f/demo/log", "{}", "")
		synctest.Wait()
		type shown struct{ Logs string }
		if got := decode[shown](t, get(t, srv, "w/test/jobs_u/get/"+id).body); got.Logs != strings.Repeat("é", 20_000) {
			t.Errorf("%d bytes of log; want the last 20,000 characters", len(got.Logs))
		}
		if got := decode[shown](t, get(t, srv, "w/test/jobs_u/get/"+id+"?no_logs=true&no_code=true").body); got.Logs != "" {
			t.Errorf("%d bytes of log; want none", len(got.Logs))
		}
	})
}

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
		if got.status != http.StatusOK || !strings.HasSuffix(got.body, "data: {\"type\":\"notfound\"}\n\n") {
			t.Errorf("%d %q", got.status, got.body)
		}
	})
}
