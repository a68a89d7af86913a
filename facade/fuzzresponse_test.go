//go:build go1.25

package facade_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"

	"example.com/windmill/facade"
)

func FuzzResponse(f *testing.F) {
	shapes := []string{"CE v1", "SqlErr: pool timed out", "Not found: x", hostile,
		`{"completed":true,"success":false,"result":{"error":{"name":"` + someToken + `"}}}`,
		`{"completed":true,"success":false,"result":7,"type":"CompletedJob"}`}
	for _, shape := range responseShapes {
		shapes = append(shapes, shape(""))
	}
	for _, body := range shapes {
		for _, status := range responseStatuses {
			f.Add(status, "text/plain", body)
			f.Add(status, "application/json", body)
		}
		f.Add(200, "text/event-stream", body)
		f.Add(404, ";\n", body)
	}
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if status = 200 + int(uint(status-200)%400); f.Failed() {
			return
		}
		for _, m := range methods[:5] { // those that do not wait
			var log bytes.Buffer
			c, srv := newFake(t, answering(status, contentType, body), facade.WithMaxRetries(0),
				facade.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			_, err := m.call(context.Background(), c)
			if n := len(srv.requests()); n > 12 {
				t.Errorf("%s: %d requests", m.name, n)
			}
			aboutJob := errors.Is(err, facade.ErrNotCompleted) || errors.Is(err, facade.ErrJobIDTaken) ||
				errors.As(err, new(*facade.JobError))
			switch {
			case err == nil && status >= 300:
				t.Errorf("%s: no error with status %d", m.name, status)
			case err != nil && aboutJob:
				checkRequestError(t, m.name, err, someJob)
			case err != nil:
				checkRequestError(t, m.name, err, m.request)
			}
			if found := secretIn(log.String()); found != "" {
				t.Errorf("%s: the log has %q in it: %s", m.name, found, &log)
			}
		}
	})
}
