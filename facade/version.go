package facade

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.com/windmill/gen"
)

// version is this library's, by semantic versioning.
const version = "0.1.0"

const defaultUserAgent = "windmill-go/" + version

// GetVersion returns the version of the server: GET /version. It needs neither token nor workspace.
//
// The text is the server's own, such as "CE v1.743.0" or "EE v1.743.0-12-gabc1234"; a server built
// from a branch has a commit instead of a number. Errors: an [*APIError], or a network error. The
// context bounds the request and its retries.
func (c *Client) GetVersion(ctx context.Context) (string, error) {
	text, err := request(ctx, c, whenLost(), func(api *gen.ClientWithResponses) (*string, error) {
		resp, err := api.BackendVersionWithResponse(ctx)
		if err != nil {
			return nil, err
		}
		text := plainText(resp.HTTPResponse, resp.Body, http.StatusOK)
		if text != nil && !isVersion(*text) {
			return nil, errors.New("it is not a version")
		}
		return text, nil
	})
	if err != nil {
		return "", fmt.Errorf("windmill: %w", err)
	}
	return *text, nil
}

// isVersion reports whether text is what a server says of its version, and not a proxy's page.
func isVersion(text string) bool {
	return text != "" && len(text) <= 200 && printable(text) && !strings.ContainsAny(text[:1], `{["<`)
}
