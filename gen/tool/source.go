package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// maxDescription leaves room for what a server sends: the references in it are inlined, so it is far larger than
	// its source.
	maxDescription = 256 << 20
	describedAt    = "a server has its description at /api/openapi.yaml"
)

// source reads the files of a description. Those that a file refers to have to come from where it came from.
type source struct {
	root     *url.URL
	timeout  time.Duration
	progress io.Writer
}

// parseLocation takes a path, a file URL or an HTTP URL. Its errors do not repeat a URL, which may have a password in it.
func parseLocation(location string) (*url.URL, error) {
	if !strings.Contains(location, "://") && !strings.HasPrefix(location, "file:/") {
		if _, err := os.Stat(location); err != nil && (strings.ContainsAny(location, ":@?#") || strings.HasPrefix(location, "//")) {
			return nil, errors.New("UPSTREAM is no file of this computer; a URL begins with http://, https:// or file://")
		}
		absolute, err := filepath.Abs(location)
		if err != nil {
			return nil, err
		}
		return &url.URL{Scheme: "file", Path: filepath.ToSlash(absolute)}, nil
	}
	u, err := url.Parse(location)
	if err != nil {
		return nil, errors.New("UPSTREAM is not a valid URL; user name and password have to be escaped, with %2F for a slash")
	}
	switch {
	case u.Scheme == "file" && (u.Host == "" || strings.EqualFold(u.Host, "localhost")):
		return &url.URL{Scheme: "file", Path: u.Path}, nil
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
		return u, nil
	case u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "file":
		return nil, errors.New("UPSTREAM names no file of this computer and no server")
	}
	return nil, fmt.Errorf("UPSTREAM has the scheme %q; only file, http and https can be read", u.Scheme)
}

// shown names a file or a URL, without what may be secret in it.
func shown(u *url.URL) string {
	if u.Scheme == "file" && u.Host == "" {
		return u.Path
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func (s *source) read(ctx context.Context, uri *url.URL) ([]byte, error) {
	if uri.Scheme != s.root.Scheme || uri.Host != s.root.Host {
		return nil, fmt.Errorf("it leads elsewhere, to %s", shown(uri))
	}
	var data []byte
	var err error
	if uri.Scheme == "file" {
		data, err = os.ReadFile(filepath.FromSlash(uri.Path))
	} else {
		data, err = s.fetch(ctx, uri)
	}
	if err == nil && bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		err = errors.New("it is an HTML or XML page; " + describedAt)
	}
	return data, err
}

func (s *source) fetch(ctx context.Context, uri *url.URL) ([]byte, error) {
	fmt.Fprintf(s.progress, "reading %s, for up to %v\n", shown(uri), s.timeout)
	timed, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	data, err := get(timed, uri)
	var outer *url.Error
	switch {
	case err == nil:
		return data, nil
	case ctx.Err() != nil:
		return nil, errors.New("interrupted")
	case timed.Err() != nil:
		return nil, fmt.Errorf("the server did not send it all within %v (%d bytes came)", s.timeout, len(data))
	case errors.As(err, &outer) && strings.Contains(outer.Err.Error(), "Location header"):
		return nil, errors.New("the server redirects to what is no URL")
	case errors.As(err, &outer):
		return nil, outer.Err // without the URL
	}
	return nil, err
}

// get returns what came before an error, too.
func get(ctx context.Context, uri *url.URL) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s; %s", resp.Status, describedAt)
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" {
		return nil, errors.New("it is an HTML page; " + describedAt)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxDescription+1))
	if err != nil {
		return data, fmt.Errorf("the answer broke off after %d bytes: %w", len(data), err)
	}
	if len(data) > maxDescription {
		return nil, fmt.Errorf("it is larger than %d MB", maxDescription>>20)
	}
	return data, nil
}
