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

// send sends a plain request about the workspace through the client's Do, and returns the answer's body.
func (s *session) send(ctx context.Context, method, path string, body any) ([]byte, error) {
	return s.sendTo(ctx, method, "/w/"+s.cfg.workspace+"/"+path, body)
}

func (s *session) sendTo(ctx context.Context, method, path string, body any) ([]byte, error) {
	resp, err := s.open(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func (s *session) open(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var sent io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.client.BaseURL()+path, sent)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return s.client.Do(req)
}

// refused is why something is not tried: the token does not allow it.
type refused struct{ why string }

func (r *refused) Error() string { return r.why }

var scopeInWords = regexp.MustCompile(`Required scope: ([A-Za-z_:]+)`)

// asRefused returns err as a refused if it says that the token may not do what was tried, and nil otherwise.
func asRefused(err error) *refused {
	var known *refused
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
		return &refused{"the token lacks the scope " + strings.TrimSuffix(scope[1], ":")}
	case strings.Contains(api.Message, "Token is read-only"):
		return &refused{"the token is read-only"}
	case errors.Is(err, facade.ErrUnauthorized) && strings.Contains(api.Path, "/jobs_u/queue/cancel/"):
		// A token that has been let in so far is told no more than this.
		return &refused{"the token lacks the scope jobs:write, or jobs:cancel, which there is since 1.822"}
	case errors.Is(err, facade.ErrForbidden):
		return &refused{fmt.Sprintf("the token's owner may not do it (%v)", api)}
	}
	return nil
}

func notAllowed(err error) bool { return asRefused(err) != nil }

// lacksRoute tells whether err says that the server has no such route.
func lacksRoute(err error) bool {
	var api *facade.APIError
	return errors.As(err, &api) && api.StatusCode == http.StatusNotFound && !errors.Is(err, facade.ErrNotFound)
}

// notMade tells whether err is the server's own word that it has not made what it was asked for, such as that it is there already.
// Other words of its database do not tell.
func notMade(err error) bool {
	var api *facade.APIError
	return errors.As(err, &api) && api.StatusCode >= 400 && api.StatusCode < 500 &&
		(!strings.HasPrefix(api.Message, "SqlErr:") || strings.Contains(api.Message, "duplicate key"))
}
