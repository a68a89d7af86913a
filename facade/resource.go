package facade

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"example.com/windmill/gen"
)

// GetResource reads a resource's value, with the variables and resources that it refers to ($var:…, $res:…) put in their place:
// GET /w/{workspace}/resources/get_value_interpolated/{path}.
//
// path is that of the resource, such as "f/crm/admin"; "$res:f/crm/admin" and "res://f/crm/admin" mean the same. The value is any JSON,
// byte for byte as the server sent it, null included; [As] decodes it. The server keeps integers up to 64 bits exactly, and leaves
// references below the second level of arrays as they are.
//
// Errors: [ErrNotFound] where the resource, or something that it refers to, is not there: the error says which; [ErrForbidden] where the
// token's owner may not read it; [ErrUnauthorized], [*APIError], or a network error, after the retries of [WithMaxRetries]. A
// server older than August 2023 cannot put references in their place: there, a value that has some is an error that says so. The
// context bounds the request and its retries.
func (c *Client) GetResource(ctx context.Context, path string) (json.RawMessage, error) {
	name, err := parseResource(path)
	if err != nil {
		return nil, fmt.Errorf("windmill: %w", err)
	}
	if err := c.needWorkspace(); err != nil {
		return nil, err
	}
	req, err := c.fill(ctx, &c.templates.resource, name, func(c *Client) (*http.Request, error) {
		return gen.NewGetResourceValueInterpolatedRequest(c.endpoint, c.workspace, blank)
	})
	if err != nil {
		return nil, err
	}
	value, err := c.readValue(req)
	if e := (*APIError)(nil); errors.As(err, &e) && e.noRoute() {
		value, err = c.plainValue(ctx, name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("windmill: resource %s: %w", name, err)
	}
	return value, nil
}

var reference = regexp.MustCompile(`"\$(var|jsonvar|res):`)

// plainValue reads a value from a server that does not know how to put references in their place.
func (c *Client) plainValue(ctx context.Context, path string, unknown error) (json.RawMessage, error) {
	req, err := gen.NewGetResourceValueRequest(c.endpoint, c.workspace, path)
	if err != nil {
		return nil, err
	}
	value, err := c.readValue(c.dress(ctx, req))
	switch e := (*APIError)(nil); {
	case errors.As(err, &e) && e.noRoute():
		return nil, unknown
	case err == nil && reference.Match(value):
		return nil, errors.New("its value refers to variables or resources, which servers older than August 2023 do not put in their place")
	}
	return value, err
}

func (c *Client) readValue(req *http.Request) (json.RawMessage, error) {
	var value json.RawMessage
	err := c.send(req, asking{repeat: true, read: func(body []byte) error {
		if !json.Valid(body) {
			return errNotJSON
		}
		value = bytes.TrimSpace(body)
		return nil
	}})
	return value, err
}
