//go:build go1.25

package facade_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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
		for status, text := range map[int]string{429: "later", 503: "later", 408: "later", 400: "SqlErr: pool timed out while waiting for an open connection", 200: ""} {
			synctest.Test(t, func(t *testing.T) {
				c, srv := newFake(t, first(1, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", test.after())
					w.Header().Set("Date", time.Now().Add(test.ahead).UTC().Format(http.TimeFormat))
					reply(w, status, "text/plain", text)
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

func TestTheLogSaysWhenARequestIsSentAgain(t *testing.T) {
	for name, header := range map[string]http.Header{"asked to wait": {"Retry-After": {"30"}}, "not asked to": nil} {
		synctest.Test(t, func(t *testing.T) {
			var logged time.Duration
			logger := slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == "after" {
					logged = a.Value.Duration()
				}
				return a
			}}))
			c, _ := newFake(t, first(1, func(w http.ResponseWriter, _ *http.Request) {
				maps.Copy(w.Header(), header)
				reply(w, 503, "text/plain", "later")
			}), facade.WithLogger(logger))
			start := time.Now()
			if _, err := c.GetVersion(t.Context()); err != nil {
				t.Error(err)
			}
			if took := time.Since(start).Round(time.Millisecond); took != logged {
				t.Errorf("%s: sent again after %v, and the log says %v", name, took, logged)
			}
		})
	}
}

func TestARequestThatIsNotSentAgainIsNotSaidToBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c, srv := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "60")
			reply(w, 429, "text/plain", "slow down")
		}, facade.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		defer stop()
		start := time.Now()
		_, err := c.GetVersion(ctx)
		want := `windmill: version: GET /version: status 429: slow down; the server asks to wait another 1m0s, which is past the deadline`
		if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
			t.Errorf("the error (-want +got):\n%s", diff)
		}
		_, err = c.GetResource(ctx, "f/a/b")
		want = `windmill: resource f/a/b: GET /w/test/resources/get_value_interpolated/f/a/b: the server asks to wait another 1m0s, which is past the deadline: GET /version: status 429: slow down`
		if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
			t.Errorf("the error of a later call (-want +got):\n%s", diff)
		}
		if refused := (*facade.APIError)(nil); !errors.As(err, &refused) || refused.StatusCode != 429 {
			t.Errorf("%v has no *APIError in its chain", err)
		}
		if id, err := c.RunScriptAsync(ctx, somePath, nil); id != "" || err == nil {
			t.Errorf("a start that was not sent: id %q, %v", id, err)
		}
		if took := time.Since(start); took > 0 || log.Len() > 0 || len(srv.requests()) != 1 {
			t.Errorf("it took %v and the requests %v, and was logged as\n%s", took, srv.requests(), &log)
		}
	})
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

func TestWaitsKeepToTheRetryAfterOfWhateverIsAskedAgain(t *testing.T) {
	for status, text := range map[int]string{408: "later", 400: "SqlErr: pool timed out while waiting for an open connection", 429: "later"} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, first(1, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "20")
				reply(w, status, "text/plain", text)
			}))
			start := time.Now()
			_, err := c.GetResult(within(t, time.Hour), someJob, facade.WaitForCompletion())
			if took := time.Since(start); err != nil || took < 20*time.Second || took > 22*time.Second {
				t.Errorf("status %d: %v after %v", status, err, took)
			}
		})
	}
}

func TestARetryAfterBeyondTheDeadlineIsNotSleptThrough(t *testing.T) {
	busy := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		reply(w, 429, "text/plain", "slow down")
	}
	for name, call := range calls {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, busy)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			start := time.Now()
			err := call(ctx, c)
			var refused *facade.APIError
			if took := time.Since(start); !errors.As(err, &refused) || refused.StatusCode != 429 || took > 3*time.Second {
				t.Errorf("%s: %v after %v, want the *APIError at once", name, err, took)
			}
			start = time.Now()
			_, err = c.GetResult(ctx, someJob, facade.WaitForCompletion())
			if took := time.Since(start); took > 0 || err == nil || !strings.Contains(err.Error(), "Retry-After") {
				t.Errorf("a wait that begins then: %v after %v", err, took)
			}
		})
	}
}

func TestRetryAfterBindsTheWholeClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		srv := facadetest.NewServer(facadetest.Workers(100))
		defer srv.Close()
		srv.Script(somePath, func(ctx context.Context, _ *facadetest.Job) (any, error) {
			select {
			case <-time.After(3 * time.Minute):
			case <-ctx.Done():
			}
			return 1, ctx.Err()
		})
		busy := http.Header{"Retry-After": {"30"}}
		srv.Inject("", facadetest.Respond(429, busy, "slow down"), facadetest.If(func(*http.Request) bool {
			since := time.Since(start)
			return since > 10*time.Second && since < 130*time.Second
		}))
		c := srv.Client()
		done := make(chan error)
		for range 100 {
			go func() {
				_, err := c.RunScriptSync(within(t, time.Hour), somePath, nil, facade.Verbose(io.Discard))
				done <- err
			}()
		}
		few := newFewFailures(t)
		for range 100 {
			if err := <-done; err != nil {
				few.Errorf("%v", err)
			}
		}
		if n := requestsBetween(srv, 10*time.Second, 130*time.Second); n > 1200 {
			t.Errorf("%d requests in two minutes in which the server asked for rest", n)
		}
	})
}

func TestALimitOnStreamsOrListingsAloneHoldsFewResultsBack(t *testing.T) {
	for _, test := range []struct {
		route   string
		callers int
	}{{"getJobUpdatesSSE", 1}, {"getJobUpdatesSSE", 10}, {"listCompletedJobs", 20}} {
		for _, after := range []string{"30", "60"} {
			t.Run(fmt.Sprintf("%s, %d callers, Retry-After %s", test.route, test.callers, after), func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					srv.Inject(test.route, facadetest.Respond(http.StatusTooManyRequests, http.Header{"Retry-After": {after}}, "too many"))
					c, begin := srv.Client(), time.Now()
					var wg sync.WaitGroup
					var late atomic.Int64
					for range test.callers {
						wg.Go(func() {
							for time.Since(begin) < 9*time.Minute {
								const lasts = 10 * time.Second
								start := time.Now()
								if _, err := c.RunScriptSync(t.Context(), napping, lasting(lasts)); err != nil {
									t.Error(err)
									return
								}
								if time.Since(start) > lasts+2*time.Second {
									late.Add(1)
								}
							}
						})
					}
					wg.Wait()
					if n := int(late.Load()); n > test.callers { // those who wait for a result when the limit is met
						t.Errorf("%d results were late", n)
					}
				}, facadetest.Workers(test.callers))
			})
		}
	}
}
