package facade

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"example.com/windmill/gen"
)

// request is a submission as it goes out. One without options, as most are, is made from a template.
func (s *submission) request(ctx context.Context, c *Client) (*http.Request, error) {
	if s.cfg.scheduledIn != nil || s.cfg.scheduledAt != nil || s.cfg.parentJob != "" || s.cfg.tag != "" {
		req, err := s.script.request(c, s.cfg, bytes.NewReader(s.args))
		if err != nil {
			return nil, err
		}
		return c.dress(ctx, req), nil
	}
	t, build := &c.templates.byPath, templateByPath
	if s.script.hash != "" {
		t, build = &c.templates.byHash, templateByHash
	}
	req, err := c.fill(ctx, t, s.script.String(), build)
	if err != nil {
		return nil, err
	}
	req.URL.RawQuery = strings.Replace(req.URL.RawQuery, blank, s.jobID(), 1)
	req.ContentLength = int64(len(s.args))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(s.args)), nil }
	req.Body, err = req.GetBody()
	return req, err
}

func templateByHash(c *Client) (*http.Request, error) {
	return scriptRef{hash: blank}.request(c, runConfig{jobID: blank}, http.NoBody)
}

func templateByPath(c *Client) (*http.Request, error) {
	return scriptRef{path: blank}.request(c, runConfig{jobID: blank}, http.NoBody)
}

func (s scriptRef) request(c *Client, cfg runConfig, body io.Reader) (*http.Request, error) {
	const json = "application/json"
	params := gen.RunScriptByHashParams{
		JobID:        &cfg.jobID,
		ScheduledFor: cfg.scheduledAt,
		ParentJob:    optional(cfg.parentJob, c.parentJob),
		RootJob:      optional(c.rootJob),
		Tag:          optional(cfg.tag),
	}
	if cfg.scheduledIn != nil {
		seconds := int64((*cfg.scheduledIn + time.Second - 1) / time.Second)
		params.ScheduledInSecs = &seconds
	}
	if s.hash != "" {
		return gen.NewRunScriptByHashRequestWithBody(c.endpoint, c.workspace, s.hash, &params, json, body)
	}
	byPath := gen.RunScriptByPathParams(params)
	return gen.NewRunScriptByPathRequestWithBody(c.endpoint, c.workspace, s.path, &byPath, json, body)
}

// optional points to the first of values that is not empty. The server takes an empty parameter for a value.
func optional(values ...string) *string {
	for i := range values {
		if values[i] != "" {
			return &values[i]
		}
	}
	return nil
}
