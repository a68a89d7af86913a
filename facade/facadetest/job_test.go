//go:build go1.25

package facadetest_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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

func TestJobKnowsHowItWasStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		type known struct{ ID, Path, Hash, Tag, Workspace, ParentID, RootID, Args string }
		var got known
		hash := srv.Script("f/demo/x", func(_ context.Context, j *facadetest.Job) (any, error) {
			got = known{
				j.ID, j.Path, j.Hash, j.Tag, j.Workspace, j.ParentID, j.RootID, string(j.Args),
			}
			return nil, nil
		})
		const id = "11111111-2222-3333-4444-aaaaaaaaaaaa"
		const parent, root = "00000000-0000-0000-0000-00000000000a", someID
		run(t, srv, "f/demo/x", `[1]`,
			"job_id="+strings.ToUpper(id)+"&parent_job="+parent+"&root_job="+root)
		synctest.Wait()
		want := known{id, "f/demo/x", hash, "bash", "test", parent, root, `{"body":[1]}`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the script's job (-want +got):\n%s", diff)
		}
		info := job(t, srv, id)
		if info.ParentID != parent || info.RootID != root || info.User != "admin" {
			t.Errorf("JobInfo says %+v", info)
		}
	})
}
