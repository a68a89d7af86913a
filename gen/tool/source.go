package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// fetchTime bounds the time that a server may take to send a file.
const fetchTime = 2 * time.Minute

// parseLocation returns the URL of a file or of a server's description. Its errors do not repeat
// location, which may have a password in it.
func parseLocation(location string) (*url.URL, error) {
	if strings.HasPrefix(location, "http://") || strings.HasPrefix(location, "https://") {
		if u, err := url.Parse(location); err == nil {
			return u, nil
		}
		return nil, errors.New("UPSTREAM is not a valid URL")
	}
	if _, err := os.Stat(location); err != nil {
		return nil, errors.New("UPSTREAM is neither a file nor an http:// or https:// URL")
	}
	absolute, err := filepath.Abs(location)
	return &url.URL{Scheme: "file", Path: filepath.ToSlash(absolute)}, err
}

// shown returns u without what may be secret in it.
func shown(u *url.URL) string {
	if u.Scheme == "file" {
		return u.Path
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// readURL reads a file of a description.
func readURL(ctx context.Context, u *url.URL) (data []byte, err error) {
	if u.Scheme == "file" {
		data, err = os.ReadFile(filepath.FromSlash(u.Path))
	} else {
		data, err = fetch(ctx, u)
	}
	if err == nil && bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		err = errors.New("it is an HTML or XML page; a server has its description at /api/openapi.yaml")
	}
	return data, err
}

func fetch(ctx context.Context, u *url.URL) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if outer := (*url.Error)(nil); errors.As(err, &outer) {
		return nil, outer.Err // without the URL
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	return io.ReadAll(resp.Body)
}
