//go:build go1.25

package facade_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// waited is how one of many waits has ended.
type waited struct {
	id   string
	took time.Duration
	err  error // also where the result is another job's
}

// waitForMany runs n napping jobs and waits for them all. Half of them are run and waited for in one call, the others in two.
func waitForMany(ctx context.Context, c *facade.Client, n int, lasts func(i int) time.Duration) []waited {
	longest := time.Duration(0)
	for i := range n {
		longest = max(longest, lasts(i))
	}
	ctx, stop := context.WithTimeout(ctx, longest+10*time.Minute)
	defer stop()
	all := make([]waited, n)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			id := fmt.Sprintf("01890a5d-ac96-774b-bcce-%012d", i)
			err := waitForOne(ctx, c, id, lasts(i), i%2 == 0)
			all[i] = waited{id, time.Since(start), err}
		}()
	}
	wg.Wait()
	return all
}

func waitForOne(ctx context.Context, c *facade.Client, id string, lasts time.Duration, inOne bool) error {
	var raw json.RawMessage
	var err error
	if inOne {
		raw, err = c.RunScriptSync(ctx, napping, lasting(lasts), facade.JobID(id))
	} else if _, err = c.RunScriptAsync(ctx, napping, lasting(lasts), facade.JobID(id)); err == nil {
		raw, err = c.GetResult(ctx, id, facade.WaitForCompletion())
	}
	if err == nil && string(raw) != `"`+id+`"` {
		err = fmt.Errorf("the result is %s", raw)
	}
	return err
}

// unreachable lets a test take a server off the network: while it is down, requests get no connection.
type unreachable struct {
	http.RoundTripper
	down func() error // why there is no connection, or nil
}

func (u *unreachable) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := u.down(); err != nil {
		return nil, err
	}
	return u.RoundTripper.RoundTrip(r)
}

const (
	outageFrom = 10 * time.Second
	outageTo   = 70 * time.Second
)

// during injects a fault for the time of the outage.
func during(srv *facadetest.Server, fault facadetest.Fault) {
	start := time.Now()
	srv.Inject("", fault, facadetest.If(func(*http.Request) bool { return inOutage(start) }))
}

func inOutage(start time.Time) bool {
	at := time.Since(start)
	return at >= outageFrom && at < outageTo
}

func TestAHundredWaitsOutliveAMinuteOfOutage(t *testing.T) {
	fault := func(f facadetest.Fault) func(*facadetest.Server) *facade.Client {
		return func(srv *facadetest.Server) *facade.Client {
			during(srv, f)
			return srv.Client()
		}
	}
	noConnection := func(err error) func(*facadetest.Server) *facade.Client {
		return func(srv *facadetest.Server) *facade.Client {
			start := time.Now()
			u := &unreachable{srv.HTTPClient().Transport, func() error {
				if inOutage(start) {
					return err
				}
				return nil
			}}
			return srv.Client(facade.WithHTTPClient(&http.Client{Transport: u}))
		}
	}
	for name, test := range map[string]struct {
		client func(*facadetest.Server) *facade.Client
		late   time.Duration // how much later than the outage, or the job, a wait may end
	}{
		"connections are reset":        {fault(facadetest.ResetBefore()), 12 * time.Second},
		"answers are lost":             {fault(facadetest.ResetAfter()), 12 * time.Second},
		"answers are cut off":          {fault(facadetest.CutBody(0)), 12 * time.Second},
		"connections are refused":      {noConnection(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), 12 * time.Second},
		"the name is unknown":          {noConnection(&net.DNSError{Err: "no such host", Name: "windmill", IsNotFound: true}), 12 * time.Second},
		"a proxy says 502 with a page": {fault(facadetest.HTML(502)), 12 * time.Second},
		"a proxy says 200 with a page": {fault(facadetest.HTML(200)), 12 * time.Second},
		"the database is away":         {fault(facadetest.Respond(400, nil, "SqlErr: pool timed out while waiting for an open connection @x.rs:1:2")), 12 * time.Second},
		"the server hangs":             {fault(facadetest.Hang()), 2 * time.Minute},
		"answers take half a minute":   {fault(facadetest.DelayAfter(30 * time.Second)), 312 * time.Second},
		"a captive portal redirects":   {fault(facadetest.Respond(302, http.Header{"Location": {"https://login.example.com/"}}, "")), 12 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				c := test.client(srv)
				lasts := func(i int) time.Duration { return 5*time.Second + time.Duration(i)*900*time.Millisecond }
				few := newFewFailures(t)
				for i, w := range waitForMany(t.Context(), c, 100, lasts) {
					due := lasts(i)
					if due >= outageFrom-time.Second {
						due = max(due, outageTo)
					}
					if w.err != nil || w.took > due+test.late {
						few.Errorf("wait %d, for a job of %v, ended after %v: %v", i, lasts(i), w.took, w.err)
					}
				}
				if n := len(srv.Jobs()); n != 100 {
					t.Errorf("%d jobs, want 100", n)
				}
				if n := requestsBetween(srv, outageFrom, outageTo); n > 20*60+150 {
					t.Errorf("%d requests in a minute of outage", n)
				}
			}, facadetest.Workers(100))
		})
	}
}

// requestsBetween counts requests by when they arrived after the first.
func requestsBetween(srv *facadetest.Server, from, to time.Duration) int {
	n := 0
	all := srv.Requests()
	for _, r := range all {
		if at := r.Time.Sub(all[0].Time); at >= from && at < to {
			n++
		}
	}
	return n
}

func TestAHundredWaitsOutliveARestartOverSockets(t *testing.T) {
	t.Parallel() // it mostly waits
	srv := facadetest.NewServer(facadetest.Workers(100))
	t.Cleanup(srv.Close)
	srv.Script(napping, nap)
	link := newLink(t, srv.URL, nil)
	c := clientOver(t, link, srv)
	ctx := within(t, 2*time.Minute) // far more than it takes, however busy the machine is
	go func() {
		for srv.CountRequests("runScriptByPath") < 100 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		for range 2 {
			time.Sleep(300 * time.Millisecond)
			link.Down()
			time.Sleep(500 * time.Millisecond)
			link.Up()
		}
	}()
	few := newFewFailures(t)
	for i, w := range waitForMany(ctx, c, 100, func(i int) time.Duration { return time.Duration(i) * 20 * time.Millisecond }) {
		if w.err != nil {
			few.Errorf("wait %d: %v", i, w.err)
		}
	}
	if n := len(srv.Jobs()); n != 100 {
		t.Errorf("%d jobs, want 100", n)
	}
}

func TestASlowMomentIsOverOnceAnswersAreQuickAgain(t *testing.T) {
	const over = 2500 * time.Millisecond
	for _, slow := range []time.Duration{600 * time.Millisecond, 2 * time.Second} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			start := time.Now()
			within := func(from, to time.Duration) facadetest.When {
				return facadetest.If(func(*http.Request) bool { at := time.Since(start); return at >= from && at < to })
			}
			srv.Inject("listCompletedJobs", facadetest.Respond(403, nil, notAllowed)) // each wait looks by itself
			srv.Inject("", facadetest.ResetBefore(), within(500*time.Millisecond, time.Second))
			srv.Inject("", facadetest.ResetBefore(), within(1300*time.Millisecond, 2*time.Second))
			srv.Inject("", facadetest.DelayAfter(slow), within(0, over))
			few := newFewFailures(t)
			for i, w := range waitForMany(t.Context(), srv.Client(), 100, func(int) time.Duration { return over }) {
				// Twenty looks a second are five seconds for all, and one that has failed is made again up to five seconds later.
				if w.err != nil || w.took > over+slow+10*time.Second {
					few.Errorf("answers that take %v: wait %d ended after %v: %v", slow, i, w.took, w.err)
				}
			}
		}, facadetest.Workers(100))
	}
}

func TestAnOutageThatIsTooLongEndsAllWaitsAndSaysWhatKeptFailing(t *testing.T) {
	const maxOutage = 30 * time.Second
	for name, test := range map[string]struct {
		fault facadetest.Fault
		says  string
		late  time.Duration
	}{
		"a bad gateway":       {facadetest.HTML(502), "status 502", 12 * time.Second},
		"resets":              {facadetest.ResetBefore(), "/w/test/jobs", 12 * time.Second},
		"cut-off answers":     {facadetest.CutBody(0), "cut off", 12 * time.Second},
		"an away database":    {facadetest.Respond(400, nil, "SqlErr: pool timed out while waiting"), "pool timed out", 12 * time.Second},
		"a server that hangs": {facadetest.Hang(), "said nothing for", 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				start := time.Now()
				srv.Inject("", test.fault, facadetest.If(func(*http.Request) bool { return time.Since(start) >= outageFrom }))
				c := srv.Client(facade.WithMaxOutage(maxOutage))
				few := newFewFailures(t)
				for i, w := range waitForMany(t.Context(), c, 100, func(int) time.Duration { return time.Hour }) {
					var wait *facade.WaitError
					if !errors.As(w.err, &wait) || wait.JobID != w.id {
						few.Errorf("wait %d: %v, want a WaitError with its job's id", i, w.err)
						continue
					}
					if wait.Err == nil || !strings.Contains(wait.Err.Error(), test.says) || !strings.Contains(wait.Err.Error(), "no good answer for ") {
						few.Errorf("wait %d: %v; want it to say %q, and for how long", i, w.err, test.says)
					}
					// Giving up a run takes the time to try to cancel it.
					late := test.late
					if i%2 == 0 {
						late += 5 * time.Second
						if wait.CancelErr == nil || !strings.Contains(strings.ReplaceAll(w.err.Error(), "{id}", wait.JobID), wait.CancelErr.Error()) {
							few.Errorf("wait %d: %v; want it to say that canceling failed as well", i, w.err)
						}
					} else if wait.CancelErr != nil {
						few.Errorf("wait %d: %v; GetResult never cancels", i, w.err)
					}
					if w.took < outageFrom+maxOutage-5*time.Second || w.took > outageFrom+maxOutage+late {
						few.Errorf("wait %d ended after %v", i, w.took)
					}
				}
			}, facadetest.Workers(100))
		})
	}
}

func TestAJobWhoseLooksAllFailEndsItsOwnWaitOnly(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("getCompletedJobResultMaybe", facadetest.HTML(502), facadetest.If(func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "-000000000007")
		}))
		c := srv.Client(facade.WithMaxOutage(20 * time.Second))
		few := newFewFailures(t)
		for i, w := range waitForMany(t.Context(), c, 30, func(int) time.Duration { return time.Minute }) {
			switch wait := (*facade.WaitError)(nil); {
			case i != 7 && w.err != nil:
				few.Errorf("wait %d: %v", i, w.err)
			case i == 7 && (!errors.As(w.err, &wait) || !strings.Contains(w.err.Error(), "status 502") || w.took < 20*time.Second || w.took > 2*time.Minute):
				few.Errorf("wait 7: %v after %v", w.err, w.took)
			}
		}
	}, facadetest.Workers(100))
}
