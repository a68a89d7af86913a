package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"example.com/windmill/facade"
)

// version: GetVersion tells something.
func version(ctx context.Context, s *session) (string, error) {
	v, err := s.client.GetVersion(ctx)
	if err == nil && v == "" {
		err = errors.New("the version is empty")
	}
	return v, err
}

// wrongToken is one that no server knows.
const wrongToken = "not-a-token-of-this-server"

// unauthorised: a wrong token is told as such, and is not needed for the version.
func unauthorised(ctx context.Context, s *session) (string, error) {
	c, err := s.newClient(wrongToken, s.traffic)
	if err != nil {
		return "", err
	}
	_, run := c.RunScriptAsync(ctx, at("greet"), nil)
	_, resource := c.GetResource(ctx, at("outer"))
	_, status := c.GetJobStatus(ctx, nobodysJob)
	for _, call := range []struct {
		name string
		err  error
	}{{"RunScriptAsync", run}, {"GetResource", resource}, {"GetJobStatus", status}} {
		// The server tells anybody whether a job is there.
		if !errors.Is(call.err, facade.ErrUnauthorized) && !(call.name == "GetJobStatus" && errors.Is(call.err, facade.ErrNotFound)) {
			return "", unexpected(call.name+" with a wrong token", "ErrUnauthorized", call.err)
		}
	}
	if _, err := c.GetVersion(ctx); err != nil {
		return "", fmt.Errorf("GetVersion with a wrong token: %w", err)
	}
	return "a wrong token is ErrUnauthorized for scripts and resources, and does for the version", nil
}

var errNone = errors.New("no error")

// orNone puts a word in the place of an error that is missing.
func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}

// unexpected is a broken promise. It does not wrap what was got, which would count as not tried if it were about the token.
func unexpected(what, want string, got error) error {
	return errors.New(what + ": want " + want + ", got: " + orNone(got).Error())
}

const nobodysJob = "00000000-0000-0000-0000-000000000000"

// unknown: what is not there is ErrNotFound, and not waited for.
func unknown(ctx context.Context, s *session) (string, error) {
	_, status := s.client.GetJobStatus(ctx, nobodysJob)
	_, result := s.client.GetResult(ctx, nobodysJob)
	_, waited := s.client.GetResult(ctx, nobodysJob, facade.WaitForCompletion())
	_, byPath := s.client.RunScriptSync(ctx, at("no_such_script"), nil)
	_, byHash := s.client.RunScriptSync(ctx, "00000000000000ff", nil)
	for _, call := range []struct {
		name string
		err  error
	}{
		{"the status of an unknown job", status}, {"the result of an unknown job", result}, {"waiting for an unknown job", waited},
		{"an unknown path", byPath}, {"an unknown hash", byHash},
	} {
		if refused := asRefused(call.err); refused != nil {
			return "", refused
		}
		if !errors.Is(call.err, facade.ErrNotFound) {
			return "", unexpected(call.name, "ErrNotFound", call.err)
		}
	}
	return "ErrNotFound, also where it is waited for", nil
}

// references: a resource comes with what it refers to.
func references(ctx context.Context, s *session) (string, error) {
	got, err := facade.As[map[string]any](s.client.GetResource(ctx, at("outer")))
	if err != nil {
		return "", err
	}
	want := map[string]any{"inner": map[string]any{"password": secret}, "id": json.Number("9007199254740993")}
	if !reflect.DeepEqual(got, want) {
		return "", fmt.Errorf("f/…/outer is %v, want %v", got, want)
	}
	if none, err := s.client.GetResource(ctx, at("none")); err != nil || string(none) != "null" {
		return "", fmt.Errorf("f/…/none is %s, %w; want null", none, orNone(err))
	}
	for name, says := range map[string]string{"no_such_resource": at("no_such_resource"), "dangling": at("gone")} {
		if _, err := s.client.GetResource(ctx, at(name)); !errors.Is(err, facade.ErrNotFound) || !strings.Contains(err.Error(), says) {
			return "", unexpected("f/…/"+name, "ErrNotFound that names "+says, err)
		}
	}
	return "a variable in a resource in a resource, null, and two that are not there", nil
}
