package callers

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"example.com/windmill/facade"
)

// runner is how a program that uses a client in one place states what it needs of it, so that its
// tests can do without.
type runner interface {
	GetVersion(ctx context.Context) (string, error)
	GetResource(ctx context.Context, path string) (json.RawMessage, error)
	RunScriptAsync(
		ctx context.Context,
		script string,
		args any,
		opts ...facade.RunOption,
	) (jobID string, err error)
	RunScriptSync(
		ctx context.Context,
		script string,
		args any,
		opts ...facade.RunOption,
	) (json.RawMessage, error)
	GetJobStatus(ctx context.Context, jobID string) (facade.JobStatus, error)
	GetResult(ctx context.Context, jobID string, opts ...facade.ResultOption) (json.RawMessage, error)
	BaseURL() string
	Token() string
	Do(req *http.Request) (*http.Response, error)
}

var _ runner = (*facade.Client)(nil)

// The functions, as values of exactly these types.
var (
	_ func(baseURL, token string, opts ...facade.ClientOption) (*facade.Client, error) = facade.NewClient
	_ func(raw json.RawMessage, err error) (map[string]int, error)                     = facade.As[map[string]int]

	_ func(string) facade.ClientOption       = facade.WithWorkspace
	_ func(*http.Client) facade.ClientOption = facade.WithHTTPClient
	_ func(int) facade.ClientOption          = facade.WithMaxRetries
	_ func(*slog.Logger) facade.ClientOption = facade.WithLogger
	_ func(string) facade.ClientOption       = facade.WithUserAgent

	_ func(time.Duration) facade.RunOption = facade.ScheduledIn
	_ func(time.Time) facade.RunOption     = facade.ScheduledAt
	_ func(string) facade.RunOption        = facade.JobID
	_ func(string) facade.RunOption        = facade.Tag
	_ func(string) facade.RunOption        = facade.ParentJob
	_ func() facade.RunOption              = facade.KeepRunning

	_ func() facade.ResultOption = facade.WaitForCompletion
)

// fromEnvironment is the shortest way to a client.
func fromEnvironment() (*facade.Client, error) {
	return facade.NewClient("", "")
}

// configured builds its options step by step.
func configured(workspace string, verbose bool) (*facade.Client, error) {
	options := []facade.ClientOption{
		facade.WithWorkspace(workspace),
		facade.WithHTTPClient(&http.Client{Transport: http.DefaultTransport}),
		facade.WithMaxRetries(3),
		facade.WithUserAgent("invoices/1.2"),
	}
	if verbose {
		options = append(options, facade.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil))))
	}
	return facade.NewClient("https://windmill.example.com/api", "secret", options...)
}

type user struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// everyMethod calls each method the way its documentation shows. It waits for a minute, so it is
// compiled and not run.
func everyMethod(ctx context.Context, c *facade.Client, out io.Writer) error {
	if _, err := c.GetVersion(ctx); err != nil {
		return err
	}
	admin, err := facade.As[user](c.GetResource(ctx, "f/crm/admin"))
	if err != nil {
		return err
	}
	id, err := c.RunScriptAsync(
		ctx,
		"f/crm/create_user",
		admin,
		facade.ScheduledIn(time.Minute),
		facade.Tag("crm"),
	)
	if err != nil {
		return err
	}
	_, err = c.RunScriptAsync(ctx, "1f2e3d4c5b6a7988", nil, facade.ParentJob(id),
		facade.ScheduledAt(time.Now()))
	if err != nil {
		return err
	}
	status, err := c.GetJobStatus(ctx, id)
	if err != nil {
		return err
	}
	if status == facade.JobCompleted {
		_, err := c.GetResult(ctx, id)
		return err
	}
	if _, err := c.GetResult(ctx, id, facade.WaitForCompletion(), facade.Verbose(out)); err != nil {
		return err
	}
	result, err := c.RunScriptSync(ctx, "u/ada/report", map[string]any{"day": "monday"},
		facade.JobID("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"), facade.KeepRunning(), facade.Verbose(out))
	if err != nil {
		return err
	}
	if string(result) == "null" {
		return errors.New("no report")
	}
	return nil
}

var _ = everyMethod

// watching shares one option between both kinds of wait.
func watching(out io.Writer) ([]facade.RunOption, []facade.ResultOption) {
	watch := facade.Verbose(out)
	return []facade.RunOption{watch}, []facade.ResultOption{watch}
}
