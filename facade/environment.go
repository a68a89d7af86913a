package facade

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

const defaultBaseURL = "http://localhost:8000/api"

type settings struct {
	server             *url.URL
	token, workspace   string
	parentJob, rootJob string
}

// resolve fills empty settings from the environment and reports all errors together.
func resolve(baseURL, token, workspace string) (settings, error) {
	var s settings
	var errs []error
	given := (setting{"the base URL", baseURL}).orEnv("BASE_INTERNAL_URL", "WM_BASE_URL", "BASE_URL")
	if given.value == "" {
		given.value = defaultBaseURL
	}
	server, err := parseBaseURL(given.value)
	errs = append(errs, given.explain(err))
	s.server = server

	tok := (setting{"the token", token}).orEnv("WM_TOKEN")
	if !printable(tok.value) || strings.Contains(tok.value, " ") {
		err := errors.New("it has spaces or characters that no header can carry")
		errs = append(errs, tok.explain(err))
	}
	s.token = tok.value

	ws := (setting{"the workspace", workspace}).orEnv("WM_WORKSPACE")
	if ws.value != "" {
		errs = append(errs, ws.explain(checkSegment(ws.value)))
	}
	s.workspace = ws.value

	// They are jobs of the environment's own server, which another one does not know.
	if baseURL != "" && !s.isEnvironmentsServer() {
		return s, errors.Join(errs...)
	}
	for _, job := range []struct {
		name string
		id   *string
	}{{"WM_JOB_ID", &s.parentJob}, {"WM_ROOT_FLOW_JOB_ID", &s.rootJob}} {
		if id := (setting{"the job id", ""}).orEnv(job.name); id.value != "" {
			*job.id, err = parseJobID(id.value)
			errs = append(errs, id.explain(err))
		}
	}
	return s, errors.Join(errs...)
}

// isEnvironmentsServer reports whether the server is the one that the environment names.
func (s settings) isEnvironmentsServer() bool {
	for _, name := range []string{"BASE_INTERNAL_URL", "WM_BASE_URL", "BASE_URL"} {
		u, err := parseBaseURL(strings.TrimSpace(os.Getenv(name)))
		if err == nil && s.server != nil && u.String() == s.server.String() {
			return true
		}
	}
	return false
}

// setting is a value and where it came from, so that an error can name the source.
type setting struct{ source, value string }

func (s setting) orEnv(names ...string) setting {
	for _, name := range names {
		if s.value != "" {
			break
		}
		// Values read from files often end with a newline.
		if v := strings.TrimSpace(os.Getenv(name)); v != "" {
			return setting{s.source + " from the environment's " + name, v}
		}
	}
	return s
}

func (s setting) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", s.source, err)
}

func parseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Opaque != "" || u.Scheme == "" && u.Host == "":
		// url.Parse takes "localhost:8000" for a scheme and a path. Its errors quote the whole URL, a
		// password included.
		return nil, errors.New("not an absolute URL: write it as http://localhost:8000 or " +
			"https://windmill.example.com/api")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("unsupported scheme %q: use http or https", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("missing host")
	case strings.HasSuffix(u.Host, ":"): // "http://localhost:$PORT" without a PORT
		return nil, errors.New("missing port after the colon")
	case u.User != nil:
		return nil, errors.New("it holds a user or password: " +
			"give the token to NewClient or in WM_TOKEN instead")
	case u.RawQuery != "" || u.Fragment != "" || u.RawPath != "":
		return nil, errors.New("it has a query, a fragment or an escaped slash: " +
			"give scheme, host and a plain path")
	}
	path := strings.Trim(u.Path, "/")
	if err := checkPath(path); err != nil && path != "" {
		return nil, fmt.Errorf("its path %q: %w", u.Path, err)
	}
	path = strings.TrimSuffix("/"+path, "/")
	if !strings.HasSuffix(path, "/api") {
		path += "/api"
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}, nil
}

// requireWorkspace names everything that is missing for a request that needs a token and a
// workspace, at once.
func (c *Client) requireWorkspace() error {
	var missing []string
	if c.Token() == "" {
		missing = append(missing, "a token (the second argument of NewClient, or WM_TOKEN)")
	}
	if c.workspace == "" {
		missing = append(missing, "a workspace (WithWorkspace, or WM_WORKSPACE)")
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("windmill: %w: missing %s", ErrInvalidArgument, strings.Join(missing, " and "))
}
