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

// otherClock is a server's HTTP client, where the server's clock is ahead of ours. date returns the
// Date of the n-th record of a job; without it, there is none.
func otherClock(
	srv *facadetest.Server, ahead time.Duration, date func(n int64, now time.Time) time.Time,
) *http.Client {
	through := srv.HTTPClient().Transport
	var records atomic.Int64
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		query := r.URL.Query()
		if at, err := time.Parse(time.RFC3339, query.Get("scheduled_for")); err == nil {
			query.Set("scheduled_for", at.Add(-ahead).Format(time.RFC3339Nano))
			r.URL.RawQuery = query.Encode()
		}
		resp, err := through.RoundTrip(r)
		if err != nil || !strings.Contains(r.URL.Path, "/jobs_u/get/") {
			return resp, err
		}
		if resp.Header.Del("Date"); date != nil {
			at := date(records.Add(1), time.Now().Add(ahead))
			resp.Header.Set("Date", at.UTC().Format(http.TimeFormat))
		}
		return resp, shiftTimes(resp, ahead)
	})}
}

var stamp = regexp.MustCompile(`"(scheduled_for|created_at|started_at)":"([^"]+)"`)

// shiftTimes makes the times in a job's record those of a clock that is ahead.
func shiftTimes(resp *http.Response, ahead time.Duration) error {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
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
	return err
}

func rightDate(_ int64, now time.Time) time.Time { return now }

func firstDateWrong(by time.Duration) func(int64, time.Time) time.Time {
	return func(n int64, now time.Time) time.Time {
		if n == 1 {
			now = now.Add(by)
		}
		return now
	}
}

var serverClocks = map[string]struct {
	ahead time.Duration
	date  func(int64, time.Time) time.Time
	late  time.Duration // how late a result may be: 90 s is between two looks at a job not yet due
}{
	"right":                        {date: rightDate},
	"two seconds ahead":            {ahead: 2 * time.Second, date: rightDate},
	"half a minute ahead":          {ahead: 30 * time.Second, date: rightDate},
	"an hour ahead":                {ahead: time.Hour, date: rightDate},
	"half a minute behind":         {ahead: -30 * time.Second, date: rightDate},
	"an hour behind":               {ahead: -time.Hour, date: rightDate},
	"right, and no date":           {},
	"an hour ahead, and no date":   {ahead: time.Hour, late: 90 * time.Second},
	"right, and a proxy's old one": {date: firstDateWrong(-time.Hour), late: 90 * time.Second},
	"ahead, and one date behind": {
		ahead: 30 * time.Second, date: firstDateWrong(-40 * time.Second), late: 90 * time.Second},
	"ahead, and one date far ahead": {
		ahead: 30 * time.Second, date: firstDateWrong(100 * time.Hour)},
}

func TestTheResultOfAScheduledJobIsNotLateWhereTheServersClockIsAnother(t *testing.T) {
	for name, test := range serverClocks {
		for _, in := range []time.Duration{10 * time.Second, 130 * time.Second} {
			for _, how := range []string{"ScheduledIn", "ScheduledAt"} {
				t.Run(fmt.Sprintf("its clock is %s, %s %v", name, how, in), func(t *testing.T) {
					inBubble(t, func(t *testing.T, srv *facadetest.Server) {
						c := srv.Client(facade.WithHTTPClient(otherClock(srv, test.ahead, test.date)))
						// The Date of a response is in whole seconds, and the looks come at the end of one.
						const passed = 900 * time.Millisecond
						time.Sleep(passed)
						opt, due := facade.ScheduledIn(in), in
						if how == "ScheduledAt" {
							// The moment comes by the server's clock.
							opt = facade.ScheduledAt(time.Now().Add(in - passed))
							due = max(0, in-passed-test.ahead)
						}
						end := due + 100*time.Millisecond
						wantOnTime(t, srv, c, opt, end, test.late+500*time.Millisecond)
					})
				})
			}
		}
	}
}

// The times of a record come from the database, whose clock may not be that of the Date.
func TestAJobThatWaitsForAWorkerIsNotTakenForScheduledByAnOldDate(t *testing.T) {
	for _, behind := range []time.Duration{0, 10 * time.Second, time.Hour} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			srv.PauseWorkers()
			time.AfterFunc(5*time.Second, srv.ResumeWorkers)
			old := func(_ int64, now time.Time) time.Time { return now.Add(-behind) }
			c := srv.Client(facade.WithHTTPClient(otherClock(srv, 0, old)))
			wantOnTime(t, srv, c, facade.ScheduledIn(0), 5100*time.Millisecond, 510*time.Millisecond)
		})
	}
}

// wantOnTime checks how late the result of a scheduled job is, where one call runs the script and
// waits, and where two do.
func wantOnTime(
	t *testing.T, srv *facadetest.Server, c *facade.Client, opt facade.RunOption,
	end, late time.Duration,
) {
	t.Helper()
	start := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		id, err := c.RunScriptAsync(t.Context(), sleepScript, sleepArgs(100*time.Millisecond), opt)
		if err == nil {
			_, err = c.GetResult(t.Context(), id, facade.WaitForCompletion())
		}
		if took := time.Since(start); err != nil || took > end+late {
			t.Errorf("GetResult: %v, %v late", err, took-end)
		}
	}()
	_, err := c.RunScriptSync(t.Context(), sleepScript, sleepArgs(100*time.Millisecond), opt)
	if took := time.Since(start); err != nil || took > end+late {
		t.Errorf("RunScriptSync: %v, %v late", err, took-end)
	}
	<-done
	if n := len(srv.Requests()); n > 40+int(3*end.Minutes()) {
		t.Errorf("%d requests", n)
	}
}
