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

// ClientOption is an option of [NewClient].
type ClientOption func(*config) error

type config struct {
	workspace  string
	httpClient *http.Client
	maxRetries int
	maxOutage  time.Duration
	logger     *slog.Logger
	userAgent  string
}

// WithWorkspace sets the workspace. The default is WM_WORKSPACE.
func WithWorkspace(id string) ClientOption {
	return func(cfg *config) error {
		if id == "" {
			return errors.New("WithWorkspace: the id is empty; without the option it is WM_WORKSPACE")
		}
		cfg.workspace = id
		return nil
	}
}

// WithHTTPClient sets the HTTP client that sends the requests, for a proxy, certificates or
// tracing. The default is an http.Client whose transport is a copy of [http.DefaultTransport], made
// when the first client is made. hc is not changed. Redirects are not followed. hc.Timeout, if set,
// bounds each request and each stream of events; contexts are the better way. A transport with
// MaxConnsPerHost should allow twenty, and one for each wait with a log: that keeps a stream open,
// and so do up to ten other waits.
func WithHTTPClient(hc *http.Client) ClientOption {
	return func(cfg *config) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the client is nil; leave the option out to use the default")
		}
		cfg.httpClient = hc
		return nil
	}
}

// WithMaxRetries sets how often a request is sent again after a lost response, an undocumented 2xx,
// the status 408, 425 or 429, or any 5xx but 501 and 505; a submission also after a proxy's 4xx.
// The default is 10, which takes about ten seconds if the failures are quick. With 0, each request
// is sent once, and its first failure is the call's error; waits still tolerate outages, see
// [WithMaxOutage].
//
// Only requests that are safe to repeat are sent again: reads, cancellations, and submissions,
// which carry the id of their job. The last retry starts two minutes after the first attempt at the
// latest, and an attempt ends when the server has been silent for 75 seconds, so that a request to
// a server that does not respond takes at most 3 minutes and 15 seconds. A run may take twice as
// long, since it looks up a job that may have been started.
func WithMaxRetries(n int) ClientOption {
	return func(cfg *config) error {
		if n < 0 {
			return fmt.Errorf("WithMaxRetries: %d is negative; 0 means that each request is sent once", n)
		}
		cfg.maxRetries = n
		return nil
	}
}

// WithMaxOutage sets how long a wait tolerates a server that does not respond properly, because it
// restarts or the network is down. After that, the wait ends with a [*WaitError] that has the last
// failure. The default is 5 minutes. d must be positive: however short it is, a wait ends after
// three failures at the earliest. The context of the call ends a wait at any time.
//
// Until the server has responded once, a wait ends after about ten seconds of trouble that looks
// permanent: an untrusted certificate, an unknown host, a redirect, a refused connection, or a page
// of HTML without a status of 5xx.
func WithMaxOutage(d time.Duration) ClientOption {
	return func(cfg *config) error {
		if d <= 0 {
			return fmt.Errorf("WithMaxOutage: %v is not positive; a second is the least that makes sense", d)
		}
		cfg.maxOutage = d
		return nil
	}
}

// WithLogger sets a logger. At level Warn, the client logs requests that are sent again, failed
// looks and listings of waits, and job logs that could not be read or written to the end; at level
// Debug, broken event streams.
// Arguments and the token are never logged. The default is to log nothing.
func WithLogger(l *slog.Logger) ClientOption {
	return func(cfg *config) error {
		if l == nil {
			return errors.New("WithLogger: the logger is nil; leave the option out to log nothing")
		}
		cfg.logger = l
		return nil
	}
}

// WithUserAgent puts s in front of the library's name and version in the User-Agent header.
func WithUserAgent(s string) ClientOption {
	return func(cfg *config) error {
		if s == "" || !printable(s) {
			return fmt.Errorf("WithUserAgent: %q is empty or has characters that no header can carry", s)
		}
		cfg.userAgent = s + " " + defaultUserAgent
		return nil
	}
}
