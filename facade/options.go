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

// WithWorkspace sets the workspace in which scripts run and resources are read, instead of the environment's WM_WORKSPACE.
func WithWorkspace(id string) ClientOption {
	return func(cfg *config) error {
		if id == "" {
			return errors.New("WithWorkspace: the workspace id is empty; leave the option out to take it from WM_WORKSPACE")
		}
		cfg.workspace = id
		return nil
	}
}

// WithHTTPClient sends all requests through hc, for proxies, certificates or tracing. The client works on a copy, and hc stays as it is.
// Redirects are never followed; hc.CheckRedirect is ignored. Without an hc.Transport it has the default one. A transport of your own that
// speaks HTTP/2 should send pings (SendPingTimeout in [http.Transport.HTTP2]), as the default does: without them, a connection that has died
// silently stays in use until no request uses it. One that limits its connections (MaxConnsPerHost) should allow twenty or more: up to ten waits
// keep a stream open each, and other requests wait for a connection. hc.Timeout, if set, bounds each request, the download of a large result and the
// stream of a job's logs included. Better leave it at zero, as a call's context bounds all of them.
func WithHTTPClient(hc *http.Client) ClientOption {
	return func(cfg *config) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the client is nil; leave the option out to use the default")
		}
		cfg.httpClient = hc
		return nil
	}
}

// WithMaxRetries sets how many times a request is sent again after a lost answer, or the status 408, 429, 500 to 504, 520 to 529; 0 means
// never. The default is 10, which takes about ten seconds when the failures are quick. Only requests that are safe to repeat are repeated:
// reads, cancellations, and submissions, which carry their job's id. Nothing is sent again later than two minutes after the first try, and
// a try ends when the server has been silent for 75 seconds: without a deadline, a call to a server that says nothing takes 3 minutes and 15
// seconds at most. A wait for a job has a bound of its own, see [WithMaxOutage].
func WithMaxRetries(n int) ClientOption {
	return func(cfg *config) error {
		if n < 0 {
			return fmt.Errorf("WithMaxRetries: %d is negative; 0 means that nothing is sent again", n)
		}
		cfg.maxRetries = n
		return nil
	}
}

// WithMaxOutage sets how long a wait for a job goes on while the server gives no good answer (it restarts, its database is away, the
// network is down) before it ends with a [*WaitError] that says what kept failing. The default is 5 minutes. An
// outage ends a wait after three failures at the earliest, the caller's context at any time. Until the server has answered once, trouble that looks
// lasting (a certificate that is not trusted, a redirect, an unknown host, nothing that listens) ends a wait within about ten seconds.
func WithMaxOutage(d time.Duration) ClientOption {
	return func(cfg *config) error {
		if d <= 0 {
			return fmt.Errorf("WithMaxOutage: %v is not positive", d)
		}
		cfg.maxOutage = d
		return nil
	}
}

// WithLogger logs to l what went wrong and did not end a call: requests that are sent again, with their method and path, and logs of jobs
// that were not read or written to their end, at level Warn; event streams that broke off, at level Debug. Arguments and the token are
// never logged. The default is to log nothing.
func WithLogger(l *slog.Logger) ClientOption {
	return func(cfg *config) error {
		if l == nil {
			return errors.New("WithLogger: the logger is nil; leave the option out to log nothing")
		}
		cfg.logger = l
		return nil
	}
}

// WithUserAgent puts s before the library's own name and version in the User-Agent header. The default is these alone.
func WithUserAgent(s string) ClientOption {
	return func(cfg *config) error {
		if s == "" || !printable(s) {
			return fmt.Errorf("WithUserAgent: %q is empty or has characters that no header can carry", s)
		}
		cfg.userAgent = s + " " + defaultUserAgent
		return nil
	}
}
