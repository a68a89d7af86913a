package facade_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// wantQuery checks the query of a submission with an option.
func wantQuery(t *testing.T, opt facade.RunOption, name, value string) {
	t.Helper()
	var query url.Values
	c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.Query()
		reply(w, 201, "text/plain", query.Get("job_id"))
	})
	if _, err := c.RunScriptAsync(t.Context(), somePath, nil, opt); err != nil {
		t.Fatal(err)
	}
	query.Del("job_id")
	if diff := cmp.Diff(url.Values{name: {value}}, query); diff != "" {
		t.Errorf("the query (-want +got):\n%s", diff)
	}
}

func TestSchedulesAreSentInWholeSecondsOrAsAMomentInUTC(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", 1: "1", time.Millisecond: "1", 999 * time.Millisecond: "1",
		time.Second: "1", time.Second + 1: "2", 2 * time.Second: "2", 2100 * time.Millisecond: "3",
		time.Hour: "3600", 100 * 365 * 24 * time.Hour: "3153600000",
	} {
		wantQuery(t, facade.ScheduledIn(d), "scheduled_in_secs", want)
	}
	at := time.Date(2027, 3, 4, 5, 6, 7, 89_000_000, time.FixedZone("EET", 2*60*60))
	wantQuery(t, facade.ScheduledAt(at), "scheduled_for", "2027-03-04T03:06:07.089Z")
}

// Under the race detector, this fails too if a call changes what its options hold.
func TestOptionsAndArgumentsMayBeSharedByCallsAtOnce(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/test/one", func(context.Context, *facadetest.Job) (any, error) { return 1, nil })
	at := time.Now().Add(-time.Hour).In(time.FixedZone("EET", 2*60*60))
	for name, opts := range map[string][]facade.RunOption{
		"ScheduledAt": {facade.ScheduledAt(at), facade.Tag("bash"), facade.ParentJob(someJob)},
		"ScheduledIn": {facade.ScheduledIn(0), facade.Tag("bash"), facade.JobID(someJob),
			facade.KeepRunning(), facade.Logs(io.Discard)},
	} {
		t.Run(name, func(t *testing.T) {
			c, args := srv.Client(), map[string]any{"b": []int{1, 2}, "a": nil}
			var calls sync.WaitGroup
			for range 8 {
				calls.Add(1)
				go func() {
					defer calls.Done()
					got, err := c.RunScriptSync(t.Context(), "f/test/one", args, opts...)
					if err != nil || string(got) != "1" {
						t.Errorf("got %s, %v", got, err)
					}
				}()
			}
			calls.Wait()
			if diff := cmp.Diff(map[string]any{"b": []int{1, 2}, "a": nil}, args); diff != "" {
				t.Errorf("the arguments (-before +after):\n%s", diff)
			}
		})
	}
	for _, job := range srv.Jobs() {
		if job.ID != someJob && !job.ScheduledFor.Equal(at.Truncate(time.Microsecond)) {
			t.Errorf("job %s is scheduled for %v, want %v", job.ID, job.ScheduledFor, at)
		}
	}
}
