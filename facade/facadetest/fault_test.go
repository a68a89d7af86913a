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

	"example.com/windmill/facade/facadetest"
)

// outcomes of requests, for the tests of faults.
func fate(got reply) string {
	switch {
	case got.status == 0:
		return "no answer"
	case got.err != nil:
		return "cut: " + got.body
	}
	return http.StatusText(got.status) + ": " + got.body
}

func TestFaultsMeetTheirRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			fault facadetest.Fault
			when  []facadetest.When
			want  []string // of four requests, the third with another token
		}{
			"always":                 {facadetest.Respond(503, nil, "x"), nil, []string{"x", "x", "x", "x"}},
			"the second, the fourth": {facadetest.Respond(503, nil, "x"), []facadetest.When{facadetest.Nth(2, 4)}, []string{"", "x", "", "x"}},
			"from two to three":      {facadetest.Respond(503, nil, "x"), []facadetest.When{facadetest.Between(2, 3)}, []string{"", "x", "x", ""}},
			"chosen ones": {
				facadetest.Respond(503, nil, "x"),
				[]facadetest.When{facadetest.If(func(r *http.Request) bool { return strings.HasSuffix(r.Header.Get("Authorization"), "other") })},
				[]string{"", "", "x", ""},
			},
			"two conditions": {facadetest.Respond(503, nil, "x"), []facadetest.When{facadetest.Between(1, 3), facadetest.Nth(3, 4)}, []string{"", "", "x", ""}},
			"no fault":       {facadetest.Fault{}, nil, []string{"", "", "", ""}},
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

func TestFaultsDoWhatTheySay(t *testing.T) {
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
			"a cut at the end":   {facadetest.CutBody(36), "Created: 11111111-1111-1111-1111-111111111111", 1},
			"an answer":          {facadetest.Respond(429, nil, "slow down"), "Too Many Requests: slow down", 0},
			"a delay before":     {facadetest.DelayBefore(time.Second), "Created: 11111111-1111-1111-1111-111111111111", 1},
			"a delay after":      {facadetest.DelayAfter(time.Second), "Created: 11111111-1111-1111-1111-111111111111", 1},
			"a long delay":       {facadetest.DelayBefore(time.Hour), "no answer", 0},
			"a long delay after": {facadetest.DelayAfter(time.Hour), "no answer", 1},
			"a hang":             {facadetest.Hang(), "no answer", 0},
		} {
			srv := newServer(t)
			srv.Script("f/demo/x", returning(1))
			srv.Inject("runScriptByPath", c.fault)
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			got := askContext(ctx, t, srv, srv.Token, http.MethodPost, "w/test/jobs/run/p/f/demo/x?job_id=11111111-1111-1111-1111-111111111111", "{}")
			stop()
			if fate(got) != c.want {
				t.Errorf("%s: %s, want %s", name, fate(got), c.want)
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
		if got := get(t, srv, "w/test/jobs_u/get/00000000-0000-0000-0000-000000000000"); got.status != http.StatusNotFound || got.body != "Not found:" || !errors.Is(got.err, io.ErrUnexpectedEOF) {
			t.Errorf("an error: %d %q %v", got.status, got.body, got.err)
		}
		if got := get(t, srv, "w/test/jobs_u/getupdate_sse/"+id); got.status != http.StatusOK || got.body != `data: {"ty` || !errors.Is(got.err, io.ErrUnexpectedEOF) {
			t.Errorf("a stream: %d %q %v", got.status, got.body, got.err)
		}
	})
}

func TestAnswersOfAProxy(t *testing.T) {
	srv := newServer(t)
	srv.Inject("backendVersion", facadetest.HTML(http.StatusBadGateway), facadetest.Nth(1))
	srv.Inject("backendVersion", facadetest.Respond(503, http.Header{"Retry-After": {"7"}}, ""), facadetest.Nth(2))
	page := get(t, srv, "version")
	if page.status != 502 || page.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(page.body, "<h1>502 Bad Gateway</h1>") {
		t.Errorf("%d %v %s", page.status, page.header, page.body)
	}
	if got := get(t, srv, "version"); got.status != 503 || got.header.Get("Retry-After") != "7" || got.body != "" {
		t.Errorf("%d %v %q", got.status, got.header, got.body)
	}
}

func TestSeveralFaultsMeetOneRequest(t *testing.T) {
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

func TestIDIsTakenInOtherWordsWhileTheSubmissionIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/x", returning(1))
		srv.Inject("runScriptByPath", facadetest.DelayAfter(time.Minute), facadetest.Nth(1))
		submit := func() reply {
			return ask(t, srv, srv.Token, http.MethodPost, "w/test/jobs/run/p/f/demo/x?job_id=11111111-1111-1111-1111-111111111111", "{}")
		}
		first := make(chan reply)
		go func() { first <- submit() }()
		time.Sleep(time.Second)
		if got := submit(); got.status != http.StatusBadRequest || !strings.HasPrefix(got.body, "SqlErr: error returned from database: duplicate key") {
			t.Errorf("meanwhile: %d %s", got.status, got.body)
		}
		if got := <-first; got.status != http.StatusCreated {
			t.Errorf("the first: %d %s", got.status, got.body)
		}
		synctest.Wait()
		if got := submit(); got.status != http.StatusBadRequest || !strings.HasPrefix(got.body, "Bad request: Job with id") {
			t.Errorf("afterwards: %d %s", got.status, got.body)
		}
	})
}

func TestFunctionDecidesOverFaults(t *testing.T) {
	srv := newServer(t)
	n := 0
	remove := srv.InjectFunc("", func(*http.Request) facadetest.Fault {
		n++
		if n%2 == 0 {
			return facadetest.Respond(http.StatusTeapot, nil, "")
		}
		return facadetest.Fault{}
	})
	var got []int
	for range 4 {
		got = append(got, get(t, srv, "version").status)
	}
	remove()
	got = append(got, get(t, srv, "version").status, get(t, srv, "version").status)
	if diff := cmp.Diff([]int{200, 418, 200, 418, 200, 200}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}
