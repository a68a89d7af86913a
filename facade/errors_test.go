package facade_test

import (
	"context"
	"errors"
	"testing"

	"example.com/windmill/facade"
)

func TestErrorsThatProgramsMakeInTheirTestsReadWell(t *testing.T) {
	const id = "01a20b9e-6f31-fe08-9923-5108e4dfdbc6"
	for _, test := range []struct {
		err  error
		want string
	}{
		{&facade.WaitError{}, "waiting for a job: it is not known why the wait ended"},
		{&facade.WaitError{JobID: id}, "waiting for job " + id + ": it is not known why the wait ended"},
		{&facade.WaitError{Err: context.Canceled}, "waiting for a job: context canceled"},
		{&facade.WaitError{CancelErr: errors.New("no")}, "waiting for a job: it is not known why the wait ended (the job may still run, since canceling it failed: no)"},
		{&facade.WaitError{JobID: "x", Err: context.DeadlineExceeded}, "waiting for job x: context deadline exceeded"},
		{&facade.WaitError{JobID: id, Err: errors.New("job " + id + " is gone")}, "waiting for job " + id + ": job {id} is gone"},
		{&facade.WaitError{Err: &facade.WaitError{}}, "waiting for a job: waiting for a job: it is not known why the wait ended"},
		{&facade.JobError{}, "a job failed"},
		{&facade.JobError{Canceled: true}, "a job was canceled"},
		{&facade.JobError{JobID: id}, "job " + id + " failed"},
		{&facade.JobError{Name: "ValueError"}, "a job failed: ValueError"},
		{&facade.JobError{JobID: "x", Message: "no paper"}, "job x failed: no paper"},
		{&facade.APIError{}, "status 0"},
		{&facade.APIError{StatusCode: 404}, "status 404"},
		{&facade.APIError{Message: "boom"}, "status 0: boom"},
		{&facade.APIError{StatusCode: 500, Method: "GET"}, "GET: status 500"},
		{&facade.APIError{StatusCode: 500, Path: "/version", Message: "boom"}, "/version: status 500: boom"},
		{&facade.APIError{StatusCode: 500, Method: "GET", Path: "/version"}, "GET /version: status 500"},
	} {
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("%#v panics: %v", test.err, p)
				}
			}()
			if got := test.err.Error(); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			_, _ = errors.Unwrap(test.err), errors.Is(test.err, facade.ErrNotFound)
		}()
	}
}
