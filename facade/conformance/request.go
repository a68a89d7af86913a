package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"example.com/windmill/facade"
)

// get decodes the response to a request about the workspace.
func get(ctx context.Context, c *facade.Client, path string, into any) error {
	body, err := send(ctx, c, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		return fmt.Errorf("the response to GET %s: %w", path, err)
	}
	return nil
}

// send sends a request about the workspace, and returns the body of the response.
func send(ctx context.Context, c *facade.Client, method, path string, body any) (string, error) {
	var encoded bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&encoded).Encode(body); err != nil {
			return "", err
		}
	}
	url := c.BaseURL() + "/w/" + c.Workspace() + "/" + path
	req, err := http.NewRequestWithContext(ctx, method, url, &encoded)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	response, err := io.ReadAll(resp.Body)
	return string(response), err
}

// notTried is why a promise is not tried: the token or the server does not allow it.
type notTried struct{ why string }

func (n *notTried) Error() string { return n.why }

var scopeInWords = regexp.MustCompile(`Required scope: ([A-Za-z_:]+)`)

// notAllowed returns why the token may not do something, or nil if err is about something else.
func notAllowed(err error) *notTried {
	var known *notTried
	if errors.As(err, &known) {
		return known
	}
	var wait *facade.WaitError
	if errors.As(err, &wait) && wait.CancelErr != nil {
		err = wait.CancelErr
	}
	var api *facade.APIError
	if !errors.As(err, &api) {
		return nil
	}
	scope := scopeInWords.FindStringSubmatch(api.Message)
	switch {
	case scope != nil:
		return &notTried{"the token lacks the scope " + strings.TrimSuffix(scope[1], ":")}
	case strings.Contains(api.Message, "Only super admins"):
		return &notTried{"only a superadmin may use a tag that no worker serves"}
	case errors.Is(err, facade.ErrUnauthorized) && strings.Contains(api.Path, "/jobs_u/queue/cancel/"):
		// A token that has been accepted so far gets no more words than this.
		return &notTried{"the token lacks the scope jobs:write, or since 1.822 jobs:cancel"}
	case errors.Is(err, facade.ErrForbidden):
		return &notTried{fmt.Sprintf("the token's owner may not do it (%v)", api)}
	}
	return nil
}
