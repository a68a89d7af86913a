package facade_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/windmill/facade"
)

// A server of the kind below answers without any connection: fast, in a testing/synctest bubble too, and whatever a test wants it to.

const (
	someToken = "s3cr3t-t0ken-0123456789abcdefxyz"
	someJob   = "01890a5d-ac96-774b-bcce-b302099a8057"
	someHash  = "00000000deadbeef"
	somePath  = "f/some/script"
)

// fakeServer hands requests to a handler, and counts them.
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
		rec.Body = new(bytes.Buffer) // as net/http reads such an answer
	}
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

// requests returns what has been asked so far.
func (s *fakeServer) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

// route is a request's path under the workspace, or under /api.
func route(r *http.Request) string {
	under := strings.TrimPrefix(r.URL.Path, "/api/")
	return strings.TrimPrefix(under, "w/test/")
}

// newFake makes a server that answers as handler does, and a client of it.
func newFake(t testing.TB, handler http.HandlerFunc, opts ...facade.ClientOption) (*facade.Client, *fakeServer) {
	t.Helper()
	s := &fakeServer{handler: handler}
	opts = append([]facade.ClientOption{facade.WithWorkspace("test"), facade.WithHTTPClient(&http.Client{Transport: s})}, opts...)
	c, err := facade.NewClient("http://windmill.test", someToken, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// reply writes an answer. Without a content type the answer has none.
func reply(w http.ResponseWriter, status int, contentType, body string) {
	w.Header()["Content-Type"] = nil
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// wellAnswered answers as a server does on which all is well and each job has completed with the given result.
func wellAnswered(result string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, contentType, body := rightAnswer(r, result)
		reply(w, status, contentType, body)
	}
}

// rightAnswer is the documented answer to a request of the facade's.
func rightAnswer(r *http.Request, result string) (status int, contentType, body string) {
	const text, data = "text/plain; charset=utf-8", "application/json"
	id := path.Base(r.URL.Path)
	switch under := route(r); {
	case under == "version":
		return 200, text, "CE v1.743.0"
	case strings.HasPrefix(under, "resources/"):
		return 200, data, result
	case strings.HasPrefix(under, "jobs/run/"):
		return 201, text, r.URL.Query().Get("job_id")
	case strings.HasPrefix(under, "jobs_u/get/"):
		return 200, data, `{"type":"CompletedJob","id":"` + id + `","success":true,"canceled":false,"script_path":"` + somePath + `","script_hash":"` + someHash + `"}`
	case strings.HasPrefix(under, "jobs_u/completed/get_result_maybe/"):
		return 200, data, `{"started":true,"success":true,"completed":true,"result":` + result + `}`
	case strings.HasPrefix(under, "jobs_u/getupdate/"):
		return 200, data, `{"running":false,"completed":true,"new_logs":"some log\n","log_offset":10}`
	case strings.HasPrefix(under, "jobs_u/getupdate_sse/"):
		return 200, "text/event-stream", `data: {"type":"update","running":false,"completed":true,"new_logs":"some log\n","log_offset":10}` + "\n\n"
	case strings.HasPrefix(under, "jobs_u/queue/cancel/"):
		return 200, text, id
	case under == "jobs/completed/list":
		return 200, data, "[]"
	}
	return 404, "", ""
}

// within is a context for calls that should end long before it does.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	t.Cleanup(stop)
	return ctx
}

// as decodes what a test knows to be there.
func as[T any](t testing.TB, raw json.RawMessage) T {
	t.Helper()
	v, err := facade.As[T](raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
