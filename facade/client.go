package facade

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"example.com/windmill/facade/internal/transport"
	"example.com/windmill/facade/internal/wait"
)

// Client is a client of one Windmill server, for one workspace and one token. [NewClient] makes
// one; the zero value is not usable. A Client is safe for concurrent use and meant to be shared:
// its waits share requests. Printing, logging or dumping a Client does not reveal its token.
type Client struct {
	transport *transport.Transport
	workspace string
	parentJob string
	rootJob   string
	log       *slog.Logger
	maxOutage time.Duration
	waits     *wait.Scheduler
}

// NewClient returns a client of the server at baseURL. It checks its arguments and the environment,
// and sends nothing.
//
// baseURL may end in /api or not, and in a slash or not: "https://windmill.example.com",
// "http://localhost:8000/api/" and "https://tools.example.com/windmill" are all valid.
//
// NewClient takes missing settings from the environment. If baseURL is empty, it uses
// BASE_INTERNAL_URL, WM_BASE_URL or BASE_URL, the first that is set, and else
// http://localhost:8000/api. If token is empty, it uses WM_TOKEN; without [WithWorkspace], it uses
// WM_WORKSPACE. Windmill sets all of these for its jobs. WM_JOB_ID and WM_ROOT_FLOW_JOB_ID become
// the parent and the root of every job that the client starts, unless baseURL names another server.
//
// A missing token or workspace is not an error of NewClient, because [Client.GetVersion] needs
// neither; the other methods report it. Every error of NewClient is [ErrInvalidArgument].
func NewClient(baseURL, token string, opts ...ClientOption) (*Client, error) {
	cfg := config{
		maxRetries: defaultMaxRetries,
		maxOutage:  defaultMaxOutage,
		userAgent:  defaultUserAgent,
		logger:     slog.New(slog.DiscardHandler),
	}
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("windmill: %w: client option %d is nil", ErrInvalidArgument, i+1)
		}
		if err := opt(&cfg); err != nil {
			return nil, fmt.Errorf("windmill: %w: %w", ErrInvalidArgument, err)
		}
	}
	settings, err := resolve(baseURL, token, cfg.workspace)
	if err != nil {
		return nil, fmt.Errorf("windmill: %w: %w", ErrInvalidArgument, err)
	}
	hc := transport.HTTPClient(cfg.httpClient)
	c := &Client{
		transport: &transport.Transport{
			Server:     settings.server,
			Token:      func() string { return settings.token },
			Client:     func() *http.Client { return hc },
			UserAgent:  cfg.userAgent,
			MaxRetries: cfg.maxRetries,
			Log:        cfg.logger,
		},
		workspace: settings.workspace,
		parentJob: settings.parentJob,
		rootJob:   settings.rootJob,
		log:       cfg.logger,
		maxOutage: cfg.maxOutage,
	}
	c.waits = c.newScheduler()
	return c, nil
}

// BaseURL returns the base URL of the server, which always ends in /api. The generated client needs
// it: gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c)).
func (c *Client) BaseURL() string { return c.transport.Server.String() }

// Workspace returns the id of the client's workspace, or "" if it has none. Operations of the
// generated client take it as an argument.
func (c *Client) Workspace() string { return c.workspace }

// Token returns the token, or "" if the client has none. Do not log it.
func (c *Client) Token() string { return c.transport.Token() }

// CloseIdleConnections closes the connections that are not in use. Clients without a transport of
// their own share one, and its connections.
func (c *Client) CloseIdleConnections() { c.transport.Client().CloseIdleConnections() }

// Format implements [fmt.Formatter]. No verb prints the token.
func (c *Client) Format(f fmt.State, _ rune) {
	if c == nil {
		fmt.Fprint(f, "windmill.Client(nil)")
		return
	}
	fmt.Fprintf(f, "windmill.Client(%s, workspace %q)", c.BaseURL(), c.workspace)
}

// LogValue implements [slog.LogValuer]. It returns the base URL and the workspace.
func (c *Client) LogValue() slog.Value {
	if c == nil {
		return slog.StringValue("nil")
	}
	return slog.GroupValue(slog.String("base_url", c.BaseURL()), slog.String("workspace", c.workspace))
}
