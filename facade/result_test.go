//go:build go1.25

package facade_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestGetResultOfAJobThatCompletesBetweenItsTwoRequestsIsTheResult(t *testing.T) {
	ends := map[string]error{"it succeeds": nil, "it is skipped": facadetest.ErrSkipped}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Script("f/test/end", func(context.Context, *facadetest.Job) (any, error) {
					return 1, end
				})
				srv.PauseWorkers()
				id, err := srv.Client().RunScriptAsync(t.Context(), "f/test/end", nil)
				if err != nil {
					t.Fatal(err)
				}
				// The first request finds the job waiting, and the second one completed.
				srv.Inject("getJob", facadetest.DelayBefore(2*time.Second))
				time.AfterFunc(time.Second, srv.ResumeWorkers)
				got, err := srv.Client().GetResult(t.Context(), id)
				if err != nil || string(got) != "1" {
					t.Errorf("got %s, %v; want 1", got, err)
				}
			})
		})
	}
}

func TestALargeResultIsNoticedAsSoonAsASmallOne(t *testing.T) {
	for _, lasts := range []time.Duration{30 * time.Millisecond, 1950 * time.Millisecond} {
		for _, size := range []int{1, 5_000, 50_000} {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Script("f/test/large", func(context.Context, *facadetest.Job) (any, error) {
					time.Sleep(lasts)
					return strings.Repeat("x", size), nil
				})
				start := time.Now()
				got, err := srv.Client().RunScriptSync(t.Context(), "f/test/large", nil)
				late := time.Since(start) - lasts
				if err != nil || len(got) != size+2 || late > 120*time.Millisecond {
					t.Errorf("%d bytes: got %d, %v, %v late", size, len(got), err, late)
				}
			})
		}
	}
}

func TestCallersThatWaitForOneJobGetAResultOfTheirOwn(t *testing.T) {
	want := json.RawMessage(`{"error":{"name":"Error","message":"no luck","stack":"at x"}}`)
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Script("f/test/fail", func(context.Context, *facadetest.Job) (any, error) {
			time.Sleep(10 * time.Second)
			return nil, &facadetest.Failure{Result: want}
		})
		srv.Script("f/test/result", func(context.Context, *facadetest.Job) (any, error) {
			time.Sleep(10 * time.Second)
			return want, nil
		})
		c := srv.Client()
		for _, script := range []string{"f/test/fail", "f/test/result"} {
			id := facade.NewJobID()
			var mu sync.Mutex
			var all sync.WaitGroup
			for i := range 4 {
				all.Go(func() {
					var raw json.RawMessage
					var err error
					if i%2 == 0 {
						raw, err = c.RunScriptSync(t.Context(), script, nil, facade.JobID(id))
					} else {
						time.Sleep(time.Second)
						raw, err = c.GetResult(t.Context(), id, facade.WaitForCompletion())
					}
					mu.Lock()
					defer mu.Unlock()
					checkOwn(t, script, id, raw, err, want)
				})
			}
			all.Wait()
		}
	})
}

// checkOwn checks what a caller got of a job, and then changes it.
func checkOwn(
	t *testing.T, script, id string, raw json.RawMessage, err error, want json.RawMessage,
) {
	t.Helper()
	var failed *facade.JobError
	if script == "f/test/fail" && errors.As(err, &failed) {
		wanted := &facade.JobError{
			JobID: id, Name: "Error", Message: "no luck", Stack: "at x", Raw: want}
		if diff := cmp.Diff(wanted, failed); diff != "" {
			t.Errorf("the error (-want +got):\n%s", diff)
		}
		raw, err = failed.Raw, nil
		failed.Message, failed.Canceled = "changed", true
	}
	if err != nil || string(raw) != string(want) {
		t.Errorf("%s: got %s, %v", script, raw, err)
	}
	clear(raw)
}
