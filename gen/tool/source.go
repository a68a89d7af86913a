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

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	// maxDescription leaves room for what a server sends: the references in it are inlined, so it is far larger than
	// its source.
	maxDescription = 256 << 20
	fetchTimeout   = 2 * time.Minute
)

// loadUpstream reads an upstream description, from a file or a URL, with the files that it refers to.
func loadUpstream(ctx context.Context, location string) (*openapi3.T, error) {
	root, err := parseLocation(location)
	if err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	loader.Context = ctx
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, uri *url.URL) ([]byte, error) {
		if uri.Scheme != root.Scheme || uri.Host != root.Host {
			return nil, fmt.Errorf("a reference leads elsewhere, to %s", uri)
		}
		return read(ctx, uri)
	}
	doc, err := loader.LoadFromURI(root)
	if err != nil {
		return nil, fmt.Errorf("cannot use %s as Windmill's API description: %w", location, err)
	}
	if doc.Info == nil || doc.Paths == nil || doc.Paths.Len() == 0 {
		return nil, fmt.Errorf("cannot use %s as Windmill's API description: it describes no operations", location)
	}
	return doc, nil
}

func parseLocation(location string) (*url.URL, error) {
	if strings.HasPrefix(location, "http://") || strings.HasPrefix(location, "https://") {
		return url.Parse(location)
	}
	absolute, err := filepath.Abs(location)
	if err != nil {
		return nil, err
	}
	return &url.URL{Path: filepath.ToSlash(absolute)}, nil
}

func read(ctx context.Context, uri *url.URL) ([]byte, error) {
	data, err := readBytes(ctx, uri)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return nil, errors.New("it is an HTML or XML page; a server has its description at /api/openapi.yaml")
	}
	return data, nil
}

func readBytes(ctx context.Context, uri *url.URL) ([]byte, error) {
	if uri.Scheme == "" {
		return os.ReadFile(filepath.FromSlash(uri.Path))
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
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
		return nil, fmt.Errorf("GET %s: %s", uri.Redacted(), resp.Status)
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" {
		return nil, errors.New("it is an HTML page; a server has its description at /api/openapi.yaml")
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxDescription+1))
	if err != nil {
		return nil, fmt.Errorf("GET %s: the answer broke off after %d bytes: %w", uri.Redacted(), len(data), err)
	}
	if len(data) > maxDescription {
		return nil, fmt.Errorf("GET %s: more than %d MB", uri.Redacted(), maxDescription>>20)
	}
	return data, nil
}
