package facade

import (
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"example.com/windmill/facade/internal/wait"
)

// Client talks to one Windmill server, in one workspace, with one token. Make it with [NewClient]; the zero value is not usable.
// It is safe for any number of goroutines, and meant to be shared: the waits of one Client share their requests.
// Formatting, logging or dumping a Client never reveals its token.
type Client struct {
	server     *url.URL // its path ends in "/api"
	endpoint   string   // the same with a slash at its end
	secret     secret
	workspace  string
	parentJob  string
	rootJob    string
	userAgent  string
	http       httpClient
	log        *slog.Logger
	maxRetries int
	maxOutage  time.Duration
	hold       hold
	answered   atomic.Bool // the server has given a good answer
	silence    atomic.Bool // a connection may have died silently, and is left before the next request
	waits      *wait.Scheduler
}

// NewClient makes a client of the server at baseURL. It checks its arguments and the environment, and sends nothing.
//
// baseURL is taken with or without /api, with or without a trailing slash, under any path prefix:
// "https://windmill.example.com", "http://localhost:8000/api/" and "https://tools.example.com/windmill" all do.
// If it is empty, the first of these that is set is used: the environment's BASE_INTERNAL_URL, WM_BASE_URL, BASE_URL,
// then http://localhost:8000/api. An empty token means the environment's WM_TOKEN, then none; a workspace that
// [WithWorkspace] does not name is the environment's WM_WORKSPACE. Inside a Windmill job all of these are set, and WM_JOB_ID and
// WM_ROOT_FLOW_JOB_ID become the parent and the root of every job that the client starts, unless baseURL names another server.
//
// A missing token or workspace is no error yet, since [Client.GetVersion] needs neither; the other methods report what is missing. Errors are
// [ErrInvalidArgument].
func NewClient(baseURL, token string, opts ...ClientOption) (*Client, error) {
	cfg := config{maxRetries: defaultMaxRetries, maxOutage: defaultMaxOutage, userAgent: defaultUserAgent}
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
	c := &Client{
		server:     settings.server,
		endpoint:   settings.server.String() + "/",
		secret:     newSecret(settings.token),
		workspace:  settings.workspace,
		parentJob:  settings.parentJob,
		rootJob:    settings.rootJob,
		userAgent:  cfg.userAgent,
		http:       newHTTPClient(cfg.httpClient),
		log:        cfg.logger,
		maxRetries: cfg.maxRetries,
		maxOutage:  cfg.maxOutage,
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.waits = c.newScheduler()
	return c, nil
}

// BaseURL returns the server's address as the client uses it, which ends in /api whatever was given to [NewClient].
// It is what the generated client wants: gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c)).
func (c *Client) BaseURL() string { return c.server.String() }

// Workspace returns the id of the workspace that the client works in, or "" if there is none. Operations of the generated
// client take it as an argument.
func (c *Client) Workspace() string { return c.workspace }

// Token returns the token that requests carry, or "" if there is none. Keep it out of logs.
func (c *Client) Token() string { return c.secret.token() }

// Format implements [fmt.Formatter], so that no verb prints the token.
func (c *Client) Format(f fmt.State, _ rune) {
	if c == nil {
		fmt.Fprint(f, "windmill.Client(nil)")
		return
	}
	fmt.Fprintf(f, "windmill.Client(%s, workspace %q)", c.server, c.workspace)
}

// LogValue implements [slog.LogValuer], so that a logged client shows its server and workspace and not its token.
func (c *Client) LogValue() slog.Value {
	if c == nil {
		return slog.StringValue("nil")
	}
	return slog.GroupValue(slog.String("base_url", c.server.String()), slog.String("workspace", c.workspace))
}
