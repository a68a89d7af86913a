package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"example.com/windmill/facade/internal/jsonscan"
)

// GetResource reads a resource's value, with the variables and resources that it refers to ($var:…, $res:…) put in their place:
// GET /w/{workspace}/resources/get_value_interpolated/{path}.
//
// path is that of the resource, such as "f/crm/admin"; "$res:f/crm/admin" and "res://f/crm/admin" mean the same. The value is any JSON
// of up to 1 GiB, byte for byte as the server sent it, null included; [As] decodes it. The server keeps integers up to 64 bits exactly, and leaves
// references below the second level of arrays as they are.
//
// Errors: [ErrInvalidArgument]; [ErrNotFound] if the resource, or something that it refers to, is not there: the error says which;
// [ErrForbidden] if the token's owner may not read it; [ErrUnauthorized], an [*APIError], or a network error, after the retries of
// [WithMaxRetries]. A
// server older than August 2023 cannot put references in their place: there, a value that has some is an error that says so. The
// context bounds the request and its retries.
func (c *Client) GetResource(ctx context.Context, path string) (json.RawMessage, error) {
	name, err := parseResource(path)
	if err != nil {
		return nil, fmt.Errorf("windmill: %w: %w", ErrInvalidArgument, err)
	}
	if err := c.requireWorkspace(); err != nil {
		return nil, err
	}
	value, err := c.getResource(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("windmill: resource %s: %w", name, err)
	}
	return value, nil
}

func (c *Client) getResource(ctx context.Context, path string) (json.RawMessage, error) {
	var value json.RawMessage
	resp, err := c.api(readValue(&value)).GetResourceValueInterpolated(ctx, c.workspace, path)
	if e := answerOf(err); e != nil && e.routeNotFound() {
		return c.plainValue(ctx, path, err)
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return value, nil
}

var reference = regexp.MustCompile(`"\$(var|jsonvar|res):`)

// plainValue reads a value from a server that does not know how to put references in their place.
func (c *Client) plainValue(ctx context.Context, path string, unknownRoute error) (json.RawMessage, error) {
	var value json.RawMessage
	resp, err := c.api(readValue(&value)).GetResourceValue(ctx, c.workspace, path)
	if e := answerOf(err); e != nil && e.routeNotFound() {
		return nil, unknownRoute
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if reference.Match(value) {
		return nil, errors.New("its value refers to variables or resources, which servers older than August 2023 do not put in their place")
	}
	return value, nil
}

// readValue is a call that sets value to the answer, which stays where it lies: gen would copy it, and nest no deeper than encoding/json.
func readValue(value *json.RawMessage) call {
	return call{status: http.StatusOK, mediaType: "application/json", idempotent: true, check: func(body []byte) (err error) {
		*value, err = jsonscan.Value(body)
		return err
	}}
}
