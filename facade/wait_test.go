//go:build go1.25

package facade_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestManyWaitsAreNotLaterThanAskingForEachJob(t *testing.T) {
	type prepare = func(*facadetest.Server)
	fault := func(f facadetest.Fault) prepare {
		return func(srv *facadetest.Server) { srv.Inject("listCompletedJobs", f) }
	}
	shows := func(body string) prepare {
		return fault(facadetest.Respond(200, http.Header{"Content-Type": {"application/json"}}, body))
	}
	othersJobs := func(srv *facadetest.Server) {
		srv.AddOthersJobs(300)
		for i := range 30 {
			time.AfterFunc(time.Duration(i)*time.Second, func() { srv.AddOthersJobs(4) })
		}
	}
	const waits, good, old = 40, true, "1.505.0"
	for name, test := range map[string]struct {
		prepare prepare
		feeds   bool // the listing
		release string
	}{
		"with the listing of completed jobs": {func(*facadetest.Server) {}, good, ""},
		"with one that ignores its bound":    {func(*facadetest.Server) {}, good, old},
		"with one full of others' jobs":      {othersJobs, false, ""},
		"with one that is refused":           {fault(facadetest.Respond(403, nil, "no")), false, ""},
		"with one that fails":                {fault(facadetest.HTML(502)), false, ""},
		"with one that hangs":                {fault(facadetest.Hang()), false, ""},
		"with one that takes five seconds":   {fault(facadetest.DelayAfter(5 * time.Second)), false, ""},
		"with one that is empty":             {shows(`[]`), false, ""},
		"with one that is null":              {shows(`null`), false, ""},
		"with one that is not a list":        {shows(`{"jobs":[]}`), false, ""},
		"with one of other types":            {shows(`[1,null,{"id":7},{"id":"x"}]`), false, ""},
		"with one that names a job too early": {
			shows(`[{"id":"01890a5d-ac96-774b-bcce-000000000039"}]`), false, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				test.prepare(srv)
				lasts := func(i int) time.Duration { return time.Duration(1000+293*i) * time.Millisecond }
				// Asking for each of these every 500 ms takes 600 requests, with those that submit the jobs,
				// and is 250 ms late.
				mostRequests, mostLate := 750, 300*time.Millisecond
				if test.feeds {
					mostRequests, mostLate = 400, 130*time.Millisecond
				}
				few := newFewFailures(t)
				var late []time.Duration
				for i, w := range waitForMany(t.Context(), srv.Client(), waits, lasts) {
					late = append(late, w.took-lasts(i))
					if w.err != nil || w.took > lasts(i)+600*time.Millisecond {
						few.Errorf("wait %d, for a job of %v, ended after %v: %v", i, lasts(i), w.took, w.err)
					}
				}
				slices.Sort(late)
				if late[waits/2] > mostLate {
					t.Errorf("%v late at the median", late[waits/2])
				}
				if n := len(srv.Requests()); n > mostRequests {
					t.Errorf("%d requests", n)
				}
			}, facadetest.Workers(waits), facadetest.Release(cmp.Or(test.release, "1.743.0")))
		})
	}
}

func TestAListingThatIsTenSecondsLateDelaysNoResult(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.ListLag(10 * time.Second)
		few := newFewFailures(t)
		lasts := func(i int) time.Duration { return time.Duration(1000+197*i) * time.Millisecond }
		for i, w := range waitForMany(t.Context(), srv.Client(), 100, lasts) {
			if late := w.took - lasts(i); w.err != nil || late > 600*time.Millisecond {
				few.Errorf("wait %d, for a job of %v: %v, %v late", i, lasts(i), w.err, late)
			}
		}
	}, facadetest.Workers(100))
}

func TestAHundredRunsByHashHaveTheListingToo(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		hash, c, few := srv.Script(sleepScript, sleepFor), srv.Client(), newFewFailures(t)
		var wg sync.WaitGroup
		for i := range 100 {
			lasts := time.Second + time.Duration(i)*50*time.Millisecond
			wg.Go(func() {
				start := time.Now()
				_, err := c.RunScriptSync(t.Context(), hash, sleepArgs(lasts))
				if late := time.Since(start) - lasts; err != nil || late > 510*time.Millisecond {
					few.Errorf("a job of %v: %v, %v late", lasts, err, late)
				}
			})
		}
		wg.Wait()
		if n := len(srv.Requests()); n > 600 {
			t.Errorf("%d requests", n)
		}
	}, facadetest.Workers(100))
}

// callerKey is the key of the name of a test's caller in a context.
type callerKey struct{}

func TestEachOfManyWaitsForOneJobStandsAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		through, start := srv.HTTPClient().Transport, time.Now()
		respond := func(r *http.Request, status int, header http.Header, body string) *http.Response {
			return &http.Response{
				StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r,
			}
		}
		c := srv.Client(facade.WithHTTPClient(&http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				early := time.Since(start) < 5*time.Second
				switch caller := r.Context().Value(callerKey{}); {
				case caller == "refused":
					return respond(r, 403, nil, notAllowed), nil
				case caller == "told to come later" && early:
					return respond(r, 429, http.Header{"Retry-After": {"30"}}, "busy"), nil
				case caller == "hanging" && early:
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return through.RoundTrip(r)
			}),
		}))
		if _, err := c.RunScriptAsync(
			t.Context(), sleepScript, sleepArgs(10*time.Second), facade.JobID(someJob),
		); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for name, test := range map[string]struct {
			deadline, from, to time.Duration
			err                error
		}{
			"first":  {time.Hour, 10 * time.Second, 10500 * time.Millisecond, nil},
			"second": {time.Hour, 10 * time.Second, 10500 * time.Millisecond, nil},
			"in a hurry": {
				3 * time.Second, 3 * time.Second, 3 * time.Second, context.DeadlineExceeded,
			},
			"refused":            {time.Hour, time.Second, 2 * time.Second, facade.ErrForbidden},
			"told to come later": {time.Hour, 30 * time.Second, 31 * time.Second, nil},
			"hanging":            {time.Hour, 20 * time.Second, 21 * time.Second, nil},
		} {
			wg.Go(func() {
				ctx := context.WithValue(t.Context(), callerKey{}, name)
				ctx, stop := context.WithTimeout(ctx, test.deadline)
				defer stop()
				_, err := c.GetResult(ctx, someJob, facade.WaitForCompletion())
				took := time.Since(start)
				if !errors.Is(err, test.err) || took < test.from || took > test.to {
					t.Errorf("the wait that is %s: %v after %v", name, err, took)
				}
			})
		}
		wg.Wait()
	})
}

func TestAJobThatIsQueuedAgainIsWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		time.AfterFunc(3*time.Second, func() {
			srv.PauseWorkers()
			if err := srv.Requeue(someJob); err != nil {
				t.Error(err)
			}
			time.AfterFunc(time.Minute, srv.ResumeWorkers)
		})
		start := time.Now()
		err := waitForOne(t.Context(), srv.Client(), someJob, 5*time.Second, false)
		if took := time.Since(start); err != nil || took > 68500*time.Millisecond {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestAWaitEndsIfTheJobOrTheTokenIsGone(t *testing.T) {
	vanish := func(srv *facadetest.Server) {
		if err := srv.Forget(someJob); err != nil {
			panic(err)
		}
	}
	revoke := func(srv *facadetest.Server) { srv.RevokeToken(srv.Token) }
	for name, test := range map[string]struct {
		schedule time.Duration
		happens  func(*facadetest.Server)
		want     error
	}{
		"the job vanishes":                  {0, vanish, facade.ErrNotFound},
		"the job vanishes before it is due": {time.Hour, vanish, facade.ErrNotFound},
		"the token ends":                    {0, revoke, facade.ErrUnauthorized},
		"its token ends before":             {time.Hour, revoke, facade.ErrUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				c, start := srv.Client(), time.Now()
				time.AfterFunc(10*time.Second, func() { test.happens(srv) })
				check := func(err error) {
					var wait *facade.WaitError
					// Such a wait looks at its job at least every half minute, or minute and a half.
					late, most := time.Since(start)-10*time.Second, 92*time.Second
					if test.schedule == 0 {
						most = 32 * time.Second
					}
					if !errors.As(err, &wait) || !errors.Is(err, test.want) || late < 0 || late > most {
						t.Errorf("%v, %v later", err, late)
					}
				}
				var other sync.WaitGroup
				other.Go(func() {
					time.Sleep(time.Second)
					_, err := c.GetResult(t.Context(), someJob, facade.WaitForCompletion())
					check(err)
				})
				_, err := c.RunScriptSync(t.Context(), sleepScript, sleepArgs(time.Hour),
					facade.JobID(someJob), facade.ScheduledIn(test.schedule))
				check(err)
				other.Wait()
				// A job that is not there is not canceled.
				canceled := srv.CountRequests("cancelQueuedJob") > 0
				if canceled == (test.want == facade.ErrNotFound) {
					t.Errorf("canceling was asked for: %t, after %v", canceled, err)
				}
			})
		})
	}
}

func TestAJobThatCompletesBeforeTheResponseToItsSubmissionIsNoticedAtOnce(t *testing.T) {
	const late = 400 * time.Millisecond
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		c := srv.Client()
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _, _ = c.RunScriptSync(ctx, sleepScript, sleepArgs(time.Hour)) })
		}
		time.Sleep(5 * time.Second)
		srv.Inject("runScriptByPath", facadetest.DelayAfter(late))
		for range 5 {
			start := time.Now()
			_, err := c.RunScriptSync(t.Context(), sleepScript, sleepArgs(10*time.Millisecond))
			if took := time.Since(start); err != nil || took > late+20*time.Millisecond {
				t.Errorf("%v after %v", err, took)
			}
		}
		stop()
		wg.Wait()
	}, facadetest.Workers(30))
}
