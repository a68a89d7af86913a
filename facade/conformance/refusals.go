package main

import (
	"context"
	"errors"

	"example.com/windmill/facade"
)

const (
	unknownToken = "not-a-token-of-this-server"
	unknownJob   = "00000000-0000-0000-0000-000000000000"
)

// version: GetVersion returns the version, and needs no valid token.
func version(ctx context.Context, s *session) (string, error) {
	c, err := s.newClient(unknownToken, s.transport)
	if err != nil {
		return "", err
	}
	v, err := c.GetVersion(ctx)
	if err == nil && v == "" {
		err = errors.New("the version is empty")
	}
	return v, err
}

// unauthorized: an unknown token is ErrUnauthorized.
func unauthorized(ctx context.Context, s *session) (string, error) {
	c, err := s.newClient(unknownToken, s.transport)
	if err != nil {
		return "", err
	}
	if _, err := c.RunScriptAsync(ctx, s.at("greet"), nil); !errors.Is(err, facade.ErrUnauthorized) {
		return "", want("RunScriptAsync with an unknown token", "ErrUnauthorized", err)
	}
	if _, err := c.GetResource(ctx, s.at("outer")); !errors.Is(err, facade.ErrUnauthorized) {
		return "", want("GetResource with an unknown token", "ErrUnauthorized", err)
	}
	// The server says without a token, too, whether there is a job.
	_, err = c.GetJobStatus(ctx, unknownJob)
	if !errors.Is(err, facade.ErrUnauthorized) && !errors.Is(err, facade.ErrNotFound) {
		return "", want("GetJobStatus with an unknown token", "ErrUnauthorized", err)
	}
	return "an unknown token is ErrUnauthorized", nil
}

// unknown: what does not exist is ErrNotFound, also in a wait.
func unknown(ctx context.Context, s *session) (string, error) {
	_, status := s.client.GetJobStatus(ctx, unknownJob)
	_, result := s.client.GetResult(ctx, unknownJob)
	_, waited := s.client.GetResult(ctx, unknownJob, facade.WaitForCompletion())
	_, byPath := s.client.RunScriptSync(ctx, s.at("no_such_script"), nil)
	_, byHash := s.client.RunScriptSync(ctx, "00000000000000ff", nil)
	for _, call := range []struct {
		name string
		err  error
	}{
		{"the status of an unknown job", status},
		{"the result of an unknown job", result},
		{"waiting for an unknown job", waited},
		{"an unknown path", byPath},
		{"an unknown hash", byHash},
	} {
		if why := notAllowed(call.err); why != nil {
			return "", why
		}
		if !errors.Is(call.err, facade.ErrNotFound) {
			return "", want(call.name, "ErrNotFound", call.err)
		}
	}
	return "ErrNotFound, also in a wait", nil
}
