//go:build go1.25

package facade_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"example.com/windmill/facade"
)

// The table of this file is a product: every status × content type × shape of the body × method.
// What is expected of each combination follows from rules, which stand in expected.

var responseStatuses = []int{
	200, 201, 204, 302, 304, 400, 401, 404, 425, 500, 501, 530,
}

// responseTypes are content types by name. "" is the one that the server uses, "-" is none.
var responseTypes = map[string]string{
	"the right type": "", "plain text": "text/plain", "HTML": "text/html; charset=utf-8",
	"no type": "-", "a stream's type": "text/event-stream", "garbage": someToken + ";;/\x7f",
}

const (
	someMail = "user@example.com"
	// What the real server says to those who may not, with the beginning of their token.
	someRefusal = "Not authorized: Resource exists but you don't have access to it:\n" +
		"resource perms: {}\nauthed as: ApiAuthed { email: \"" + someMail +
		"\", username: \"user\", token_prefix: Some(\"s3cr3t-t0k\") }"
	// rightResult is the result of the job, and the value of the resource.
	rightResult = `{"a":[1,"x",null]}`
)

// responseShapes make a body from the right one.
var responseShapes = map[string]func(right string) string{
	"right":            func(right string) string { return right },
	"empty":            func(string) string { return "" },
	"HTML":             func(string) string { return htmlPage },
	"half":             func(right string) string { return right[:len(right)/2] },
	"but for one byte": func(right string) string { return right[:max(len(right)-1, 0)] },
	"twice":            func(right string) string { return right + right },
	"null":             func(string) string { return "null" },
	"an array":         func(string) string { return "[]" },
	"an empty object":  func(string) string { return "{}" },
	"of other types": func(string) string {
		return `{"type":7,"completed":"` + someToken + `","success":[],"result":1,"running":"x"}`
	},
	"of other values": func(string) string {
		return `{"type":"` + someToken + `","completed":null,"started":null,"success":null}`
	},
	"nested deep":            func(string) string { return strings.Repeat(`{"a":[`, 6_000) },
	"not UTF-8":              func(string) string { return "\xff\xfe\x00{\"completed\":\xc3}" },
	"a refusal with secrets": func(string) string { return someRefusal },
	"a sentence with the token": func(string) string {
		return "Bad request: who is " + someToken + " <" + someToken[:20] + ">\x1b]0;?\x00"
	},
}

// method is a way to call the client. Its name is that of a method, and what is special.
type method struct {
	name    string
	call    func(context.Context, *facade.Client) (any, error)
	request string                  // what an error of it names as the request: a regular expression
	right   func(route string) bool // requests that are answered right in any case
}

const resultRequest = `GET /w/test/jobs_u/(completed/get_result_maybe|get)/` + someJob

var methods = []method{
	{"GetVersion", func(ctx context.Context, c *facade.Client) (any, error) {
		return c.GetVersion(ctx)
	}, `GET /version`, nil},
	{"GetResource", func(ctx context.Context, c *facade.Client) (any, error) {
		return text(c.GetResource(ctx, "f/a/b"))
	}, `GET /w/test/resources/get_value_interpolated/f/a/b`, nil},
	{"GetJobStatus", func(ctx context.Context, c *facade.Client) (any, error) {
		return c.GetJobStatus(ctx, someJob)
	}, `GET /w/test/jobs_u/get/` + someJob, nil},
	{"GetResult", func(ctx context.Context, c *facade.Client) (any, error) {
		return text(c.GetResult(ctx, someJob))
	}, resultRequest, nil},
	{"RunScriptAsync", func(ctx context.Context, c *facade.Client) (any, error) {
		return c.RunScriptAsync(ctx, somePath, nil, facade.JobID(someJob))
	}, `POST /w/test/jobs/run/p/` + somePath, nil},
	{"GetResult, verbose", func(ctx context.Context, c *facade.Client) (any, error) {
		return text(c.GetResult(ctx, someJob, facade.Verbose(io.Discard)))
	}, resultRequest, nil},
	{"GetResult, waiting", func(ctx context.Context, c *facade.Client) (any, error) {
		return text(c.GetResult(ctx, someJob, facade.WaitForCompletion()))
	}, resultRequest, nil},
	{"RunScriptSync", runIt, `(POST /w/test/jobs/run/p/` + somePath + `|GET /w/test/jobs_u/)`, nil},
	{"RunScriptSync, started", func(ctx context.Context, c *facade.Client) (any, error) {
		return text(c.RunScriptSync(ctx, somePath, nil, facade.JobID(someJob)))
	}, resultRequest, func(route string) bool { return strings.HasPrefix(route, "jobs/run/") }},
	{"RunScriptSync, completed", runIt, resultRequest, func(route string) bool {
		return !strings.HasPrefix(route, "jobs_u/getupdate")
	}},
}

func runIt(ctx context.Context, c *facade.Client) (any, error) {
	id, logs := facade.JobID(someJob), facade.Verbose(io.Discard)
	return text(c.RunScriptSync(ctx, somePath, nil, id, logs))
}

func text(raw json.RawMessage, err error) (any, error) { return string(raw), err }

// expected returns what a method returns, if it accepts the response.
func (rc *responseCase) expected() (value any, accepted bool) {
	want := "200 application/json"
	switch rc.method.name {
	case "RunScriptSync, completed":
		return rightResult, true // also without the log
	case "GetVersion":
		want = "200 text/plain"
	case "RunScriptAsync":
		want = "201 text/plain"
	case "RunScriptSync":
		want = "" // no response is right for both of its requests
	}
	if strings.HasPrefix(rc.method.name, "Run") && rc.status == 200 && rc.contentType == "" &&
		rc.shape == "right" {
		// The submission is left open, and the job is found when it is looked up.
		if rc.method.name == "RunScriptAsync" {
			return someJob, true
		}
		return rightResult, true
	}
	_, right, _ := strings.Cut(want, " ")
	kind, _, _ := strings.Cut(cmp.Or(rc.contentType, right, "-"), ";")
	if fmt.Sprintf("%d %s", rc.status, kind) != want {
		return nil, false
	}
	switch body := strings.TrimSpace(rc.body); rc.method.name {
	case "GetVersion":
		plain := utf8.ValidString(body) && !strings.ContainsAny(body, "\n\x00") && len(body) < 200
		return body, body != "" && plain && !strings.ContainsAny(body[:1], "<{[")
	case "GetResource":
		return body, json.Valid([]byte(body))
	case "GetJobStatus":
		return facade.JobCompleted, rc.shape == "right"
	case "RunScriptAsync":
		return someJob, rc.shape == "right"
	}
	return rightResult, rc.shape == "right"
}

func TestEveryResponseGivesTheRightValueOrAClearError(t *testing.T) {
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				few := newFewFailures(t)
				for _, status := range responseStatuses {
					for typeName, contentType := range responseTypes {
						for shape, shaped := range responseShapes {
							(&responseCase{
								method: m, status: status, contentType: contentType, shape: shape, shaped: shaped,
								name: fmt.Sprintf("status %d, %s, a body that is %s", status, typeName, shape),
							}).check(few)
						}
					}
				}
			})
		})
	}
}

// responseCase is one combination.
type responseCase struct {
	method      method
	name        string
	status      int
	contentType string
	shape       string
	shaped      func(string) string

	mu   sync.Mutex
	body string // of the first response that was not simply right
	log  bytes.Buffer
}

func (rc *responseCase) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, contentType, body := rightAnswer(r, rightResult)
	if rc.method.right == nil || !rc.method.right(route(r)) {
		status, body = rc.status, rc.shaped(body)
		contentType = strings.TrimPrefix(cmp.Or(rc.contentType, contentType), "-")
		rc.mu.Lock()
		rc.body = cmp.Or(rc.body, body)
		rc.mu.Unlock()
		w.Header().Set("Location", "http://u:"+someToken+"@elsewhere.test/login?token="+someToken)
	}
	reply(w, status, contentType, body)
}

// check calls the method, and compares what it returns with what is expected.
func (rc *responseCase) check(t testing.TB) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s: panic: %v\n%s", rc.name, p, debug.Stack())
		}
	}()
	c, _ := newFake(t, rc.ServeHTTP, facade.WithMaxRetries(1),
		facade.WithMaxOutage(300*time.Millisecond),
		facade.WithLogger(slog.New(slog.NewTextHandler(&rc.log, nil))))
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	start := time.Now()
	got, err := rc.method.call(ctx, c)
	if took := time.Since(start); took > time.Minute {
		t.Errorf("%s: it took %v", rc.name, took)
	}
	want, accepted := rc.expected()
	switch {
	case accepted && (err != nil || got != want):
		t.Errorf("%s: got %#v, %v; want %#v", rc.name, got, err, want)
	case !accepted && err == nil:
		t.Errorf("%s: got %#v, want an error", rc.name, got)
	case !accepted:
		rc.checkError(t, err)
	}
	if found := secretIn(rc.log.String()); found != "" {
		t.Errorf("%s: the log has %q in it:\n%s", rc.name, found, &rc.log)
	}
}

func (rc *responseCase) checkError(t testing.TB, err error) {
	checkRequestError(t, rc.name, err, rc.method.request)
	if rc.status >= 300 && !strings.Contains(err.Error(), fmt.Sprintf("status %d", rc.status)) {
		t.Errorf("%s: the error does not name the status: %v", rc.name, err)
	}
	if rc.method.name == "RunScriptSync, started" || rc.method.name == "GetResult, waiting" {
		var wait *facade.WaitError
		if !errors.As(err, &wait) || wait.JobID != someJob {
			t.Errorf("%s: %v, want a WaitError with the job's id", rc.name, err)
		}
	}
}

// checkRequestError checks that an error names its request, is short, and has no secret and no
// control character in it or in what it wraps.
func checkRequestError(t testing.TB, name string, err error, request string) {
	t.Helper()
	if !regexp.MustCompile(request).MatchString(err.Error()) || len(err.Error()) > 4000 {
		t.Errorf("%s: the error does not name %s, or is too long: %v", name, request, err)
	}
	if strings.ContainsAny(err.Error(), controls) {
		t.Errorf("%s: the error has a control character in it: %q", name, err)
	}
	eachCause(err, func(cause error) {
		if found := secretIn(fmt.Sprintf("%v %+v %#v", cause, cause, cause)); found != "" {
			t.Errorf("%s: the error wraps a %T with %q in it: %v", name, cause, found, cause)
		}
	})
}

// eachCause calls f with an error and all that it wraps.
func eachCause(err error, f func(error)) {
	f(err)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if cause := e.Unwrap(); cause != nil {
			eachCause(cause, f)
		}
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			eachCause(cause, f)
		}
	}
}

// secretIn returns the secret that a text has in it, or "".
func secretIn(text string) string {
	for _, secret := range []string{someToken, someToken[:10], someMail} {
		if strings.Contains(text, secret) {
			return secret
		}
	}
	return ""
}
