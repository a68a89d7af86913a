//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestTheServerIsGivenTheTimeItAsksFor(t *testing.T) {
	date := func(d time.Duration) func() string {
		return func() string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	}
	text := func(s string) func() string { return func() string { return s } }
	for name, test := range map[string]struct {
		after       func() string
		ahead       time.Duration // of the server's clock
		least, most time.Duration
	}{
		"seconds":                         {text("7"), 0, 7 * time.Second, 8 * time.Second},
		"a date":                          {date(9 * time.Second), 0, 9 * time.Second, 10 * time.Second},
		"a date by a clock that is ahead": {date(time.Hour + 9*time.Second), time.Hour, 9 * time.Second, 10 * time.Second},
		"a date by a clock that is late":  {date(9*time.Second - time.Hour), -time.Hour, 9 * time.Second, 10 * time.Second},
		"a date that has passed":          {date(-time.Hour), 0, 0, time.Second},
		"no time":                         {text("0"), 0, 0, time.Second},
		"less than no time":               {text("-7"), 0, 0, time.Second},
		"nonsense":                        {text("soon"), 0, 0, time.Second},
		"a second and a half":             {text("1.5"), 0, 1500 * time.Millisecond, 2500 * time.Millisecond},
	} {
		for _, status := range []int{429, 503} {
			synctest.Test(t, func(t *testing.T) {
				c, srv := newFake(t, first(1, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", test.after())
					w.Header().Set("Date", time.Now().Add(test.ahead).UTC().Format(http.TimeFormat))
					reply(w, status, "text/plain", "later")
				}))
				start := time.Now()
				if _, err := c.GetVersion(t.Context()); err != nil || len(srv.requests()) != 2 {
					t.Errorf("%s, status %d: %v after %d requests", name, status, err, len(srv.requests()))
				}
				if took := time.Since(start); took < test.least || took > test.most {
					t.Errorf("%s, status %d: asked again after %v, want %v to %v", name, status, took, test.least, test.most)
				}
			})
		}
	}
}

func TestAServerThatAsksForTooMuchTimeIsNotWaitedFor(t *testing.T) {
	for _, after := range []string{"86400", "99999999999999999999", "9223372036854775807"} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", after)
				reply(w, 429, "text/plain", "tomorrow")
			}, facade.WithMaxRetries(1))
			start := time.Now()
			_, err := c.GetVersion(t.Context())
			if took := time.Since(start); err == nil || took > 0 {
				t.Errorf("Retry-After %s: %v after %v", after, err, took)
			}
		})
	}
}

func TestNothingIsSentLaterThanTwoMinutesAfterTheFirstTry(t *testing.T) {
	for _, after := range []string{"45", "59", "70", "119"} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			c, _ := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
				if since := time.Since(start); since > 2*time.Minute {
					t.Errorf("Retry-After %s: a request after %v", after, since)
				}
				time.Sleep(5 * time.Second)
				w.Header().Set("Retry-After", after)
				reply(w, 503, "text/plain", "later")
			})
			if _, err := c.GetVersion(t.Context()); !errors.As(err, new(*facade.APIError)) {
				t.Errorf("Retry-After %s: %v", after, err)
			}
		})
	}
}

func TestTheContextEndsTheTimeBetweenTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, srv := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "60")
			reply(w, 503, "text/plain", "later")
		})
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		start := time.Now()
		_, err := c.GetVersion(ctx)
		if took := time.Since(start); !errors.As(err, new(*facade.APIError)) || took > 5*time.Second || len(srv.requests()) != 1 {
			t.Errorf("%v after %v and %d requests", err, took, len(srv.requests()))
		}
	})
}

func TestALimitOnStreamsHoldsNoResultBackForLong(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("getJobUpdatesSSE", facadetest.Respond(http.StatusTooManyRequests, http.Header{"Retry-After": {"2"}}, "too many streams"))
		c, start := srv.Client(), time.Now()
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				lasts := time.Duration(i+1) * time.Second
				_, err := c.RunScriptSync(t.Context(), napping, lasting(lasts), facade.Logs(io.Discard))
				if late := time.Since(start) - lasts; err != nil || late > 6*time.Second {
					t.Errorf("a job of %v: %v, %v late", lasts, err, late)
				}
			})
		}
		wg.Wait()
	}, facadetest.Workers(30))
}
