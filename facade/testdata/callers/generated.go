package callers

import (
	"context"
	"io"
	"net/http"

	"example.com/windmill/facade"
	"example.com/windmill/gen"
)

// generated opens the door to the operations that have no method. Of gen itself nothing is
// promised beyond this door.
func generated(c *facade.Client) (*gen.ClientWithResponses, error) {
	return gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
}

// byHand goes through the same door without the generated client.
func byHand(ctx context.Context, c *facade.Client) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.BaseURL()+"/version", nil)
	if err != nil {
		return "", err
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	version, err := io.ReadAll(resp.Body)
	return string(version), err
}
