package facade

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.com/windmill/gen"
)

// version is this library's, by semantic versioning.
const version = "0.1.0"

const defaultUserAgent = "windmill-go/" + version

// GetVersion asks which Windmill the server is: GET /version. It needs neither token nor workspace.
//
// The answer is the edition and what the server was built from, as the server says it: "CE v1.743.0", "EE v1.743.0-12-gabc1234" or
// "CE bf6be967f"; it need not hold a version number. Errors: [*APIError], or a network error, after the
// retries of [WithMaxRetries]. The context bounds the request and its retries.
func (c *Client) GetVersion(ctx context.Context) (string, error) {
	req, err := c.fill(ctx, &c.templates.version, "", func(c *Client) (*http.Request, error) { return gen.NewBackendVersionRequest(c.endpoint) })
	if err != nil {
		return "", fmt.Errorf("windmill: version: %w", err)
	}
	var answer string
	err = c.send(req, asking{repeat: true, read: func(body []byte) error {
		answer = string(bytes.TrimSpace(body))
		if answer == "" || len(answer) > 200 || !printable(answer) {
			return errors.New("it is not a version")
		}
		return nil
	}})
	if err != nil {
		return "", fmt.Errorf("windmill: version: %w", err)
	}
	return answer, nil
}
