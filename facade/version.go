package facade

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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
	resp, err := c.api(call{status: http.StatusOK, mediaType: "text/plain", idempotent: true, check: checkVersion}).BackendVersionWithResponse(ctx)
	if err != nil {
		return "", fmt.Errorf("windmill: version: %w", err)
	}
	return string(bytes.TrimSpace(resp.Body)), nil
}

func checkVersion(body []byte) error {
	s := string(bytes.TrimSpace(body))
	if s == "" || len(s) > 200 || !printable(s) || strings.ContainsAny(s[:1], `{["<`) {
		return errors.New("it is not a version")
	}
	return nil
}
