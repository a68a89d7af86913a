package facade_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/windmill/facade"
)

const (
	someToken = "s3cr3t-t0ken-0123456789abcdefxyz"
	someJob   = "01890a5d-ac96-774b-bcce-b302099a8057"
	someHash  = "00000000deadbeef"
	somePath  = "f/some/script"

	htmlPage = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>" +
		"<body>nginx</body></html>"
)

// fakeServer is a transport that answers by itself, without a connection: quickly, in a
// testing/synctest bubble too, and as a test wants it to. It records the requests.
type fakeServer struct {
	handler http.Handler

	mu   sync.Mutex
	seen []string // method and path under the workspace, or under /api, of each request
}

func (s *fakeServer) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.seen = append(s.seen, r.Method+" "+route(r))
	s.mu.Unlock()
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, r)
	if r.Body != nil {
		r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if rec.Code == http.StatusNoContent || rec.Code == http.StatusNotModified {
		rec.Body = new(bytes.Buffer) // as net/http reads such a response
	}
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

// requests returns the requests so far.
func (s *fakeServer) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

// route returns a request's path under the workspace, or under /api.
func route(r *http.Request) string {
	under := strings.TrimPrefix(r.URL.Path, "/api/")
	return strings.TrimPrefix(under, "w/test/")
}

// newFake returns a client of a server that answers as handler does, and that server.
func newFake(
	t testing.TB, handler http.HandlerFunc, opts ...facade.ClientOption,
) (*facade.Client, *fakeServer) {
	t.Helper()
	s := &fakeServer{handler: handler}
	return newClient(t, s, opts...), s
}

// newClient returns a client whose requests go through a transport.
func newClient(
	t testing.TB, through http.RoundTripper, opts ...facade.ClientOption,
) *facade.Client {
	t.Helper()
	opts = append([]facade.ClientOption{
		facade.WithWorkspace("test"), facade.WithHTTPClient(&http.Client{Transport: through}),
	}, opts...)
	c, err := facade.NewClient("http://windmill.test", someToken, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reply writes a response. Without a content type the response has none.
func reply(w http.ResponseWriter, status int, contentType, body string) {
	w.Header()["Content-Type"] = nil
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// answering gives every request the same response.
func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, contentType, body) }
}

// first answers the first n requests with answer, and the others well.
func first(n int, answer http.HandlerFunc) http.HandlerFunc {
	var answered atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if answered.Add(1) <= int64(n) {
			answer(w, r)
			return
		}
		okHandler(`{"a":1}`)(w, r)
	}
}

// okHandler is a server on which all is well and each job has completed with the result.
func okHandler(result string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, contentType, body := rightAnswer(r, result)
		reply(w, status, contentType, body)
	}
}

// rightAnswer returns the documented response to a request.
func rightAnswer(r *http.Request, result string) (status int, contentType, body string) {
	const text, data = "text/plain; charset=utf-8", "application/json"
	const update = `"running":false,"completed":true,"new_logs":"some log\n","log_offset":10}`
	id := path.Base(r.URL.Path)
	switch under := route(r); {
	case under == "version":
		return 200, text, "CE v1.743.0"
	case strings.HasPrefix(under, "resources/"):
		return 200, data, result
	case strings.HasPrefix(under, "jobs/run/"):
		return 201, text, r.URL.Query().Get("job_id")
	case strings.HasPrefix(under, "jobs_u/get/"):
		return 200, data, `{"type":"CompletedJob","id":"` + id + `","success":true,"canceled":false,` +
			`"script_path":"` + somePath + `","script_hash":"` + someHash + `"}`
	case strings.HasPrefix(under, "jobs_u/completed/get_result_maybe/"):
		return 200, data, `{"started":true,"success":true,"completed":true,"result":` + result + `}`
	case strings.HasPrefix(under, "jobs_u/getupdate/"):
		return 200, data, `{` + update
	case strings.HasPrefix(under, "jobs_u/getupdate_sse/"):
		return 200, "text/event-stream", `data: {"type":"update",` + update + "\n\n"
	case strings.HasPrefix(under, "jobs_u/queue/cancel/"):
		return 200, text, id
	case under == "jobs/completed/list":
		return 200, data, "[]"
	}
	return 404, "", ""
}

// within returns a context for calls that should end long before it does.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	t.Cleanup(stop)
	return ctx
}

// as decodes JSON that a test knows to be there.
func as[T any](t testing.TB, raw json.RawMessage) T {
	t.Helper()
	v, err := facade.As[T](raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// fewFailures is a test that may fail a thousand times for one reason. It shows the first
// failures and counts the others.
type fewFailures struct {
	*testing.T
	n atomic.Int64
}

const shownFailures = 3

func newFewFailures(t *testing.T) *fewFailures {
	t.Helper()
	f := &fewFailures{T: t}
	t.Cleanup(func() {
		if more := f.n.Load() - shownFailures; more > 0 {
			t.Logf("and %d more", more)
		}
	})
	return f
}

func (f *fewFailures) Errorf(format string, args ...any) {
	f.Helper()
	if f.n.Add(1) <= shownFailures {
		f.T.Errorf(format, args...)
	} else {
		f.Fail()
	}
}

// TestMain fails the package when a goroutine is left after all of its tests. It does not look
// while fuzzing, since the fuzzer has goroutines of its own then.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.fuzz"); f != nil && f.Value.String() != "" {
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}
