package facadetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Job is a run of a script, as the script's function sees it. It is an io.Writer: what is written
// to it becomes the job's log, line by line, while the script runs.
type Job struct {
	// ID is the job's id, Path and Hash those of the script's version that runs.
	ID, Path, Hash string
	// Tag is what the job was queued under, Workspace the workspace that it runs in.
	Tag, Workspace string
	// ParentID and RootID are the parent and root job that the submission named, or empty.
	ParentID, RootID string
	// Args are the arguments, always a JSON object. A body that is anything else is under the key
	// "body".
	Args json.RawMessage

	queue   *queue
	record  *record
	attempt int
	mu      sync.Mutex
	partial []byte // the log's last line, until its end has been written
	ended   bool
}

var _ io.Writer = (*Job)(nil)

// Decode decodes the arguments into v, as json.Unmarshal does.
func (j *Job) Decode(v any) error {
	if err := json.Unmarshal(j.Args, v); err != nil {
		return fmt.Errorf("arguments of job %s (%s): %w", j.ID, j.Path, err)
	}
	return nil
}

// Write adds to the job's log. As on a real server, a line appears when it is complete, or when the
// script ends.
func (j *Job) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ended {
		return 0, fmt.Errorf("job %s (%s) has ended: nothing can be added to its log", j.ID, j.Path)
	}
	j.partial = append(j.partial, p...)
	if end := bytes.LastIndexByte(j.partial, '\n'); end >= 0 {
		j.queue.log(j.record, j.attempt, append([]byte("\n"), j.partial[:end]...))
		j.partial = append([]byte(nil), j.partial[end+1:]...)
	}
	return len(p), nil
}

// Logf adds a line to the job's log.
func (j *Job) Logf(format string, args ...any) {
	line := fmt.Appendf(nil, format, args...)
	line = append(bytes.TrimSuffix(line, []byte("\n")), '\n')
	_, _ = j.Write(line) // fails after the job's end
}

// end writes what is left of the log.
func (j *Job) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = true
	if len(j.partial) > 0 {
		j.queue.log(j.record, j.attempt, append([]byte("\n"), j.partial...))
	}
}

// ErrSkipped is the error with which a script's function completes its job as skipped. The value
// that it returns with the error becomes the result. The server calls a skipped job a success in
// some responses and a failure in others.
var ErrSkipped = errors.New("the job is skipped")

// ExitError is the error with which a script's function fails as a bash script does that exits with
// this code: the result holds the code and the last lines of the log. An *exec.ExitError does the
// same.
type ExitError struct {
	Code int
}

// Error returns a text with the exit code.
func (e *ExitError) Error() string { return fmt.Sprintf("exit code %d", e.Code) }

// ExitCode returns the code.
func (e *ExitError) ExitCode() int { return e.Code }

// Failure is the error with which a script's function fails with a result of any shape, instead of
// the usual {"error": {"name": …, "message": …}}:
//
//	return nil, &facadetest.Failure{Result: map[string]any{
//		"error": map[string]any{"name": "ValidationError", "message": "no such customer"},
//	}}
type Failure struct {
	// Result becomes the job's result, encoded as JSON.
	Result any
}

// Error returns a text with the result.
func (f *Failure) Error() string {
	return fmt.Sprintf("the script failed with the result %v", f.Result)
}
