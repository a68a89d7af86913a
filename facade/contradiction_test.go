//go:build go1.25

package facade_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
)

// withoutResult answers as two halves of a server do that do not agree: the job has completed, and there is no result.
func withoutResult(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/get_result_maybe/") {
		reply(w, 200, "application/json", `{"started":false,"success":null,"completed":false,"result":null}`)
		return
	}
	wellAnswered("1")(w, r)
}

func TestACompletedJobWithoutAResultIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, srv := newFake(t, withoutResult)
		start := time.Now()
		result, err := c.GetResult(t.Context(), someJob)
		if took := time.Since(start); err == nil || !strings.Contains(err.Error(), someJob) || took > time.Minute {
			t.Errorf("got %s, %v after %v", result, err, took)
		}
		if n := len(srv.requests()); n > 30 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestAWaitForACompletedJobWithoutAResultEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newFake(t, withoutResult, facade.WithMaxOutage(time.Minute))
		start := time.Now()
		result, err := c.GetResult(within(t, time.Hour), someJob, facade.WaitForCompletion())
		var wait *facade.WaitError
		if took := time.Since(start); !errors.As(err, &wait) || took > 2*time.Minute {
			t.Errorf("got %s, %v after %v", result, err, took)
		}
	})
}
