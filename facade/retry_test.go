//go:build go1.25

package facade_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// calls is each method as a call of one request, where all is well.
var calls = map[string]func(context.Context, *facade.Client) error{
	"GetVersion": func(ctx context.Context, c *facade.Client) error {
		_, err := c.GetVersion(ctx)
		return err
	},
	"GetResource": func(ctx context.Context, c *facade.Client) error {
		_, err := c.GetResource(ctx, "f/a/b")
		return err
	},
	"GetJobStatus": func(ctx context.Context, c *facade.Client) error {
		_, err := c.GetJobStatus(ctx, someJob)
		return err
	},
	"GetResult": func(ctx context.Context, c *facade.Client) error {
		_, err := c.GetResult(ctx, someJob)
		return err
	},
	"RunScriptAsync": func(ctx context.Context, c *facade.Client) error {
		_, err := c.RunScriptAsync(ctx, somePath, nil)
		return err
	},
	"RunScriptAsync by hash": func(ctx context.Context, c *facade.Client) error {
		_, err := c.RunScriptAsync(ctx, someHash, nil)
		return err
	},
}

// passingStatuses are those after which a request is sent again: 408, 425, 429 and 5xx but two.
func passingStatuses() []int {
	all := []int{408, 425, 429}
	for status := 500; status < 600; status++ {
		if status != 501 && status != 505 {
			all = append(all, status)
		}
	}
	return all
}

func TestEveryMethodRepeatsWhatPasses(t *testing.T) {
	responses := map[string]http.HandlerFunc{
		"a gateway's page":       answering(502, "text/html", htmlPage),
		"a page with status 200": answering(200, "text/html; charset=utf-8", htmlPage),
		"an empty body":          answering(200, "application/json", ""),
		"half of some JSON":      answering(200, "application/json", "{\n\"type\":\"Compl"),
		"a database with a pool that timed out": answering(400, "text/plain",
			"SqlErr: pool timed out while waiting for an open connection @jobs.rs:1:2"),
		"a database that has some other trouble": answering(400, "text/plain",
			"SqlErr: the dog has eaten it @x.rs:1:2"),
	}
	for _, status := range passingStatuses() {
		responses[fmt.Sprint("status ", status)] = answering(status, "text/plain", "no")
	}
	for name, response := range responses {
		for method, call := range calls {
			synctest.Test(t, func(t *testing.T) {
				c, srv := newFake(t, first(3, response))
				if err := call(t.Context(), c); err != nil || len(srv.requests()) != 4 {
					t.Errorf("%s, three times %s: %v after %v", method, name, err, srv.requests())
				}
			})
		}
	}
}

func TestNoMethodRepeatsWhatDoesNotPass(t *testing.T) {
	const sql = "SqlErr: error returned from database: "
	for name, test := range map[string]struct {
		status int
		text   string
	}{
		"a bad request":            {400, "Bad request: no"},
		"a quota":                  {400, "Quota exceeded: no"},
		"no rows":                  {400, "SqlErr: no rows returned by a query @x.rs:369:31"},
		"a check constraint":       {400, sql + `new row violates check constraint "id" @x.rs:1:2`},
		"a NUL in the arguments":   {400, sql + "unsupported Unicode escape sequence @jobs.rs:6376:5"},
		"a bad token":              {401, "Not authorized: Unauthorized"},
		"a token that may not":     {403, "Permission denied: no"},
		"nothing found":            {404, "Not found: no"},
		"an unknown route":         {404, ""},
		"another method":           {405, ""},
		"a body that is too large": {413, "Failed to buffer the request body: length limit exceeded"},
		"a media type":             {415, "Expected request with `Content-Type: application/json`"},
		"what cannot be processed": {422, "Failed to deserialize"},
		"not implemented":          {501, "no"},
		"another version of HTTP":  {505, "no"},
		"a redirect":               {302, ""},
	} {
		for method, call := range calls {
			synctest.Test(t, func(t *testing.T) {
				c, srv := newFake(t, answering(test.status, "text/plain", test.text))
				err := call(t.Context(), c)
				if e := (*facade.APIError)(nil); !errors.As(err, &e) || e.StatusCode != test.status {
					t.Errorf("%s, %s: %v, want an *APIError", method, name, err)
				}
				n := len(srv.requests())
				if n > 1 && strings.HasPrefix(method, "Run") && (test.status < 400 || test.status > 500) {
					n-- // the server did not refuse the job: it is looked up
				}
				if n != 1 {
					t.Errorf("%s, %s: the requests %v, want one", method, name, srv.requests())
				}
			})
		}
	}
}

func TestNoMethodRepeatsAnythingWithoutRetries(t *testing.T) {
	for method, call := range calls {
		c, srv := newFake(t, answering(503, "text/plain", "away"), facade.WithMaxRetries(0))
		err := call(t.Context(), c)
		e := (*facade.APIError)(nil)
		if !errors.As(err, &e) || e.StatusCode != 503 || strings.Contains(err.Error(), "attempts") {
			t.Errorf("%s: %v", method, err)
		}
		want := 1
		if strings.HasPrefix(method, "Run") {
			want = 2 // the job may have been started, and is looked up
		}
		if n := len(srv.requests()); n != want {
			t.Errorf("%s: %d requests, want %d", method, n, want)
		}
	}
}

func TestCallsToASilentServerEndAfterThreeMinutesAndAQuarter(t *testing.T) {
	for method, call := range calls {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			most := 3*time.Minute + 15*time.Second
			if strings.HasPrefix(method, "Run") {
				most *= 2 // the job is looked up
			}
			start := time.Now()
			err := call(t.Context(), c)
			if took := time.Since(start); err == nil || took > most {
				t.Errorf("%s: %v after %v", method, err, took)
			}
		})
	}
}

// databaseDown has a script, a resource and a completed job. Its database is down for a while,
// so that a good token is refused, after a minute.
func databaseDown(t *testing.T, lasts time.Duration, test func(*testing.T, *facade.Client)) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Script(somePath, sleepFor)
		srv.SetResource("f/a/b", 1)
		c := srv.Client()
		if _, err := c.RunScriptSync(t.Context(), somePath, nil, facade.JobID(someJob)); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		srv.Inject("", facadetest.DatabaseDown(), facadetest.If(func(*http.Request) bool {
			return time.Since(start) < lasts
		}))
		test(t, c)
	})
}

func TestNoMethodCallsATokenBadWhileTheDatabaseIsDown(t *testing.T) {
	for method, call := range calls {
		if method == "RunScriptAsync by hash" {
			continue // the server has another hash
		}
		databaseDown(t, 50*time.Second, func(t *testing.T, c *facade.Client) {
			if err := call(t.Context(), c); err != nil {
				t.Errorf("%s, of a database that comes back: %v", method, err)
			}
		})
		databaseDown(t, time.Hour, func(t *testing.T, c *facade.Client) {
			err := call(t.Context(), c)
			if method != "GetVersion" && (!errors.As(err, new(*facade.APIError)) ||
				errors.Is(err, facade.ErrUnauthorized)) {
				t.Errorf("%s, of a database that is away: %v", method, err)
			}
		})
	}
	wait := facade.WaitForCompletion()
	databaseDown(t, 150*time.Second, func(t *testing.T, c *facade.Client) {
		if _, err := c.GetResult(t.Context(), someJob, wait); err != nil {
			t.Errorf("a wait, of a database that comes back: %v", err)
		}
		if _, err := c.RunScriptSync(t.Context(), somePath, sleepArgs(time.Minute)); err != nil {
			t.Errorf("a run, of a database that comes back: %v", err)
		}
	})
	databaseDown(t, time.Hour, func(t *testing.T, c *facade.Client) {
		_, err := c.GetResult(t.Context(), someJob, wait)
		if !errors.As(err, new(*facade.WaitError)) || errors.Is(err, facade.ErrUnauthorized) {
			t.Errorf("a wait, of a database that is away: %v", err)
		}
	})
}

func TestRetriesAreLoggedWithoutSecretsAndArguments(t *testing.T) {
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "after" {
			return slog.Attr{}
		}
		return a
	}
	for method, test := range map[string]struct {
		call    func(context.Context, *facade.Client) error
		request string
	}{
		"RunScriptAsync": {func(ctx context.Context, c *facade.Client) error {
			args := map[string]string{"password": "hunter2"}
			_, err := c.RunScriptAsync(ctx, somePath, args, facade.Tag("a-tag"))
			return err
		}, "method=POST path=/w/test/jobs/run/p/f/some/script"},
		"GetResource": {
			calls["GetResource"], "method=GET path=/w/test/resources/get_value_interpolated/f/a/b",
		},
		"GetJobStatus": {calls["GetJobStatus"], "method=GET path=/w/test/jobs_u/get/" + someJob},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			options := &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}
			logger := slog.New(slog.NewTextHandler(&log, options))
			answer := answering(503, "text/plain", "away, says "+someToken+" and "+someToken[:10])
			c, _ := newFake(t, first(2, answer), facade.WithLogger(logger))
			if err := test.call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			want := ""
			for retry := 1; retry <= 2; retry++ {
				want += fmt.Sprintf("level=WARN msg=\"windmill: sending a request again\" %s retry=%d "+
					"error=\"status 503: away, says [token] and [token]\"\n", test.request, retry)
			}
			if diff := cmp.Diff(want, log.String()); diff != "" {
				t.Errorf("%s: the log (-want +got):\n%s", method, diff)
			}
			log.Reset()
			if err := test.call(t.Context(), c); err != nil || log.Len() > 0 {
				t.Errorf("%s, where all is well: %v, and the log\n%s", method, err, &log)
			}
		})
	}
}
