package facade

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

const (
	defaultMaxRetries = 10
	defaultMaxOutage  = 5 * time.Minute
)

// ClientOption is a setting of [NewClient].
type ClientOption func(*config) error

type config struct {
	workspace  string
	httpClient *http.Client
	maxRetries int
	maxOutage  time.Duration
	logger     *slog.Logger
	userAgent  string
}

// WithWorkspace says in which workspace scripts run and resources are read. It wins over the environment's WM_WORKSPACE.
func WithWorkspace(id string) ClientOption {
	return func(cfg *config) error {
		if id == "" {
			return errors.New("WithWorkspace: the workspace id is empty; leave the option out to take it from WM_WORKSPACE")
		}
		cfg.workspace = id
		return nil
	}
}

// WithHTTPClient sends all requests through hc: for proxies, certificates, tracing. The client works on a copy, and hc stays as it is.
// Redirects are not followed, whatever hc says of them. hc.Timeout, if set, bounds each request, the download of a large
// result and the stream of a job's logs included; it is better left at zero, as contexts bound everything.
func WithHTTPClient(hc *http.Client) ClientOption {
	return func(cfg *config) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the client is nil; leave the option out to use the default")
		}
		cfg.httpClient = hc
		return nil
	}
}

// WithMaxRetries says how many times a request is sent again when its answer was lost or the server was busy; 0 means never.
// The default is 10, which takes about ten seconds. Only requests that are safe to repeat are: reads, cancellations, and
// submissions, which carry their job's id. A wait for a job has a bound of its own, see [WithMaxOutage].
func WithMaxRetries(n int) ClientOption {
	return func(cfg *config) error {
		if n < 0 {
			return fmt.Errorf("WithMaxRetries: %d is negative; 0 means that nothing is sent again", n)
		}
		cfg.maxRetries = n
		return nil
	}
}

// WithMaxOutage says how long a wait for a job goes on while the server gives no good answer (it restarts, its database is away, the
// network is down) before it ends with a [*WaitError] that says what kept failing. The default is 5 minutes; the caller's
// context ends a wait sooner.
func WithMaxOutage(d time.Duration) ClientOption {
	return func(cfg *config) error {
		if d <= 0 {
			return fmt.Errorf("WithMaxOutage: %v is not positive", d)
		}
		cfg.maxOutage = d
		return nil
	}
}

// WithLogger reports each retry to l, with the request's method and path, and never its arguments or token. Without it nothing is logged.
func WithLogger(l *slog.Logger) ClientOption {
	return func(cfg *config) error {
		if l == nil {
			return errors.New("WithLogger: the logger is nil; leave the option out to log nothing")
		}
		cfg.logger = l
		return nil
	}
}

// WithUserAgent puts s before the library's own name and version in the User-Agent header.
func WithUserAgent(s string) ClientOption {
	return func(cfg *config) error {
		if s == "" || !printable(s) {
			return fmt.Errorf("WithUserAgent: %q is empty or has characters that no header can carry", s)
		}
		cfg.userAgent = s + " " + defaultUserAgent
		return nil
	}
}
