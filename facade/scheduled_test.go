//go:build go1.25

package facade_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

var stamp = regexp.MustCompile(`"(scheduled_for|created_at|started_at)":"([^"]+)"`)

// otherClock is the server's HTTP client, if the server's clock is ahead. date returns the Date of the n-th record of a job, or "".
func otherClock(srv *facadetest.Server, ahead time.Duration, date func(n int64, now time.Time) string) *http.Client {
	through := srv.HTTPClient().Transport
	var records atomic.Int64
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := through.RoundTrip(r)
		if err != nil || !strings.Contains(r.URL.Path, "/jobs_u/get/") {
			return resp, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		body = stamp.ReplaceAllFunc(body, func(m []byte) []byte {
			parts := stamp.FindSubmatch(m)
			at, err := time.Parse(time.RFC3339, string(parts[2]))
			if err != nil {
				return m
			}
			return fmt.Appendf(nil, `"%s":"%s"`, parts[1], at.Add(ahead).Format(time.RFC3339Nano))
		})
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		resp.Header.Del("Content-Length")
		if resp.Header.Del("Date"); date != nil {
			resp.Header.Set("Date", date(records.Add(1), time.Now().Add(ahead)))
		}
		return resp, nil
	})}
}

func TestAScheduledJobsResultIsNotLateWhateverTheServersClockShows(t *testing.T) {
	right := func(_ int64, now time.Time) string { return now.UTC().Format(http.TimeFormat) }
	firstWrong := func(by time.Duration) func(int64, time.Time) string {
		return func(n int64, now time.Time) string {
			if n == 1 {
				now = now.Add(by)
			}
			return right(n, now)
		}
	}
	for name, test := range map[string]struct {
		ahead time.Duration
		date  func(int64, time.Time) string
		late  time.Duration // how late a wait may end that did not schedule the job itself
	}{
		"the same":                     {0, right, 0},
		"two seconds ahead":            {2 * time.Second, right, 0},
		"half a minute ahead":          {30 * time.Second, right, 0},
		"an hour ahead":                {time.Hour, right, 0},
		"half a minute late":           {-30 * time.Second, right, 0},
		"an hour late":                 {-time.Hour, right, 0},
		"the same, without a date":     {0, nil, 0},
		"ahead, without a date":        {time.Hour, nil, time.Minute},
		"the same, a date of no sense": {0, func(int64, time.Time) string { return "today" }, 0},
		"an old date by a proxy":       {0, func(_ int64, now time.Time) string { return right(0, now.Add(-time.Hour)) }, 0},
		"one date that is early":       {30 * time.Second, firstWrong(-40 * time.Second), time.Minute},
		"one date that is far ahead":   {30 * time.Second, firstWrong(100 * time.Hour), 0},
	} {
		t.Run(name, func(t *testing.T) {
			for _, in := range []time.Duration{10 * time.Second, 130 * time.Second} {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					time.Sleep(300 * time.Millisecond) // so that the clock shows no whole second
					c := srv.Client(facade.WithHTTPClient(otherClock(srv, test.ahead, test.date)))
					start := time.Now()
					id, err := c.RunScriptAsync(t.Context(), napping, lasting(time.Second), facade.ScheduledIn(in))
					if err != nil {
						t.Fatal(err)
					}
					_, err = c.GetResult(t.Context(), id, facade.WaitForCompletion())
					if late := time.Since(start) - in - time.Second; err != nil || late > test.late+500*time.Millisecond {
						t.Errorf("GetResult of a job scheduled in %v: %v, %v late", in, err, late)
					}
					start = time.Now()
					_, err = c.RunScriptSync(t.Context(), napping, lasting(time.Second), facade.ScheduledIn(in))
					if late := time.Since(start) - in - time.Second; err != nil || late > 500*time.Millisecond {
						t.Errorf("RunScriptSync of a job scheduled in %v: %v, %v late", in, err, late)
					}
					if n := len(srv.Requests()); n > 30 {
						t.Errorf("%d requests", n)
					}
				})
			}
		})
	}
}
