//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
)

// message is an error's text, and a call that returns that error.
type message struct {
	want string
	call func(context.Context) error
}

// Some parts of texts differ from run to run.
var (
	lasted  = regexp.MustCompile(` attempts in [0-9.ms]+\)`)
	someIDs = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
)

const (
	invalid   = "windmill: invalid argument: "
	getJob    = "windmill: GET /w/test/jobs_u/get/ID: "
	fromProxy = " (from a proxy or another server: is the base URL " +
		"http://windmill.test/api right?)"
)

// checkMessages compares all texts of a table at once. Every job id is written ID.
func checkMessages(t *testing.T, table []message) {
	t.Helper()
	var want, got []string
	for _, m := range table {
		want = append(want, m.want)
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Minute)
			defer stop()
			text := lasted.ReplaceAllString(fmt.Sprint(m.call(ctx)), " attempts in 1s)")
			got = append(got, someIDs.ReplaceAllString(text, "ID"))
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestMessagesOfInvalidArguments(t *testing.T) {
	c, _ := newFake(t, okHandler("1"))
	run := func(script string, args any, opts ...facade.RunOption) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := c.RunScriptAsync(ctx, script, args, opts...)
			return err
		}
	}
	client := func(url string, opts ...facade.ClientOption) func(context.Context) error {
		return func(context.Context) error {
			_, err := facade.NewClient(url, "t", opts...)
			return err
		}
	}
	option := func(opt facade.RunOption) func(context.Context) error { return run(somePath, nil, opt) }
	const form = "is not of the form ID"
	checkMessages(t, []message{
		{invalid + "the script is empty: give a version hash (16 hex digits) or a path such as " +
			"f/team/report", run("", nil)},
		{invalid + `script "5a90" is neither a version hash (16 hex digits) nor a path such as ` +
			"f/team/report", run("5a90", nil)},
		{invalid + `script path "x/y/z": it begins with none of u/, f/, g/ and hub/`, run("x/y/z", nil)},
		{invalid + `script path "f/a": it has no name after "f/a"`, run("f/a", nil)},
		{invalid + `script path "f/a/..": the segment ".." is not allowed in it`, run("f/a/..", nil)},
		{invalid + "encoding the arguments: json: unsupported type: chan int",
			run(somePath, map[string]any{"c": make(chan int)})},
		{invalid + "the arguments have the type int, which does not encode to a JSON object: give a " +
			"map, a struct, or nil for none", run(somePath, 7)},
		{invalid + "ScheduledIn and ScheduledAt exclude each other",
			run(somePath, nil, facade.ScheduledIn(1), facade.ScheduledAt(time.Now()))},
		{invalid + "ScheduledIn: -1s is not between 0 and 100 years",
			option(facade.ScheduledIn(-time.Second))},
		{invalid + `JobID: job id "7" ` + form, option(facade.JobID("7"))},
		{invalid + `ParentJob: job id "8" ` + form, option(facade.ParentJob("8"))},
		{invalid + `Tag: "" is empty or has control characters`, option(facade.Tag(""))},
		{invalid + "Logs: the writer is nil", option(facade.Logs(nil))},
		{invalid + "run option 1 is nil", option(nil)},
		{invalid + `resource path "$res:": it has an empty segment`, func(ctx context.Context) error {
			_, err := c.GetResource(ctx, "$res:")
			return err
		}},
		{invalid + "the base URL: not an absolute URL: write it as http://localhost:8000 or " +
			"https://windmill.example.com/api", client("localhost:8000")},
		{invalid + "the base URL: it holds a user or password: give the token to NewClient or in " +
			"WM_TOKEN instead", client("http://u:p@h")},
		{invalid + "the base URL: it has a query, a fragment or an escaped slash: give scheme, host " +
			"and a plain path", client("http://h?x=1")},
		{invalid + `the base URL: unsupported scheme "ftp": use http or https`, client("ftp://h")},
		{invalid + "the base URL: missing host", client("http://")},
		{invalid + "the workspace: a slash is not allowed in it",
			client("http://h", facade.WithWorkspace("a/b"))},
		{invalid + "WithMaxRetries: -1 is negative; 0 means that each request is sent once",
			client("http://h", facade.WithMaxRetries(-1))},
		{invalid + "WithMaxOutage: 0s is not positive; a second is the least that makes sense",
			client("http://h", facade.WithMaxOutage(0))},
		{invalid + `WithUserAgent: "" is empty or has characters that no header can carry`,
			client("http://h", facade.WithUserAgent(""))},
		{invalid + "Do: the request or its URL is nil", func(context.Context) error {
			_, err := c.Do(nil)
			return err
		}},
		{`windmill: GET /w/../x: invalid argument: a segment of the path is "." or "..", ` +
			"which may lead to another route",
			func(ctx context.Context) error {
				url := c.BaseURL() + "/w/../x"
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
				_, err := c.Do(req)
				return err
			}},
	})
}

func TestMessagesOfResponses(t *testing.T) {
	status := func(retries int, handler http.HandlerFunc) func(context.Context) error {
		return func(ctx context.Context) error {
			c, _ := newFake(t, handler, facade.WithMaxRetries(retries))
			_, err := c.GetJobStatus(ctx, someJob)
			return err
		}
	}
	get := func(code int, kind, text string) func(context.Context) error {
		return status(0, answering(code, kind, text))
	}
	const text, data, page = "text/plain", "application/json", "text/html"
	long := strings.Repeat("x", 500)
	checkMessages(t, []message{
		{getJob + "status 404: Not found: no", get(404, text, "Not found: no")},
		{getJob + "status 404 (http://windmill.test/api has no such route: the base URL is wrong, " +
			"or the server too old)", get(404, text, "")},
		{getJob + "status 401: Not authorized: Unauthorized (the token is missing, wrong or " +
			"expired, or its owner is no member of the workspace)",
			get(401, text, "Not authorized: Unauthorized")},
		{getJob + "status 400: Bad request: As a non logged in user, no (the token is missing, " +
			"wrong, expired, of another workspace, or lacks a scope for jobs)",
			get(400, text, "Bad request: As a non logged in user, no")},
		{getJob + "status 403: Permission denied: no", get(403, text, "Permission denied: no")},
		{getJob + "status 401: Not authorized: Resource exists but you don't have access to it",
			get(401, text, someRefusal)},
		{getJob + "status 401: Unauthorized (after 1m0s, as when the server's database is away)",
			status(0, func(w http.ResponseWriter, _ *http.Request) {
				time.Sleep(time.Minute)
				reply(w, 401, text, "Unauthorized")
			})},
		{getJob + "status 503: no healthy upstream", get(503, text, "no healthy upstream")},
		{getJob + "status 503: away (3 attempts in 1s)", status(2, answering(503, text, "away"))},
		{getJob + "status 502: a page of HTML" + fromProxy, get(502, page, htmlPage)},
		{getJob + "status 200: a page of HTML" + fromProxy, get(200, page, htmlPage)},
		{getJob + "status 407: no (a proxy wants credentials: give them in the proxy's URL)",
			get(407, text, "no")},
		{getJob + "status 302 (redirects are not followed: it points to https://login.test/sso, " +
			"and the base URL is http://windmill.test/api)",
			status(0, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://u:p@login.test/sso?secret=1")
				reply(w, 302, "", "")
			})},
		{getJob + `status 200: {"type (not the documented response: unexpected end of JSON input)`,
			get(200, data, `{"type`)},
		{getJob + `status 200: {"message":"no"} (not the documented response: it is not a job)`,
			get(200, data, `{"message":"no"}`)},
		{getJob + "status 200: hello (not the documented response: unexpected status, content type " +
			"or content)", get(200, text, "hello")},
		{getJob + "status 500: " + long[:297] + "…", get(500, text, long)},
		{getJob + `status 500: a\x1b]0;title\x07\x1b[8mb\x0dc\x00d\x9b2Je\x7f`, get(500, text, hostile)},
	})
}

func TestMessagesOfTheNetwork(t *testing.T) {
	ended := func(cause error, h http.HandlerFunc) func(context.Context) error {
		return func(ctx context.Context) error {
			c, _ := newFake(t, h)
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(time.Second, func() { cancel(cause) })
			_, err := c.GetJobStatus(ctx, someJob)
			return err
		}
	}
	get := func(cause error) func(context.Context) error {
		return func(ctx context.Context) error {
			through := roundTrip(func(*http.Request) (*http.Response, error) { return nil, cause })
			_, err := newClient(t, through, facade.WithMaxRetries(0)).GetJobStatus(ctx, someJob)
			return err
		}
	}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	unknown := &net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}
	checkMessages(t, []message{
		{getJob + "dial tcp: connection refused", get(refused)},
		{getJob + "lookup h: no such host", get(unknown)},
		{getJob + "use of closed network connection", get(net.ErrClosed)},
		{getJob + "the server was silent for 1m15s", func(ctx context.Context) error {
			c, _ := newFake(t, silent, facade.WithMaxRetries(0))
			_, err := c.GetJobStatus(ctx, someJob)
			return err
		}},
		{getJob + "context canceled", ended(nil, silent)},
		{getJob + "context canceled: the window was closed",
			ended(errors.New("the window was closed"), silent)},
		{getJob + "context canceled (the last attempt failed: status 503: away)",
			ended(nil, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "60")
				reply(w, 503, "text/plain", "away")
			})},
	})
}

// silent answers no request.
func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
