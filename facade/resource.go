package facade

import (
	"context"
	"encoding/json"
	"fmt"

	"example.com/windmill/gen"
)

// GetResource returns the value of a resource, with the variables and resources that it refers to
// ($var:…, $res:…) resolved: GET /w/{workspace}/resources/get_value_interpolated/{path}.
//
// path is a path such as "f/crm/admin"; "$res:f/crm/admin" and "res://f/crm/admin" mean the same.
// The value is any JSON value, null included, byte for byte as the server sent it, up to 1 GiB;
// [As] decodes it. The server keeps integers of up to 64 bits exact, and resolves no
// references in an array inside three or more others or objects.
//
// Errors: [ErrInvalidArgument]; [ErrNotFound] if the resource, or one that it refers to, does not
// exist; [ErrForbidden] if the token's owner may not read it; [ErrUnauthorized], an [*APIError], or
// a network error. The context bounds the request and its retries.
func (c *Client) GetResource(ctx context.Context, path string) (json.RawMessage, error) {
	name, err := parseResource(path)
	if err != nil {
		return nil, fmt.Errorf("windmill: %w: %w", ErrInvalidArgument, err)
	}
	if err := c.requireWorkspace(); err != nil {
		return nil, err
	}
	read := func(api *gen.ClientWithResponses) (*json.RawMessage, error) {
		resp, err := api.GetResourceValueInterpolatedWithResponse(ctx, c.workspace, name)
		if err != nil {
			return nil, err
		}
		return resp.JSON200, nil
	}
	value, err := request(ctx, c, whenLost(), read)
	if err != nil {
		return nil, fmt.Errorf("windmill: %w", err)
	}
	return *value, nil
}
