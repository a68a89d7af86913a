package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"example.com/windmill/facade"
)

// hashAndPath: a hash runs exactly that version, a path the one deployed last.
func hashAndPath(ctx context.Context, s *session) (string, error) {
	for _, run := range []struct{ script, want string }{
		{s.hashes["greet"], "hello ada"},
		{strings.ToUpper(s.hashes["greet"]), "hello ada"},
		{s.hashes["greet 2"], "hello again ada"},
		{at("greet"), "hello again ada"},
	} {
		got, err := facade.As[string](s.client.RunScriptSync(ctx, run.script, map[string]string{"name": "ada"}))
		if err != nil {
			return "", err
		}
		if got != run.want {
			return "", fmt.Errorf("%s returned %q, want %q", run.script, got, run.want)
		}
	}
	return "two versions by their hashes " + s.hashes["greet"] + " and " + s.hashes["greet 2"] + ", and the newer one by path", nil
}

// anyJSON: a result is any JSON, and no digit is lost.
func anyJSON(ctx context.Context, s *session) (string, error) {
	values := []string{
		`null`, `false`, `""`, `"text"`, `[]`, `[1, "two", {"three": 3}]`, `12345678901234567890123`, `-0.25`,
		`{"id": 9007199254740993}`, `{"error": {"name": "no failure"}}`, `"\u00fc \ud83d\ude00"`,
	}
	for _, value := range values {
		got, err := s.client.RunScriptSync(ctx, at("echo"), map[string]string{"value": value})
		if err != nil {
			return "", fmt.Errorf("the result %s: %w", value, err)
		}
		if !equalJSON(got, []byte(value)) {
			return "", fmt.Errorf("the result %s came as %s", value, got)
		}
	}
	return fmt.Sprintf("%d results, from null to 12345678901234567890123", len(values)), nil
}

// equalJSON compares values and every digit, but neither space nor the order of keys, which are the database's.
func equalJSON(a, b []byte) bool {
	var left, right any
	for _, side := range []struct {
		text []byte
		into *any
	}{{a, &left}, {b, &right}} {
		d := json.NewDecoder(bytes.NewReader(side.text))
		d.UseNumber()
		if d.Decode(side.into) != nil {
			return false
		}
	}
	return reflect.DeepEqual(left, right)
}

// largeResult: a large result comes whole.
func largeResult(ctx context.Context, s *session) (string, error) {
	got, err := facade.As[string](s.client.RunScriptSync(ctx, at("large"), map[string]int{"bytes": s.cfg.large}))
	if err != nil {
		return "", err
	}
	if n := strings.Count(got, "x"); n != s.cfg.large || len(got) != n {
		return "", fmt.Errorf("of a string of %d characters, %d came, in %d", s.cfg.large, n, len(got))
	}
	return fmt.Sprintf("%.1f MB", float64(len(got))/1e6), nil
}

// failedScript: a script that fails is a JobError that has its words.
func failedScript(ctx context.Context, s *session) (string, error) {
	result, err := s.client.RunScriptSync(ctx, at("fail"), nil)
	var failed *facade.JobError
	switch {
	case err == nil:
		return "", fmt.Errorf("a script that ends with exit 3 has the result %s and no error", result)
	case !errors.As(err, &failed):
		return "", fmt.Errorf("a script that ends with exit 3 is no *JobError: %w", err)
	case failed.Canceled:
		return "", fmt.Errorf("it counts as canceled: %w", err)
	case failed.Name == "" || !strings.Contains(failed.Message, "no such day") || !json.Valid(failed.Raw):
		return "", fmt.Errorf("the error lacks the script's words: %w", err)
	}
	return failed.Name + ": " + failed.Message, nil
}
