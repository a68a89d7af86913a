package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"example.com/windmill/facade/facadetest"
)

// bare is a client as one writes it with net/http alone: it sends the facade's requests, reads whole bodies and checks the status.
type bare struct {
	http           *http.Client
	api, jobs, run string
	token          string
}

func newBare(url, workspace, token string, hc *http.Client) bare {
	ws := url + "/api/w/" + workspace
	return bare{http: hc, api: url + "/api", jobs: ws + "/jobs_u", run: ws + "/jobs/run/p/", token: token}
}

func bareClient(srv *facadetest.Server) bare {
	return newBare(srv.URL, srv.Workspace, srv.Token, srv.HTTPClient())
}

func (c bare) send(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, content)
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
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, answer)
	}
	return answer, err
}

func (c bare) get(ctx context.Context, url string) ([]byte, error) {
	return c.send(ctx, http.MethodGet, url, nil)
}

func (c bare) submit(ctx context.Context, script, query string, args any) (jobID string, err error) {
	body, err := json.Marshal(args)
	if err != nil {
		return "", err
	}
	id, err := c.send(ctx, http.MethodPost, c.run+script+query, body)
	return string(id), err
}

func (c bare) result(ctx context.Context, jobID string) ([]byte, error) {
	return c.get(ctx, c.jobs+"/completed/get_result_maybe/"+jobID+"?get_started=true")
}

// await looks at a job at intervals until it has completed.
func (c bare) await(ctx context.Context, jobID string, every time.Duration) (json.RawMessage, error) {
	for {
		timer := time.NewTimer(every)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
		if result, completed, err := c.look(ctx, jobID); err != nil || completed {
			return result, err
		}
	}
}

func (c bare) look(ctx context.Context, jobID string) (result json.RawMessage, completed bool, err error) {
	answer, err := c.result(ctx, jobID)
	if err != nil {
		return nil, false, err
	}
	var job struct {
		Completed bool
		Result    json.RawMessage
	}
	err = json.Unmarshal(answer, &job)
	return job.Result, job.Completed, err
}

// pollEvery is how long the official clients wait between two looks.
const pollEvery = 500 * time.Millisecond

// poll runs a script as the official clients do: it looks at the job at once, and then every half second.
func (c bare) poll(ctx context.Context, script, query string, args any) (json.RawMessage, error) {
	id, err := c.submit(ctx, script, query, args)
	if err != nil {
		return nil, err
	}
	if result, completed, err := c.look(ctx, id); err != nil || completed {
		return result, err
	}
	return c.await(ctx, id, pollEvery)
}
