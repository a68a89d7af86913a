//go:build go1.25

package facade_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// recorded is an exchange with a running Windmill. Its response is what this test is about, not
// whether the facade would send such a request.
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

	runs *atomic.Bool   // the job, as long as the test has it so
	job  recordedRecord // what jobs_u/get said of the same job, last before this exchange
}

// recordedRecord is a recorded response of jobs_u/get.
type recordedRecord struct {
	status int
	body   string
}

// notReplayed are the recorded operations that the facade does not use, by a part of their paths.
var notReplayed = []string{
	"/jobs_u/completed/get_result/", "/jobs_u/get_logs/", "/resources/get/", "/resources/get_value/",
	"/users/whoami", "/api/nope", "/jobs/completed/list",
}

func TestRecordedResponsesAreUnderstood(t *testing.T) {
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
	jobs := map[string]recordedRecord{}
	var used []recorded
	for _, ex := range all {
		id := path.Base(ex.Request.Path)
		known := ex.Request.Token != "invalid" && ex.Request.Token != "none"
		if strings.Contains(ex.Request.Path, "/jobs_u/get/") && known {
			jobs[id] = recordedRecord{ex.Response.Status, ex.Response.Body}
		}
		ex.runs, ex.job = new(atomic.Bool), jobs[id]
		if ex.job.status == 0 && strings.Contains(ex.Response.Body, `"completed":false`) {
			body := `{"type":"QueuedJob","id":"` + id + `","running":false}`
			ex.job = recordedRecord{200, body}
		}
		unused := func(part string) bool { return strings.Contains(ex.Request.Path, part) }
		if !slices.ContainsFunc(notReplayed, unused) {
			used = append(used, ex)
		}
	}
	if len(used) < 80 {
		t.Fatalf("%s: %d exchanges, which is too few to be all", file, len(used))
	}
	return used
}

// kind is the operation of the recorded request: its path without what follows the operation.
func (ex *recorded) kind() string {
	for _, kind := range []string{
		"resources/get_value_interpolated/", "jobs/run/h/", "jobs/run/p/",
		"jobs_u/get/", "jobs_u/completed/get_result_maybe/", "jobs_u/getupdate/",
		"jobs_u/getupdate_sse/", "jobs_u/queue/cancel/",
	} {
		if strings.Contains(ex.Request.Path, "/"+kind) {
			return kind
		}
	}
	return "version"
}

// id returns the job's id.
func (ex *recorded) id() string {
	inQuery := fmt.Sprint(ex.Request.Query["job_id"])
	for _, id := range []string{ex.Response.Body, inQuery, path.Base(ex.Request.Path)} {
		if _, err := uuid.Parse(id); err == nil && len(id) == len(someJob) {
			return id
		}
	}
	return someJob
}

// restOfLog is what a poll brings after a stream that did not say where the log ends. As on the
// server, the newline of a line comes with the next one.
const restOfLog = "\nthe rest\n"

// ServeHTTP gives the recorded response to all requests of its kind, and to others what lets the
// call get there.
func (ex *recorded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const data = "application/json"
	kind := ex.kind()
	switch under := route(r); {
	case strings.HasPrefix(under, kind):
		reply(w, ex.Response.Status, ex.Response.Headers["content-type"], ex.Response.Body)
	case ex.runs.Load() && strings.HasPrefix(under, "jobs_u/completed/"):
		reply(w, 200, data, `{"started":true,"success":null,"completed":false,"result":null}`)
	case strings.HasPrefix(under, "jobs_u/getupdate/"):
		offset, _ := strconv.Atoi(r.URL.Query().Get("log_offset"))
		reply(w, 200, data, fmt.Sprintf(`{"completed":true,"new_logs":%q,"log_offset":%d}`,
			restOfLog, max(offset, 1)+len(restOfLog)))
	case strings.HasPrefix(under, "jobs_u/get/") && ex.job.status != 0:
		reply(w, ex.job.status, data, ex.job.body)
	case strings.HasPrefix(under, "jobs_u/get/") && strings.HasPrefix(kind, "jobs/run/") &&
		ex.Response.Status >= 500:
		reply(w, 404, "text/plain", "Not found: Job not found") // rather than another script's job
	default:
		okHandler(`"the result"`)(w, r)
	}
}

// replay gives the response to its method, and checks what that returns.
func (ex *recorded) replay(t *testing.T) {
	c, _ := newFake(t, ex.ServeHTTP, facade.WithMaxRetries(1))
	ctx := within(t, time.Hour)
	switch kind := ex.kind(); kind {
	case "version":
		version, err := c.GetVersion(ctx)
		ex.check(t, version, err)
	case "resources/get_value_interpolated/":
		_, name, _ := strings.Cut(ex.Request.Path, kind)
		name, _ = url.PathUnescape(name)
		value, err := c.GetResource(ctx, name)
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
