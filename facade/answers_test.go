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

// The table of this file is a product: every status × content type × shape of the body × method. What is expected of each
// combination follows from rules, and stands in expected.

var answerStatuses = []int{200, 201, 204, 301, 302, 304, 400, 401, 403, 404, 405, 413, 415, 418, 422, 429, 500, 502, 503, 504}

// answerTypes are content types by name. "" stands for the one that the server uses, "-" for none.
var answerTypes = map[string]string{
	"the right type": "", "plain text": "text/plain", "HTML": "text/html; charset=utf-8", "no type": "-",
	"a stream's type": "text/event-stream", "a type that is garbage": someToken + ";;/\x7f",
}

const (
	someMail = "user@example.com"
	// What the real server says to those who may not, with the beginning of their token.
	someRefusal = "Not authorized: Resource exists but you don't have access to it:\nresource perms: {}\n" +
		`authed as: ApiAuthed { email: "` + someMail + `", username: "user", token_prefix: Some("` + "s3cr3t-t0k" + `") }`
)

// answerShapes make a body from the right one.
var answerShapes = map[string]func(right string) string{
	"right":            func(right string) string { return right },
	"empty":            func(string) string { return "" },
	"blank":            func(string) string { return " \n" },
	"HTML":             func(string) string { return htmlPage },
	"half":             func(right string) string { return right[:len(right)/2] },
	"but for one byte": func(right string) string { return right[:max(len(right)-1, 0)] },
	"twice":            func(right string) string { return right + right },
	"null":             func(string) string { return "null" },
	"an array":         func(string) string { return "[]" },
	"an empty object":  func(string) string { return "{}" },
	"of other types": func(string) string {
		return `{"type":7,"completed":"` + someToken + `","success":[],"result":1,"running":"` + someToken + `"}`
	},
	"of other values": func(string) string {
		return `{"type":"` + someToken + `","completed":null,"started":null,"success":null,"started_at":"` + someToken + `"}`
	},
	"nested deep":               func(string) string { return strings.Repeat(`{"a":[`, 6_000) },
	"not UTF-8":                 func(string) string { return "\xff\xfe\x00{\"completed\":\xc3}" },
	"a refusal with secrets":    func(string) string { return someRefusal },
	"a sentence with the token": func(string) string { return "Bad request: who is " + someToken + " <" + someToken[:20] + ">?" },
}

// method is a way to call the client. Its name is that of a method, and what is special.
type method struct {
	name  string
	call  func(context.Context, *facade.Client) (any, error)
	right func(string) bool // requests, by route, that are answered right in any case
	asks  *regexp.Regexp    // what an error of it names as asked
}

var answerMethods = []method{
	{"GetVersion", func(ctx context.Context, c *facade.Client) (any, error) { return c.GetVersion(ctx) }, nil, asks(`GET /version`)},
	{"GetResource", func(ctx context.Context, c *facade.Client) (any, error) { return text(c.GetResource(ctx, "f/a/b")) }, nil,
		asks(`GET /w/test/resources/get_value(_interpolated)?/f/a/b`)},
	{"GetJobStatus", func(ctx context.Context, c *facade.Client) (any, error) { return c.GetJobStatus(ctx, someJob) }, nil,
		asks(`GET /w/test/jobs_u/get/` + someJob)},
	{"GetResult", func(ctx context.Context, c *facade.Client) (any, error) { return text(c.GetResult(ctx, someJob)) }, nil, getsResult},
	{"GetResult, verbose", func(ctx context.Context, c *facade.Client) (any, error) {
		return text(c.GetResult(ctx, someJob, facade.Verbose(io.Discard)))
	}, nil, getsResult},
	{"GetResult, waiting", func(ctx context.Context, c *facade.Client) (any, error) {
		return text(c.GetResult(ctx, someJob, facade.WaitForCompletion()))
	}, nil, getsResult},
	{"RunScriptAsync", func(ctx context.Context, c *facade.Client) (any, error) {
		return c.RunScriptAsync(ctx, somePath, nil, facade.JobID(someJob))
	}, nil, asks(`POST /w/test/jobs/run/p/` + somePath)},
	{"RunScriptSync", runIt, nil, asks(`(POST /w/test/jobs/run/p/` + somePath + `|GET /w/test/jobs_u/)`)},
	{"RunScriptSync, started", func(ctx context.Context, c *facade.Client) (any, error) {
		return text(c.RunScriptSync(ctx, somePath, nil, facade.JobID(someJob)))
	}, func(route string) bool { return strings.HasPrefix(route, "jobs/run/") }, getsResult},
	{"RunScriptSync, completed", runIt, func(route string) bool { return !strings.HasPrefix(route, "jobs_u/getupdate") }, getsResult},
}

var getsResult = asks(`GET /w/test/jobs_u/(completed/get_result_maybe|get)/` + someJob)

func asks(what string) *regexp.Regexp { return regexp.MustCompile(what) }

func runIt(ctx context.Context, c *facade.Client) (any, error) {
	return text(c.RunScriptSync(ctx, somePath, nil, facade.JobID(someJob), facade.Verbose(io.Discard)))
}

func text(raw json.RawMessage, err error) (any, error) { return string(raw), err }

// rightResult is the result of the job, and the value of the resource.
const rightResult = `{"a":[1,"x",null]}`

// expected is what a method returns, if the answer is one that it takes.
func expected(m method, status int, contentType, shape, body string) (value any, taken bool) {
	if m.name == "RunScriptSync, completed" {
		return rightResult, true // whatever has become of the logs
	}
	documented := map[string]string{"GetVersion": "200 text/plain", "RunScriptAsync": "201 text/plain"}
	want, plain := documented[m.name]
	if !plain {
		want = "200 application/json"
	}
	if strings.HasPrefix(m.name, "RunScript") && status == 200 && contentType == "" && shape == "right" {
		// The submission is left open, and the job is found when it is looked up.
		if m.name == "RunScriptAsync" {
			return someJob, true
		}
		return rightResult, true
	}
	if m.name == "RunScriptSync" {
		want = "" // no answer is right for both of its requests
	}
	kind, _, _ := strings.Cut(cmp.Or(contentType, strings.TrimPrefix(want, "200 "), "-"), ";")
	if m.name == "RunScriptAsync" && contentType == "" {
		kind = "text/plain"
	}
	if fmt.Sprintf("%d %s", status, kind) != want {
		return nil, false
	}
	switch m.name {
	case "GetVersion":
		body = strings.TrimSpace(body)
		return body, body != "" && len(body) < 200 && utf8.ValidString(body) && !strings.Contains(body, "\n") && !strings.ContainsAny(body[:1], "<{[")
	case "GetResource":
		return strings.TrimSpace(body), json.Valid([]byte(body))
	case "GetJobStatus":
		return facade.JobCompleted, shape == "right"
	case "RunScriptAsync":
		return someJob, shape == "right"
	}
	return rightResult, shape == "right"
}

func TestEveryAnswerGivesTheRightValueOrAClearError(t *testing.T) {
	for _, m := range answerMethods {
		t.Run(m.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				few := newFewFailures(t)
				for _, status := range answerStatuses {
					for typeName, contentType := range answerTypes {
						for shape, shaped := range answerShapes {
							name := fmt.Sprintf("status %d, %s, a body that is %s", status, typeName, shape)
							a := &answerCase{method: m, name: name, status: status, contentType: contentType, shape: shape, shaped: shaped}
							a.check(few)
						}
					}
				}
			})
		})
	}
}

// answerCase is one combination.
type answerCase struct {
	method
	name        string
	status      int
	contentType string
	shape       string
	shaped      func(string) string

	mu   sync.Mutex
	body string // of the first answer that was not simply right
	log  bytes.Buffer
}

func (a *answerCase) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, contentType, body := rightAnswer(r, rightResult)
	if a.right == nil || !a.right(route(r)) {
		status, body = a.status, a.shaped(body)
		switch a.contentType {
		case "":
		case "-":
			contentType = ""
		default:
			contentType = a.contentType
		}
		a.mu.Lock()
		if a.body == "" {
			a.body = body
		}
		a.mu.Unlock()
		w.Header().Set("Location", "http://user:"+someToken+"@elsewhere.example.com/login?token="+someToken)
	}
	reply(w, status, contentType, body)
}

// check calls the method, and compares what it returns with what is expected.
func (a *answerCase) check(t testing.TB) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s: panic: %v\n%s", a.name, p, debug.Stack())
		}
	}()
	logger := slog.New(slog.NewTextHandler(&a.log, nil))
	c, _ := newFake(t, a.ServeHTTP, facade.WithMaxRetries(1), facade.WithMaxOutage(300*time.Millisecond), facade.WithLogger(logger))
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	start := time.Now()
	got, err := a.call(ctx, c)
	if took := time.Since(start); took > time.Minute {
		t.Errorf("%s: it took %v", a.name, took)
	}
	want, taken := expected(a.method, a.status, a.contentType, a.shape, a.body)
	switch {
	case taken && (err != nil || got != want):
		t.Errorf("%s: got %#v, %v; want %#v", a.name, got, err, want)
	case !taken && err == nil:
		t.Errorf("%s: got %#v, want an error", a.name, got)
	case !taken:
		a.checkError(t, err)
	}
	if found := secretIn(a.log.String()); found != "" {
		t.Errorf("%s: the log has %q in it:\n%s", a.name, found, &a.log)
	}
}

func (a *answerCase) checkError(t testing.TB, err error) {
	words := strings.ReplaceAll(err.Error(), "{id}", someJob)
	if !a.asks.MatchString(words) {
		t.Errorf("%s: the error does not name what was asked, %s: %v", a.name, a.asks, err)
	}
	if a.status >= 300 && !strings.Contains(words, fmt.Sprintf("status %d", a.status)) {
		t.Errorf("%s: the error does not name the status: %v", a.name, err)
	}
	if len(words) > 8000 {
		t.Errorf("%s: the error is %d bytes long", a.name, len(words))
	}
	if strings.HasPrefix(a.name, "RunScriptSync, started") || strings.HasSuffix(a.name, "waiting") {
		var wait *facade.WaitError
		if !errors.As(err, &wait) || wait.JobID != someJob {
			t.Errorf("%s: %v, want a WaitError with the job's id", a.name, err)
		}
	}
	eachCause(err, func(cause error) {
		if found := secretIn(fmt.Sprintf("%v %+v %#v", cause, cause, cause)); found != "" {
			t.Errorf("%s: the error, or what it wraps, a %T, has %q in it: %v", a.name, cause, found, cause)
		}
	})
}

// eachCause goes through all that an error wraps.
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

// secretIn finds in a text what must not be in it. The token has no capitals, so that it is found where a text has been made small.
func secretIn(text string) string {
	for _, secret := range []string{someToken, someToken[:10], someMail} {
		if strings.Contains(text, secret) {
			return secret
		}
	}
	return ""
}
