//go:build go1.25

package facade_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"example.com/windmill/facade"
)

func FuzzAnswer(f *testing.F) {
	right := func(under string) string {
		r, err := http.NewRequest(http.MethodGet, "http://windmill.test/api/w/test/"+under+someJob+"?job_id="+someJob, nil)
		if err != nil {
			f.Fatal(err)
		}
		_, _, body := rightAnswer(r, rightResult)
		return body
	}
	for _, body := range []string{
		"", "null", "[]", "{}", "CE v1", htmlPage, someRefusal, "Bad request: " + someToken, `{"type":"` + someToken + `"}`, `{"completed":true,"success":false,"result":{"error":{"name":"` + someToken + `"}}}`,
		`{"completed":true,"success":false,"result":7,"type":"CompletedJob"}`, right("jobs/run/p/"), right("jobs_u/get/"), right("jobs_u/completed/get_result_maybe/"), "SqlErr: pool timed out", "Not found: x",
	} {
		for _, status := range []int{200, 201, 302, 400, 401, 404, 500, 502} {
			f.Add(status, "text/plain", body)
		}
		f.Add(200, "application/json", body)
		f.Add(200, "text/event-stream", body)
		f.Add(404, ";\n", body)
	}
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if f.Failed() {
			return // what fails for one answer mostly fails for hundreds
		}
		if status < 200 || status > 599 {
			status = 200 + (status&0x7fffffff)%400
		}
		for _, m := range []method{answerMethods[0], answerMethods[1], answerMethods[2], answerMethods[3], answerMethods[6]} {
			var log bytes.Buffer
			c, srv := newFake(t, answering(status, contentType, body), facade.WithMaxRetries(0), facade.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			_, err := m.call(context.Background(), c)
			if n := len(srv.requests()); n > 12 {
				t.Errorf("%s: %d requests", m.name, n)
			}
			text := log.String()
			if err != nil {
				eachCause(err, func(cause error) { text += fmt.Sprintf("%v %+v %#v\n", cause, cause, cause) })
				aboutJob := errors.Is(err, facade.ErrNotCompleted) || errors.As(err, new(*facade.JobError)) || strings.Contains(err.Error(), "ran it as job")
				if len(err.Error()) > 8000 || !aboutJob && !m.asks.MatchString(strings.ReplaceAll(err.Error(), "{id}", someJob)) {
					t.Errorf("%s: the error is too long, or does not name what was asked: %v", m.name, err)
				}
			} else if status >= 300 {
				t.Errorf("%s: no error with status %d", m.name, status)
			}
			if strings.Contains(text, someToken) || strings.Contains(text, someToken[:10]) {
				t.Errorf("%s: the token is in the error or in the log: %s", m.name, text)
			}
		}
	})
}
