//go:build go1.25

package facade_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// calls is each method as a call of one request, where all is well.
var calls = map[string]func(context.Context, *facade.Client) error{
	"GetVersion":   func(ctx context.Context, c *facade.Client) error { _, err := c.GetVersion(ctx); return err },
	"GetResource":  func(ctx context.Context, c *facade.Client) error { _, err := c.GetResource(ctx, "f/a/b"); return err },
	"GetJobStatus": func(ctx context.Context, c *facade.Client) error { _, err := c.GetJobStatus(ctx, someJob); return err },
	"GetResult":    func(ctx context.Context, c *facade.Client) error { _, err := c.GetResult(ctx, someJob); return err },
	"RunScriptAsync": func(ctx context.Context, c *facade.Client) error {
		_, err := c.RunScriptAsync(ctx, somePath, nil)
		return err
	},
	"RunScriptAsync by hash": func(ctx context.Context, c *facade.Client) error {
		_, err := c.RunScriptAsync(ctx, someHash, nil)
		return err
	},
}

// first answers the first n requests itself, and the others well.
func first(n int, answer http.HandlerFunc) http.HandlerFunc {
	var answered atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if answered.Add(1) <= int64(n) {
			answer(w, r)
			return
		}
		wellAnswered(`{"a":1}`)(w, r)
	}
}

func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, contentType, body) }
}

const htmlPage = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

func TestWhatPassesIsAskedAgain(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"too many requests":               answering(429, "text/plain", "slow down"),
		"a bad gateway":                   answering(502, "", ""),
		"a bad gateway's page":            answering(502, "text/html", htmlPage),
		"a service that is away":          answering(503, "text/plain", "Service Unavailable"),
		"a gateway's timeout":             answering(504, "text/html; charset=utf-8", htmlPage),
		"a page with status 200":          answering(200, "text/html; charset=utf-8", htmlPage),
		"a page with status 500":          answering(500, "text/html", htmlPage),
		"an error inside the server":      answering(500, "text/plain", "Internal: no @x.rs:1:2"),
		"a request's timeout":             answering(408, "text/plain", "no"),
		"an answer of the network's edge": answering(524, "text/plain", "error code: 524"),
		"a database without connections":  answering(400, "text/plain", "SqlErr: remaining connection slots are reserved @x.rs:1:2"),
		"a database trouble yet unknown":  answering(400, "text/plain", "SqlErr: the dog has eaten it @x.rs:1:2"),
		"an empty body":                   answering(200, "application/json", ""),
		"half of the answer's JSON":       answering(200, "application/json", "{\n\"type\":\"Compl"),
		"a pool that timed out":           answering(400, "text/plain", "SqlErr: pool timed out while waiting for an open connection @jobs.rs:1:2"),
		"a database that is shut down":    answering(400, "text/plain", "SqlErr: error returned from database: terminating connection due to administrator command @x.rs:1:2"),
		"a database that starts":          answering(400, "text/plain", "SqlErr: error returned from database: the database system is starting up @x.rs:1:2"),
		"a database that cannot be found": answering(400, "text/plain", "SqlErr: error communicating with database: Connection refused (os error 111) @x.rs:1:2"),
	} {
		for method, call := range calls {
			synctest.Test(t, func(t *testing.T) {
				c, srv := newFake(t, first(3, answer))
				if err := call(t.Context(), c); err != nil {
					t.Errorf("%s, three times %s: %v", method, name, err)
				}
				if got := len(srv.requests()); got != 4 {
					t.Errorf("%s, three times %s: %d requests, want 4: %v", method, name, got, srv.requests())
				}
			})
		}
	}
}

func TestWhatDoesNotPassIsNotAskedAgain(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a bad request":            answering(400, "text/plain", "Bad request: no"),
		"a quota":                  answering(400, "text/plain", "Quota exceeded: no"),
		"no rows":                  answering(400, "text/plain", "SqlErr: no rows returned by a query that expected to return at least one row @trigger_helpers.rs:369:31"),
		"a check constraint":       answering(400, "text/plain", `SqlErr: error returned from database: new row violates check constraint "proper_id" @x.rs:1:2`),
		"a NUL in the arguments":   answering(400, "text/plain", "SqlErr: error returned from database: unsupported Unicode escape sequence @jobs.rs:6376:5"),
		"a bad token":              answering(401, "text/plain", "Not authorized: Unauthorized"),
		"a token that may not":     answering(403, "text/plain", "Permission denied: no"),
		"nothing found":            answering(404, "text/plain", "Not found: no"),
		"another method":           answering(405, "", ""),
		"a body that is too large": answering(413, "text/plain; charset=utf-8", "Failed to buffer the request body: length limit exceeded"),
		"a media type":             answering(415, "text/plain; charset=utf-8", "Expected request with `Content-Type: application/json`"),
		"what cannot be processed": answering(422, "text/plain; charset=utf-8", "Failed to deserialize"),
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/login")
			reply(w, 302, "", "")
		},
	} {
		for method, call := range calls {
			synctest.Test(t, func(t *testing.T) {
				c, srv := newFake(t, answer)
				err := call(t.Context(), c)
				var refused *facade.APIError
				if !errors.As(err, &refused) {
					t.Errorf("%s, %s: %v, want an *APIError", method, name, err)
				}
				want := 1
				if name == "a redirect" && strings.HasPrefix(method, "RunScript") {
					want = 2 // somebody else's answer: the job is looked up
				}
				if got := len(srv.requests()); got != want {
					t.Errorf("%s, %s: %d requests, want %d: %v", method, name, got, want, srv.requests())
				}
			})
		}
	}
}

func TestAServerThatHangsUpForEverIsLeftAloneAfterAWhile(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			for name, fault := range map[string]facadetest.Fault{"at once": facadetest.ResetBefore(), "after it has handled the request": facadetest.ResetAfter()} {
				remove := srv.Inject("runScriptByPath", fault)
				before := srv.CountRequests("runScriptByPath")
				id, err := srv.Client(facade.WithMaxRetries(4)).RunScriptAsync(t.Context(), napping, nil)
				remove()
				if got := srv.CountRequests("runScriptByPath") - before; got != 5 {
					t.Errorf("%s: %d requests, want 5", name, got)
				}
				_, there := srv.Job(id)
				if id == "" || there != (err == nil) {
					t.Errorf("%s: id %q, %v; want the id, and an error if the job is not there", name, id, err)
				}
				if err != nil && (!strings.Contains(err.Error(), "tried 5 times in ") || !strings.Contains(err.Error(), id)) {
					t.Errorf("%s: %v; want the id, and how often and how long it was tried", name, err)
				}
			}
		}, facadetest.Release(release))
	}
}

func TestNothingIsAskedAgainWithoutRetries(t *testing.T) {
	for method, call := range calls {
		c, srv := newFake(t, answering(503, "text/plain", "away"), facade.WithMaxRetries(0))
		err := call(t.Context(), c)
		var refused *facade.APIError
		if !errors.As(err, &refused) || refused.StatusCode != 503 || strings.Contains(err.Error(), "tried") {
			t.Errorf("%s: %v", method, err)
		}
		want := 1
		if strings.HasPrefix(method, "RunScript") {
			want = 2 // the job may have been started, and is looked up
		}
		if got := len(srv.requests()); got != want {
			t.Errorf("%s: %d requests, want %d", method, got, want)
		}
	}
}

func TestASilentServerIsAskedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		for _, operation := range []string{"runScriptByPath", "getJob", "getCompletedJobResultMaybe"} {
			srv.Inject(operation, facadetest.Hang(), facadetest.Nth(1))
		}
		if _, err := srv.Client().RunScriptAsync(t.Context(), napping, nil, facade.JobID(someJob)); err != nil {
			t.Error(err)
		}
		if _, err := srv.Client().GetJobStatus(t.Context(), someJob); err != nil {
			t.Error(err)
		}
		if _, err := srv.Client().GetResult(t.Context(), someJob); err != nil {
			t.Error(err)
		}
		if n := len(srv.Jobs()); n != 1 {
			t.Errorf("the server has %d jobs, want 1", n)
		}
	})
}

func TestDoClosesTheRequestsBody(t *testing.T) {
	for name, test := range map[string]struct {
		path  string
		again bool // the body can be had again
	}{
		"sent":                       {"/x", false},
		"sent, and can be had again": {"/x", true},
		"refused":                    {"/..", false},
		"refused, and could be had":  {"/..", true},
	} {
		c, _ := newFake(t, wellAnswered("1"), facade.WithMaxRetries(0))
		body := &closing{Reader: strings.NewReader("x")}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://windmill.test"+test.path, body)
		if err != nil {
			t.Fatal(err)
		}
		if test.again {
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }
		}
		if resp, err := c.Do(req); err == nil {
			resp.Body.Close()
		}
		if !body.closed {
			t.Errorf("%s: the body is open", name)
		}
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestEachRetryIsLoggedOnceAndGivesNothingAway(t *testing.T) {
	for method, call := range map[string]func(context.Context, *facade.Client) error{
		"POST /w/test/jobs/run/p/f/some/script": func(ctx context.Context, c *facade.Client) error {
			_, err := c.RunScriptAsync(ctx, somePath, map[string]string{"password": "hunter2"}, facade.Tag("a-tag"), facade.JobID(someJob))
			return err
		},
		"GET /w/test/resources/get_value_interpolated/f/a/b": calls["GetResource"],
		"GET /w/test/jobs_u/get/" + someJob:                  calls["GetJobStatus"],
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}))
			answer := answering(503, "text/plain", "away, says "+someToken+" of user@example.com")
			c, _ := newFake(t, first(3, answer), facade.WithLogger(logger))
			if err := call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(log.String()), "\n")
			if len(lines) != 3 {
				t.Errorf("%s: %d lines for 3 retries:\n%s", method, len(lines), &log)
			}
			verb, path, _ := strings.Cut(method, " ")
			for i, line := range lines {
				for _, want := range []string{"method=" + verb, "path=" + path, fmt.Sprintf("retry=%d", i+1), "status 503"} {
					if !strings.Contains(line, want) {
						t.Errorf("%s: line %d has no %s: %s", method, i+1, want, line)
					}
				}
			}
			for _, secret := range []string{someToken, someToken[:10], "hunter2", "password", "a-tag", "job_id"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("%s: the log has %q in it:\n%s", method, secret, &log)
				}
			}
		})
	}
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func TestNothingIsLoggedWhereAllIsWell(t *testing.T) {
	var log bytes.Buffer
	c, _ := newFake(t, wellAnswered("1"), facade.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	for method, call := range calls {
		if err := call(t.Context(), c); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	if diff := cmp.Diff("", log.String()); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
}
