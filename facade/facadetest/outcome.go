package facadetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// outcome is how a script's function ended.
type outcome struct {
	result  []byte
	success bool
	skipped bool
	// exited: the script ended with exitCode; the result follows from it and the log.
	exited   bool
	exitCode int
}

// call runs a script's function and encodes what it returned. It does not return when the function
// ends its goroutine.
func (s *script) call(ctx context.Context, job *Job) (out outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = outcome{result: errorResult("Panic", fmt.Sprintf("panic: %v", p), string(debug.Stack()))}
		}
	}()
	return ended(s.run(ctx, job))
}

// failed is the outcome of a function that failed without a result of its own.
func failed(message string) outcome {
	return outcome{result: errorResult("Error", message, "")}
}

func ended(value any, err error) outcome {
	var failure *Failure
	var exit interface{ ExitCode() int }
	switch {
	case errors.As(err, &failure):
		result, err := encode(failure.Result)
		if err != nil {
			return failed("the Failure's result cannot be encoded as JSON: " + err.Error())
		}
		return outcome{result: result}
	case errors.As(err, &exit):
		return outcome{exited: true, exitCode: exit.ExitCode()}
	case err != nil && !errors.Is(err, ErrSkipped):
		return failed(err.Error())
	}
	result, encoding := encode(value)
	if encoding != nil {
		return failed("the script's result cannot be encoded as JSON: " + encoding.Error())
	}
	return outcome{result: result, success: err == nil, skipped: err != nil}
}

// encode turns a value into JSON, once: every later answer serves the same bytes.
func encode(value any) ([]byte, error) {
	if raw, ok := value.(json.RawMessage); ok {
		if !json.Valid(raw) {
			return nil, errors.New("the json.RawMessage is not JSON")
		}
		return raw, nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// errorResult is the result of a failed job, spaced as the server's database spaces JSON.
func errorResult(name, message, stack string) []byte {
	if stack != "" {
		return fmt.Appendf(nil, `{"error": {"name": %s, "stack": %s, "message": %s}}`,
			encodeString(name), encodeString(stack), encodeString(message))
	}
	return fmt.Appendf(nil, `{"error": {"name": %s, "message": %s}}`,
		encodeString(name), encodeString(message))
}

// exitResult is the result of a bash script that failed, with the last ten lines of its log.
func exitResult(code int, log string) []byte {
	_, written, _ := strings.Cut(log, bashHeader)
	lines := strings.Split(strings.TrimSpace(written), "\n")
	lines = lines[max(0, len(lines)-10):]
	message := fmt.Sprintf("exit code for \"bash run\": %d, last log lines:\n%s",
		code, strings.Join(lines, "\n"))
	return fmt.Appendf(nil, `{"error": {"name": "ExecutionErr", "message": %s, "exit_code": %d}}`,
		encodeString(message), code)
}

// terminatedResult is the result of a job that was canceled while it ran: only the message
// says so.
func terminatedResult(by, reason string) []byte {
	return errorResult("ExecutionErr", fmt.Sprintf("execution error:\n"+
		"job process terminated due to cancelled by %s (reason: %s)", by, reason), "")
}

// canceledResult is the result of a job that was canceled before it ran.
func canceledResult(by, reason string) []byte {
	return fmt.Appendf(nil,
		`{"error": {"name": "Canceled", "reason": %s, "message": %s, "canceler": %s}}`,
		encodeString(reason), encodeString(cancelMessage(by, reason)), encodeString(by))
}

func cancelMessage(by, reason string) string {
	return fmt.Sprintf("Job canceled: %s by %s", reason, by)
}
