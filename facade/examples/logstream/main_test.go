package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

// newSite returns the address of the example with fn as its script.
func newSite(t *testing.T, fn func(context.Context, *facadetest.Job) (any, error)) string {
	t.Helper()
	srv := facadetest.NewServer()
	t.Cleanup(srv.Close)
	srv.Script(script, fn)
	site := httptest.NewServer(newHandler(srv.Client()))
	t.Cleanup(site.Close)
	return site.URL
}

func request(t *testing.T, method, url string) *http.Response {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s", method, url, resp.Status)
	}
	return resp
}

// stream starts a job and returns the stream of its log.
func stream(t *testing.T, site string) io.Reader {
	t.Helper()
	jobID, err := io.ReadAll(request(t, http.MethodPost, site+"/jobs").Body)
	if err != nil {
		t.Fatal(err)
	}
	return request(t, http.MethodGet, site+"/jobs/"+string(jobID)+"/log").Body
}

func TestAStreamHasTheLogAndEndsWithTheResultOrTheFailure(t *testing.T) {
	failure := &facadetest.Failure{Result: map[string]any{
		"error": map[string]string{"name": "ValueError", "message": "no orders"},
	}}
	for name, test := range map[string]struct {
		line   string
		result any
		err    error
		want   string
	}{
		"a result": {line: "one", result: 42,
			want: "event: log\ndata: one\n\nevent: result\ndata: 42\n\n"},
		"a carriage return": {line: "10 %\r20 %",
			want: "event: log\ndata: 10 %\ndata: 20 %\n\nevent: result\ndata: null\n\n"},
		"a failed script": {line: "one", err: failure,
			want: "event: log\ndata: one\n\nevent: failure\ndata: ValueError: no orders\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			site := newSite(t, func(_ context.Context, job *facadetest.Job) (any, error) {
				job.Logf("%s", test.line)
				return test.result, test.err
			})
			got, err := io.ReadAll(stream(t, site))
			if err != nil || !strings.HasSuffix(string(got), test.want) {
				t.Errorf("the stream is %q, %v, want %q at the end", got, err, test.want)
			}
		})
	}
}

func TestALineArrivesWhileItsJobRuns(t *testing.T) {
	seen := make(chan struct{})
	site := newSite(t, func(ctx context.Context, job *facadetest.Job) (any, error) {
		job.Logf("the first line")
		select {
		case <-seen:
			return "seen", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	events := stream(t, site)
	var got bytes.Buffer
	for buf := make([]byte, 1024); !strings.Contains(got.String(), "the first line\n\n"); {
		n, err := events.Read(buf)
		got.Write(buf[:n])
		if err != nil {
			t.Fatalf("the stream ended with %v after %q", err, &got)
		}
	}
	close(seen)
	if _, err := io.Copy(&got, events); err != nil || !strings.Contains(got.String(), `data: "seen"`) {
		t.Errorf("the stream ended with %v after %q", err, &got)
	}
}

func TestThePageIsServed(t *testing.T) {
	body, err := io.ReadAll(request(t, http.MethodGet, newSite(t, report)+"/").Body)
	if err != nil || !strings.Contains(string(body), "new EventSource(") {
		t.Errorf("the page is %s, %v", body, err)
	}
}
