package callers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"example.com/windmill/facade"
)

var (
	_ error = (*facade.APIError)(nil)
	_ error = (*facade.JobError)(nil)
	_ error = (*facade.WaitError)(nil)

	_ interface{ Unwrap() error } = (*facade.WaitError)(nil)
)

// explain tells what went wrong in the words of the program's own users.
func explain(err error) string {
	var failed *facade.JobError
	var wait *facade.WaitError
	var refused *facade.APIError
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &failed):
		var id, name, message, stack string = failed.JobID, failed.Name, failed.Message, failed.Stack
		var canceled bool = failed.Canceled
		var raw json.RawMessage = failed.Raw
		return fmt.Sprint(id, name, message, stack, canceled, string(raw))
	case errors.As(err, &wait) && errors.Is(err, context.DeadlineExceeded):
		return "not yet: " + wait.JobID
	case errors.Is(err, facade.ErrNotFound):
		return "no such thing"
	case errors.Is(err, facade.ErrUnauthorized), errors.Is(err, facade.ErrForbidden):
		return "not allowed"
	case errors.Is(err, facade.ErrNotCompleted):
		return "not yet"
	case errors.Is(err, facade.ErrJobIDTaken):
		return "twice"
	case errors.As(err, &refused):
		var code int = refused.StatusCode
		return fmt.Sprint(code, refused.Method, refused.Path, refused.Message)
	}
	return err.Error()
}

// sentinels are compared with ==, and listed.
func sentinels() []error {
	return []error{
		facade.ErrNotFound, facade.ErrUnauthorized, facade.ErrForbidden, facade.ErrNotCompleted,
		facade.ErrJobIDTaken,
	}
}
