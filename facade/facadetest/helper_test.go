package facadetest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/windmill/facade/facadetest"
)

const someID = "11111111-1111-1111-1111-111111111111"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newServer starts a server that ends with the test.
func newServer(t *testing.T, opts ...facadetest.Option) *facadetest.Server {
	t.Helper()
	srv := facadetest.NewServer(opts...)
	t.Cleanup(srv.Close)
	return srv
}

// reply is an answer as it came.
type reply struct {
	status int
	header http.Header
	body   string
	err    error // of the request, or of reading the body
}

// ask sends a request to a path under /api with a token, and a JSON body unless that is empty.
func ask(t *testing.T, srv *facadetest.Server, token, method, path, body string) reply {
	t.Helper()
	return askContext(t.Context(), t, srv, token, method, path, body)
}

func askContext(
	ctx context.Context, t *testing.T, srv *facadetest.Server, token, method, path, body string,
) reply {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, srv.URL+"/api/"+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := srv.HTTPClient().Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(raw), err}
}

// get asks with the server's own token.
func get(t *testing.T, srv *facadetest.Server, path string) reply {
	t.Helper()
	return ask(t, srv, srv.Token, http.MethodGet, path, "")
}

// submit submits a job.
func submit(t *testing.T, srv *facadetest.Server, token, script, args, query string) reply {
	t.Helper()
	return ask(t, srv, token, http.MethodPost, "w/test/jobs/run/p/"+script+"?"+query, args)
}

// run submits a job and returns its id.
func run(t *testing.T, srv *facadetest.Server, script, args, query string) string {
	t.Helper()
	got := submit(t, srv, srv.Token, script, args, query)
	if got.status != http.StatusCreated {
		t.Fatalf("running %s: %d %s %v", script, got.status, got.body, got.err)
	}
	return got.body
}

// cancel cancels a job and returns the answer.
func cancel(t *testing.T, srv *facadetest.Server, jobID, reason string) reply {
	t.Helper()
	return ask(t, srv, srv.Token, http.MethodPost, "w/test/jobs_u/queue/cancel/"+jobID,
		`{"reason":"`+reason+`"}`)
}

// within is a context for calls that should end long before it does.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	t.Cleanup(stop)
	return ctx
}

// returning is a script that returns a value.
func returning(value any) func(context.Context, *facadetest.Job) (any, error) {
	return func(context.Context, *facadetest.Job) (any, error) { return value, nil }
}

// untilCanceled is a script that runs until it is canceled.
func untilCanceled(ctx context.Context, _ *facadetest.Job) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// decode decodes JSON or ends the test.
func decode[T any](t *testing.T, raw string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(raw), &value); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return value
}

// job returns what the server knows about a job.
func job(t *testing.T, srv *facadetest.Server, id string) facadetest.JobInfo {
	t.Helper()
	info, ok := srv.Job(id)
	if !ok {
		t.Fatalf("the server does not know job %s", id)
	}
	return info
}

// onlyJob returns the one job that the server has.
func onlyJob(t *testing.T, srv *facadetest.Server) facadetest.JobInfo {
	t.Helper()
	jobs := srv.Jobs()
	if len(jobs) != 1 {
		t.Fatalf("the server has %d jobs, want 1", len(jobs))
	}
	return jobs[0]
}

// panics returns what a function panics with, as text, or "".
func panics(fn func()) (with string) {
	defer func() {
		if p := recover(); p != nil {
			with, _ = p.(string)
		}
	}()
	fn()
	return ""
}
