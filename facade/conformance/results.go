package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"example.com/windmill/facade"
)

// hashAndPath: a hash runs exactly that version, a path the one deployed last.
func hashAndPath(ctx context.Context, s *session) (string, error) {
	first, second := s.hashes["greet"][0], s.hashes["greet"][1]
	for _, run := range []struct{ script, result string }{
		{first, "hello ada"},
		{strings.ToUpper(first), "hello ada"},
		{second, "hello again ada"},
		{s.at("greet"), "hello again ada"},
	} {
		args := map[string]string{"name": "ada"}
		got, err := facade.As[string](s.client.RunScriptSync(ctx, run.script, args))
		if err != nil {
			return "", err
		}
		if got != run.result {
			return "", want("the result of "+run.script, run.result, got)
		}
	}
	return fmt.Sprintf("two versions by hash, %s and %s, and the newer by path", first, second), nil
}

// anyJSON: a result is any JSON, and no digit is lost.
func anyJSON(ctx context.Context, s *session) (string, error) {
	values := []string{
		`null`, `false`, `""`, `"text"`, `"\u00fc \ud83d\ude00"`, `[]`, `[1, "two", {"three": 3}]`,
		`-0.25`, `12345678901234567890123`, `{"id": 9007199254740993}`, `{"error": {"name": "none"}}`,
	}
	for _, value := range values {
		got, err := s.client.RunScriptSync(ctx, s.at("echo"), map[string]string{"value": value})
		if err != nil {
			return "", fmt.Errorf("the result %s: %w", value, err)
		}
		if !equalJSON(got, value) {
			return "", want("a result", value, string(got))
		}
	}
	return fmt.Sprintf("%d results, from null to 12345678901234567890123", len(values)), nil
}

// equalJSON compares values and every digit, but neither space nor the order of keys, which are the
// database's.
func equalJSON(got json.RawMessage, want string) bool {
	a, err := facade.As[any](got, nil)
	b, _ := facade.As[any](json.RawMessage(want), nil)
	return err == nil && reflect.DeepEqual(a, b)
}

// largeResult: a large result arrives whole.
func largeResult(ctx context.Context, s *session) (string, error) {
	const size = 20 << 20
	args := map[string]int{"bytes": size}
	got, err := facade.As[string](s.client.RunScriptSync(ctx, s.at("large"), args))
	if err != nil {
		return "", err
	}
	if strings.Count(got, "x") != size || len(got) != size {
		return "", want("a large result", fmt.Sprintf("%d bytes", size), fmt.Sprintf("%d", len(got)))
	}
	return fmt.Sprintf("%.1f MB", float64(size)/1e6), nil
}

// failedScript: a script that fails is a *JobError with its words.
func failedScript(ctx context.Context, s *session) (string, error) {
	_, err := s.client.RunScriptSync(ctx, s.at("fail"), nil)
	var failed *facade.JobError
	switch {
	case err != nil && !errors.As(err, &failed):
		return "", err
	case err == nil || failed.Canceled || failed.Name == "" || !json.Valid(failed.Raw) ||
		!strings.Contains(failed.Message, "no such day"):
		return "", want("a script that ends with exit 3", "a *JobError with its words", err)
	}
	return failed.Name + ": " + failed.Message, nil
}

// skippedJob: a job that is skipped is a success. A script alone cannot be skipped, but a flow can.
func skippedJob(ctx context.Context, s *session) (string, error) {
	const flow = `{"args": {}, "value": {"modules": [{
		"id": "a", "stop_after_if": {"expr": "true", "skip_if_stopped": true}, "value": {
			"type": "rawscript", "language": "bash", "content": "echo nothing to do", "input_transforms": {}
	}}]}}`
	id, err := send(ctx, s.client, http.MethodPost, "jobs/run/preview_flow", json.RawMessage(flow))
	if err != nil {
		if why := notAllowed(err); why != nil {
			return "", why
		}
		return "", &notTried{fmt.Sprintf("the server did not run a flow: %v", err)}
	}
	s.started = append(s.started, id)
	short, stop := context.WithTimeout(ctx, jobTime)
	defer stop()
	result, err := s.client.GetResult(short, id, facade.WaitForCompletion())
	if short.Err() != nil {
		return "", &notTried{fmt.Sprintf("no worker ran a flow within %v", jobTime)}
	}
	var job struct {
		Skipped bool `json:"is_skipped"`
	}
	if err := get(ctx, s.client, "jobs_u/get/"+id, &job); err != nil {
		return "", err
	}
	switch {
	case !job.Skipped:
		return "", &notTried{fmt.Sprintf("the server did not skip a flow (%s, %v)", result, err)}
	case err != nil:
		return "", fmt.Errorf("a skipped job: %w", err)
	}
	return fmt.Sprintf("its result is %s", result), nil
}
