package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

// newSite returns the address of the example's web server, whose script does what fn does.
func newSite(t *testing.T, fn func(context.Context, *facadetest.Job) (any, error)) string {
	t.Helper()
	srv := facadetest.NewServer()
	t.Cleanup(srv.Close)
	srv.Script(script, fn)
	site := httptest.NewServer(newHandler(srv.Client()))
	t.Cleanup(site.Close)
	return site.URL
}

// request returns the answer's status, type and body.
func request(t *testing.T, method, url string) (int, string, string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(body)
}

func TestAJobsLogIsStreamedAsEvents(t *testing.T) {
	for _, test := range []struct {
		name   string
		script func(context.Context, *facadetest.Job) (any, error)
		want   string
	}{
		{"a line is an event, and the result is the last", func(_ context.Context, job *facadetest.Job) (any, error) {
			job.Logf("one")
			job.Logf("two")
			return 42, nil
		}, "event: log\ndata: one\n\nevent: log\ndata: two\n\nevent: result\ndata: 42\n\n"},
		{"a carriage return does not end an event", func(_ context.Context, job *facadetest.Job) (any, error) {
			job.Logf("10 %%\r20 %%")
			return nil, nil
		}, "event: log\ndata: 10 %\ndata: 20 %\n\nevent: result\ndata: null\n\n"},
		{"a failed script is the last event", func(context.Context, *facadetest.Job) (any, error) {
			return nil, &facadetest.Failure{Result: map[string]any{"error": map[string]string{"name": "ValueError", "message": "no orders"}}}
		}, "event: failure\ndata: ValueError: no orders\n\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			site := newSite(t, test.script)
			status, _, jobID := request(t, http.MethodPost, site+"/jobs")
			if status != http.StatusOK {
				t.Fatalf("starting a job: status %d: %s", status, jobID)
			}
			_, contentType, got := request(t, http.MethodGet, site+"/jobs/"+jobID+"/log")
			if contentType != "text/event-stream" {
				t.Errorf("the stream is %q", contentType)
			}
			// The server begins every log with lines of its own.
			if !strings.HasSuffix(got, test.want) {
				t.Errorf("the stream ends otherwise (-want +got):\n%s", cmp.Diff(test.want, got))
			}
		})
	}
}

func TestAnUnknownJobIsAFailureInTheStream(t *testing.T) {
	site := newSite(t, report)
	_, _, got := request(t, http.MethodGet, site+"/jobs/no-job/log")
	if !strings.HasPrefix(got, "event: failure\ndata: windmill: ") {
		t.Errorf("the stream is %q", got)
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
	_, _, jobID := request(t, http.MethodPost, site+"/jobs")
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, site+"/jobs/"+jobID+"/log", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got bytes.Buffer
	for buf := make([]byte, 1024); !strings.Contains(got.String(), "the first line\n\n"); {
		n, err := resp.Body.Read(buf)
		got.Write(buf[:n])
		if err != nil {
			t.Fatalf("the stream ended with %v after %q", err, &got)
		}
	}
	close(seen)
	if _, err := io.Copy(&got, resp.Body); err != nil || !strings.HasSuffix(got.String(), "event: result\ndata: \"seen\"\n\n") {
		t.Errorf("the stream ended with %v after %q", err, &got)
	}
}

func TestAWriteReportsThatTheBrowserHasLeft(t *testing.T) {
	gone := errors.New("gone")
	events := &eventWriter{w: httptest.NewRecorder(), flush: func() error { return gone }}
	if _, err := events.Write([]byte("a line\n")); !errors.Is(err, gone) {
		t.Errorf("error %v, want %v", err, gone)
	}
}

func TestThePageIsServedAtTheTopAndNowhereElse(t *testing.T) {
	site := newSite(t, report)
	status, contentType, body := request(t, http.MethodGet, site+"/")
	if status != http.StatusOK || contentType != "text/html; charset=utf-8" || !strings.Contains(body, "new EventSource(") {
		t.Errorf("the page is %d, %s: %s", status, contentType, body)
	}
	if status, _, _ := request(t, http.MethodGet, site+"/other"); status != http.StatusNotFound {
		t.Errorf("another path answers %d, want 404", status)
	}
}
