package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"example.com/windmill/facade"
)

// references: a resource comes with the variables and resources that it refers to.
func references(ctx context.Context, s *session) (string, error) {
	const secret = "s3cr3t of the conformance run"
	variable := map[string]any{
		"path": s.at("secret"), "value": secret, "is_secret": false, "description": "",
	}
	if _, err := s.create(ctx, "variables", s.at("secret"), variable); err != nil {
		return "", err
	}
	for name, value := range map[string]string{
		"inner":    fmt.Sprintf(`{"password": "$var:%s"}`, s.at("secret")),
		"outer":    fmt.Sprintf(`{"inner": "$res:%s", "id": 9007199254740993}`, s.at("inner")),
		"none":     `null`,
		"dangling": fmt.Sprintf(`{"password": "$var:%s"}`, s.at("gone")),
	} {
		body := map[string]any{
			"path": s.at(name), "value": json.RawMessage(value), "resource_type": "any",
		}
		if _, err := s.create(ctx, "resources", s.at(name), body); err != nil {
			return "", err
		}
	}
	for name, value := range map[string]string{
		"outer": fmt.Sprintf(`{"inner": {"password": %q}, "id": 9007199254740993}`, secret),
		"none":  `null`,
	} {
		got, err := s.client.GetResource(ctx, s.at(name))
		if err != nil {
			return "", err
		}
		if !equalJSON(got, value) {
			return "", want(name, value, string(got))
		}
	}
	for _, name := range []string{"no_such_resource", "dangling"} {
		if _, err := s.client.GetResource(ctx, s.at(name)); !errors.Is(err, facade.ErrNotFound) {
			return "", want(name, "ErrNotFound", err)
		}
	}
	return "a variable in a resource in a resource, null, and two that do not exist", nil
}
