//go:build go1.25

package facadetest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// summary returns what became of a request, in words.
func summary(got reply) string {
	switch {
	case got.status == 0:
		return "no answer"
	case got.err != nil:
		return "cut: " + got.body
	}
	return http.StatusText(got.status) + ": " + got.body
}

func TestFaultsApplyToTheirRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := facadetest.Respond(503, nil, "x")
		other := facadetest.If(func(r *http.Request) bool {
			return strings.HasSuffix(r.Header.Get("Authorization"), "other")
		})
		whens := func(when ...facadetest.When) []facadetest.When { return when }
		for name, c := range map[string]struct {
			fault facadetest.Fault
			when  []facadetest.When
			want  []string // of four requests, the third with another token
		}{
			"always":                 {x, nil, []string{"x", "x", "x", "x"}},
			"the second, the fourth": {x, whens(facadetest.Nth(2, 4)), []string{"", "x", "", "x"}},
			"from two to three": {
				x, whens(facadetest.Between(2, 3)), []string{"", "x", "x", ""},
			},
			"chosen ones": {x, whens(other), []string{"", "", "x", ""}},
			"two conditions": {
				x, whens(facadetest.Between(1, 3), facadetest.Nth(3, 4)), []string{"", "", "x", ""},
			},
			"no fault": {facadetest.Fault{}, nil, []string{"", "", "", ""}},
		} {
			srv := newServer(t)
			remove := srv.Inject("backendVersion", c.fault, c.when...)
			var got []string
			for _, token := range []string{"one", "one", "other", "one"} {
				answer := ask(t, srv, token, http.MethodGet, "version", "")
				if answer.status == http.StatusOK {
					answer.body = ""
				}
				got = append(got, answer.body)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			remove()
			if got := get(t, srv, "version"); got.status != http.StatusOK {
				t.Errorf("%s: after its removal: %d", name, got.status)
			}
		}
	})
}

func TestWhatEachFaultDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			fault facadetest.Fault
			want  string
			jobs  int // how many jobs a submission has made
		}{
			"a reset before":     {facadetest.ResetBefore(), "no answer", 0},
			"a reset after":      {facadetest.ResetAfter(), "no answer", 1},
			"a cut":              {facadetest.CutBody(5), "cut: 11111", 1},
			"a cut at once":      {facadetest.CutBody(0), "cut: ", 1},
			"a cut at the end":   {facadetest.CutBody(36), "Created: " + someID, 1},
			"an answer":          {facadetest.Respond(502, nil, "x"), "Bad Gateway: x", 0},
			"a delay before":     {facadetest.DelayBefore(time.Second), "Created: " + someID, 1},
			"a slow insertion":   {facadetest.DelayCommit(time.Second), "Created: " + someID, 1},
			"a delay after":      {facadetest.DelayAfter(time.Second), "Created: " + someID, 1},
			"a long delay":       {facadetest.DelayBefore(time.Hour), "no answer", 0},
			"a long delay after": {facadetest.DelayAfter(time.Hour), "no answer", 1},
			"a hang":             {facadetest.Hang(), "no answer", 0},
		} {
			srv := newServer(t)
			srv.Script("f/demo/x", returning(1))
			srv.Inject("runScriptByPath", c.fault)
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			got := askContext(ctx, t, srv, srv.Token, http.MethodPost,
				"w/test/jobs/run/p/f/demo/x?job_id="+someID, "{}")
			stop()
			if summary(got) != c.want {
				t.Errorf("%s: %s, want %s", name, summary(got), c.want)
			}
			synctest.Wait()
			if jobs := len(srv.Jobs()); jobs != c.jobs {
				t.Errorf("%s: %d jobs, want %d", name, jobs, c.jobs)
			}
			if n := srv.CountRequests("runScriptByPath"); n != 1 {
				t.Errorf("%s: %d requests, want 1", name, n)
			}
		}
	})
}

func TestResetIsAResetOnASocket(t *testing.T) {
	srv := newServer(t)
	srv.Inject("backendVersion", facadetest.ResetBefore())
	got := get(t, srv, "version")
	if !errors.Is(got.err, syscall.ECONNRESET) {
		t.Errorf("error %v, want a reset", got.err)
	}
}

func TestErrorAnswersAndStreamsAreCutToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/wait", untilCanceled)
		id := run(t, srv, "f/demo/wait", "{}", "")
		srv.Inject("", facadetest.CutBody(10))
		for path, want := range map[string]reply{
			"get/" + someID:       {status: http.StatusNotFound, body: "Not found:"},
			"getupdate_sse/" + id: {status: http.StatusOK, body: `data: {"ty`},
		} {
			got := get(t, srv, "w/test/jobs_u/"+path)
			if got.status != want.status || got.body != want.body ||
				!errors.Is(got.err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: %d %q %v", path, got.status, got.body, got.err)
			}
		}
	})
}

func TestSeveralFaultsApplyToOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Inject("", facadetest.DelayBefore(time.Second))
		srv.Inject("backendVersion", facadetest.DelayAfter(2*time.Second))
		srv.Inject("backendVersion", facadetest.Respond(502, nil, "first"))
		srv.Inject("", facadetest.Respond(503, nil, "second"))
		began := time.Now()
		got := get(t, srv, "version")
		if got.body != "first" || time.Since(began) != 3*time.Second {
			t.Errorf("%q after %v, want first after 3s", got.body, time.Since(began))
		}
	})
}

func TestAJobThatIsBeingInsertedIsInvisibleButItsIDIsTaken(t *testing.T) {
	for name, leaves := range map[string]bool{"its client waits": false, "its client leaves": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.Script("f/demo/x", returning(1))
				srv.Inject("runScriptByPath", facadetest.DelayCommit(time.Minute), facadetest.Nth(1))
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				first := make(chan reply)
				go func() {
					first <- askContext(ctx, t, srv, srv.Token, http.MethodPost,
						"w/test/jobs/run/p/f/demo/x?job_id="+someID, "{}")
				}()
				time.Sleep(time.Second)
				if leaves {
					leave()
				}
				checkReply(t, "submitting it again",
					submit(t, srv, srv.Token, "f/demo/x", "{}", "job_id="+someID),
					"Bad Request: SqlErr: error returned from database: duplicate key value "+
						"violates unique constraint \"job_pkey\" @jobs.rs:6376:5")
				checkReply(t, "looking at it", get(t, srv, "w/test/jobs_u/get/"+someID),
					"Not Found: Not found: Job not found at name "+someID+" (jobs.rs:1688)")
				checkReply(t, "canceling it", cancel(t, srv, someID, ""),
					"Not Found: Not found: queued job id "+someID+" does not exist")
				if _, found := srv.Job(someID); found || len(srv.Jobs()) != 0 {
					t.Error("Jobs shows it")
				}

				if got := <-first; !leaves {
					checkReply(t, "submitting it", got, "Created: "+someID)
				}
				time.Sleep(time.Minute)
				checkReply(t, "submitting it afterwards",
					submit(t, srv, srv.Token, "f/demo/x", "{}", "job_id="+someID),
					"Bad Request: Bad request: Job with id "+someID+" already exists")
				if info := job(t, srv, someID); info.Status != facade.JobCompleted {
					t.Errorf("afterwards the job is %v", info.Status)
				}
			})
		})
	}
}

func checkReply(t *testing.T, what string, got reply, want string) {
	t.Helper()
	if summary(got) != want {
		t.Errorf("%s: %s, want %s", what, summary(got), want)
	}
}

func TestADatabaseThatIsDownLooksLikeABadToken(t *testing.T) {
	const badToken = "Unauthorized: Not authorized: Unauthorized"
	const noConnection = "Bad Request: SqlErr: pool timed out while waiting for an open connection"
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/x", returning(1))
		id := run(t, srv, "f/demo/x", "{}", "")
		remove := srv.Inject("", facadetest.DatabaseDown())
		for request, c := range map[string]struct {
			want string
			took time.Duration
		}{
			"GET version":                             {"OK: CE v1.743.0", 0},
			"GET nope":                                {"Not Found: ", 0},
			"POST w/test/jobs/run/p/f/demo/x":         {badToken, time.Minute},
			"GET w/test/jobs/completed/list":          {badToken, time.Minute},
			"GET w/test/resources/get_value/f/demo/x": {badToken, time.Minute},
			"GET w/test/jobs_u/get/" + id:             {noConnection, time.Minute},
			"GET w/test/jobs_u/getupdate_sse/" + id:   {noConnection, time.Minute},
			"POST w/test/jobs_u/queue/cancel/" + id:   {noConnection, time.Minute},
		} {
			method, path, _ := strings.Cut(request, " ")
			began := time.Now()
			checkReply(t, request, ask(t, srv, srv.Token, method, path, "{}"), c.want)
			if took := time.Since(began); took != c.took {
				t.Errorf("%s took %v, want %v", request, took, c.took)
			}
		}
		remove()
		if n := len(srv.Jobs()); n != 1 {
			t.Errorf("the server has %d jobs, want 1", n)
		}
	})
}
