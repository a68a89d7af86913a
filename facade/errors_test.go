//go:build go1.25

package facade_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const (
	// hostile is text that changes what a terminal shows: it sets the title, hides what follows and
	// goes back to the line's beginning, by escapes in C0 and C1.
	hostile = "a\x1b]0;title\x07\x1b[8mb\rc\x00d\u009b2Je\x7f"
	// controls are the control characters that must not reach a terminal.
	controls = "\x00\x07\b\v\f\r\x1b\x7f\u0085\u009b"
)

func TestControlCharactersOfServersAreEscapedInErrorsAndLogs(t *testing.T) {
	quoted := strconv.QuoteToASCII(hostile)
	inJSON, _ := json.Marshal(hostile)
	for name, response := range map[string]http.HandlerFunc{
		"no response":   nil,
		"a refusal":     answering(400, "text/plain", "Bad request: "+hostile),
		"no access":     answering(401, "text/plain", "Not authorized: "+hostile),
		"a server":      answering(503, "text/plain", hostile),
		"another value": answering(200, "application/json", `{"type":`+string(inJSON)+`}`),
		"no JSON":       answering(200, "application/json", hostile),
		"another type":  answering(200, hostile, hostile),
		"no version":    answering(200, "text/plain", hostile),
		"a job's id":    answering(201, "text/plain", hostile),
		"a taken id": func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				reply(w, 400, "text/plain", "Bad request: Job with id x already exists")
				return
			}
			reply(w, 200, "application/json", `{"type":"QueuedJob","script_path":`+string(inJSON)+`}`)
		},
		"a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://elsewhere.test/%1B%5B2J%00?"+quoted)
			reply(w, 302, "text/plain", hostile)
		},
	} {
		for _, m := range methods {
			synctest.Test(t, func(t *testing.T) {
				var lines lineHandler
				through := http.RoundTripper(&fakeServer{handler: response})
				if response == nil {
					through = roundTrip(func(*http.Request) (*http.Response, error) {
						return nil, errors.New("malformed response: " + hostile)
					})
				}
				c := newClient(t, through, facade.WithMaxRetries(1),
					facade.WithMaxOutage(time.Second), facade.WithLogger(slog.New(&lines)))
				if _, err := m.call(within(t, time.Minute), c); err != nil {
					checkPrintable(t, m.name+", "+name, err.Error())
				}
				checkPrintable(t, m.name+", "+name+", the log", lines.String())
			})
		}
	}
}

func checkPrintable(t *testing.T, name, text string) {
	t.Helper()
	if strings.ContainsAny(text, controls) {
		t.Errorf("%s: a control character in %q", name, text)
	}
}

// lineHandler keeps log records as they are, while slog's own handlers quote them.
type lineHandler struct {
	slog.Handler
	bytes.Buffer
}

func (h *lineHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	h.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		h.WriteString(" " + a.Key + "=" + a.Value.String())
		return true
	})
	return nil
}

func TestAPIErrorAndRawKeepWhatTheServerSent(t *testing.T) {
	c, _ := newFake(t, answering(400, "text/plain", "Bad request: "+hostile))
	_, err := c.GetVersion(t.Context())
	refused := (*facade.APIError)(nil)
	if !errors.As(err, &refused) || refused.Message != "Bad request: "+hostile {
		t.Errorf("the message is %q", refused.Message)
	}
	inJSON, _ := json.Marshal(hostile)
	result := `{"error":{"name":` + string(inJSON) + `,"message":` + string(inJSON) + `}}`
	c, _ = newFake(t, func(w http.ResponseWriter, r *http.Request) {
		status, contentType, body := rightAnswer(r, result)
		reply(w, status, contentType, strings.ReplaceAll(body, `"success":true`, `"success":false`))
	})
	_, err = c.GetResult(t.Context(), someJob)
	failed := (*facade.JobError)(nil)
	if !errors.As(err, &failed) || string(failed.Raw) != result || failed.Message != hostile {
		t.Fatalf("got %#v", err)
	}
	checkPrintable(t, "a script's failure", err.Error())
}

func TestControlCharactersOfScriptsDoNotReachCancellations(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		time.AfterFunc(time.Second, func() {
			cancel(errors.New("a script said " + hostile))
		})
		opts := []facade.RunOption{facade.ScheduledIn(time.Hour), facade.Logs(io.Discard)}
		_, err := srv.Client().RunScriptSync(ctx, sleepScript, nil, opts...)
		if err == nil {
			t.Fatal("no error")
		}
		checkPrintable(t, "the error", err.Error())
		if fate := fateOf(srv); fate != "canceled" {
			t.Errorf("the job is %s, want it canceled", fate)
		}
		for _, r := range srv.Requests() {
			if strings.ContainsAny(r.Path+string(r.Body), controls) ||
				strings.Contains(string(r.Body), `\u0000`) {
				t.Errorf("%s %s has a control character in its body: %q", r.Method, r.Path, r.Body)
			}
		}
	})
}

// A transport that takes its credentials from Windmill may fail with another client's error.
func TestErrorsOfATransportAreNotTakenForTheServersWord(t *testing.T) {
	elsewhere, _ := newFake(t, answering(404, "text/plain", "Not found: no credentials"))
	_, notFound := elsewhere.GetResource(t.Context(), "f/a/b")
	for name, err := range map[string]error{
		"another client's error": notFound,
		"an error made by hand":  &facade.APIError{StatusCode: 404},
	} {
		for method, call := range calls {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				c := newClient(t, roundTrip(func(*http.Request) (*http.Response, error) {
					n++
					return nil, err
				}), facade.WithMaxRetries(1))
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%s, %s: panic: %v", method, name, p)
					}
				}()
				got := call(t.Context(), c)
				if got == nil || !strings.Contains(got.Error(), "(2 attempts in ") {
					t.Errorf("%s, %s: %v after %d requests, want two attempts", method, name, got, n)
				}
			})
		}
	}
}
