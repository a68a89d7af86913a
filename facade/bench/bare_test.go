package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// pollInterval is how long the official clients wait between two requests for a job.
const pollInterval = 500 * time.Millisecond

// bare is a client as one writes it with net/http alone: it sends the facade's requests, reads
// whole bodies and checks the status.
type bare struct {
	http                  *http.Client
	url, workspace, token string
}

func (c bare) send(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.url+"/api"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, content)
	}
	return content, err
}

func (c bare) submit(ctx context.Context, script, query string, args any) (string, error) {
	body, err := json.Marshal(args)
	if err != nil {
		return "", err
	}
	path := "/w/" + c.workspace + "/jobs/run/p/" + script + query
	id, err := c.send(ctx, http.MethodPost, path, body)
	return string(id), err
}

func (c bare) result(ctx context.Context, jobID string) ([]byte, error) {
	path := "/jobs_u/completed/get_result_maybe/" + jobID + "?get_started=true"
	return c.send(ctx, http.MethodGet, "/w/"+c.workspace+path, nil)
}

// poll runs a script as the official clients do: it asks for the result at once and then at
// intervals.
func (c bare) poll(
	ctx context.Context, interval time.Duration, script, query string, args any,
) (json.RawMessage, error) {
	id, err := c.submit(ctx, script, query, args)
	if err != nil {
		return nil, err
	}
	for {
		content, err := c.result(ctx, id)
		if err != nil {
			return nil, err
		}
		var job struct {
			Completed bool
			Result    json.RawMessage
		}
		if err := json.Unmarshal(content, &job); err != nil || job.Completed {
			return job.Result, err
		}
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
