//go:build go1.25

package facade_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// recorded is an exchange with a running Windmill. Its answer is what this test is about; that the facade would not have sent such a request
// does not matter.
type recorded struct {
	Name    string
	Request struct {
		Method, Path, Token string
		Query               map[string]any
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    string
	}

	runs *atomic.Bool // the job, as long as the test has it so
	job  facadeJob    // what jobs_u/get said of the same job, last before this exchange
}

// facadeJob is a recorded answer of jobs_u/get, and what is in it.
type facadeJob struct {
	status int
	body   string
}

// notReplayed are the recorded operations that the facade does not use, by a part of their paths.
var notReplayed = []string{"/jobs_u/completed/get_result/", "/jobs_u/get_logs/", "/resources/get/", "/users/whoami", "/api/nope"}

func TestRecordedAnswersAreUnderstood(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		for _, ex := range readRecorded(t, "facadetest/testdata/traces-"+release+".json") {
			t.Run(release+" "+ex.Name, func(t *testing.T) {
				synctest.Test(t, ex.replay)
			})
		}
	}
}

func readRecorded(t *testing.T, file string) []recorded {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := as[[]recorded](t, raw)
	jobs := map[string]facadeJob{}
	var used []recorded
	for _, ex := range all {
		id := path.Base(ex.Request.Path)
		if strings.Contains(ex.Request.Path, "/jobs_u/get/") && ex.Request.Token != "invalid" && ex.Request.Token != "none" {
			jobs[id] = facadeJob{ex.Response.Status, ex.Response.Body}
		}
		ex.runs, ex.job = new(atomic.Bool), jobs[id]
		if ex.job.status == 0 && strings.Contains(ex.Response.Body, `"completed":false`) {
			ex.job = facadeJob{200, `{"type":"QueuedJob","id":"` + id + `","running":false}`}
		}
		if !containsAny(ex.Request.Path, notReplayed) {
			used = append(used, ex)
		}
	}
	if len(used) < 80 {
		t.Fatalf("%s: %d exchanges, which is too few to be all", file, len(used))
	}
	return used
}

func containsAny(s string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// kind is what the recorded request asks for: its path without what comes after the operation.
func (ex *recorded) kind() string {
	for _, kind := range []string{
		"resources/get_value_interpolated/", "resources/get_value/", "jobs/run/h/", "jobs/run/p/", "jobs/completed/list",
		"jobs_u/get/", "jobs_u/completed/get_result_maybe/", "jobs_u/getupdate/", "jobs_u/getupdate_sse/", "jobs_u/queue/cancel/",
	} {
		if strings.Contains(ex.Request.Path, "/"+kind) {
			return kind
		}
	}
	return "version"
}

// id is the job's.
func (ex *recorded) id() string {
	for _, candidate := range []string{ex.Response.Body, fmt.Sprint(ex.Request.Query["job_id"]), path.Base(ex.Request.Path)} {
		if _, err := uuid.Parse(candidate); err == nil && len(candidate) == len(someJob) {
			return candidate
		}
	}
	return someJob
}

// ServeHTTP gives the recorded answer to all requests of its kind, and to others what lets the call get there.
func (ex *recorded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := ex.kind()
	switch under := route(r); {
	case strings.HasPrefix(under, kind):
		reply(w, ex.Response.Status, ex.Response.Headers["content-type"], ex.Response.Body)
	case kind == "resources/get_value/" && strings.HasPrefix(under, "resources/"):
		reply(w, 404, "", "") // a server that knows the other way only
	case ex.runs.Load() && strings.HasPrefix(under, "jobs_u/completed/"):
		reply(w, 200, "application/json", `{"started":true,"success":null,"completed":false,"result":null}`)
	case strings.HasPrefix(under, "jobs_u/get/") && ex.job.status != 0:
		reply(w, ex.job.status, "application/json", ex.job.body)
	case strings.HasPrefix(kind, "jobs/run/") && ex.Response.Status >= 500 && strings.HasPrefix(under, "jobs_u/get/"):
		reply(w, 404, "text/plain", "Not found: Job not found at name "+path.Base(under)) // rather than another script's job
	default:
		wellAnswered(`"the result"`)(w, r)
	}
}

// replay gives the answer to the method that it is for, and checks what that makes of it.
func (ex *recorded) replay(t *testing.T) {
	c, _ := newFake(t, ex.ServeHTTP, facade.WithMaxRetries(1))
	ctx := within(t, time.Hour)
	switch kind := ex.kind(); kind {
	case "version":
		version, err := c.GetVersion(ctx)
		ex.check(t, version, err)
	case "resources/get_value/", "resources/get_value_interpolated/":
		_, name, _ := strings.Cut(ex.Request.Path, kind)
		name, _ = url.PathUnescape(name)
		value, err := c.GetResource(ctx, name)
		if kind == "resources/get_value/" && strings.Contains(ex.Response.Body, `"$`) && ex.Response.Status == 200 {
			if err == nil || !strings.Contains(err.Error(), "August 2023") {
				t.Errorf("%s, %v; want an error, as its references are not resolved", value, err)
			}
			return
		}
		ex.check(t, string(value), err)
	case "jobs/run/h/", "jobs/run/p/":
		id, err := c.RunScriptAsync(ctx, ex.script(), nil, facade.JobID(ex.id()))
		ex.check(t, id, err)
	case "jobs_u/get/":
		status, err := c.GetJobStatus(ctx, ex.id())
		ex.check(t, status.String(), err)
	case "jobs_u/completed/get_result_maybe/":
		result, err := c.GetResult(ctx, ex.id())
		ex.checkResult(t, string(result), err)
	case "jobs_u/getupdate/", "jobs_u/getupdate_sse/":
		ex.checkLogs(ctx, t, c)
	case "jobs_u/queue/cancel/":
		ex.checkCancel(ctx, t, c)
	case "jobs/completed/list":
		ex.checkListing(ctx, t, c)
	}
}

func (ex *recorded) script() string {
	if _, name, ok := strings.Cut(ex.Request.Path, "jobs/run/p/"); ok {
		name, _ = url.PathUnescape(name)
		return name
	}
	if hash := path.Base(ex.Request.Path); regexp.MustCompile("^[0-9a-f]{16}$").MatchString(hash) {
		return hash
	}
	return someHash
}
