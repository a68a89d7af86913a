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

// waitForMany runs n sleeping jobs and waits for them all. Half of them are run and waited for in
// one call, the others in two.
func waitForMany(
	ctx context.Context, c *facade.Client, n int, lasts func(i int) time.Duration,
) []waited {
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
		wg.Go(func() {
			id := fmt.Sprintf("01890a5d-ac96-774b-bcce-%012d", i)
			err := waitForOne(ctx, c, id, lasts(i), i%2 == 0)
			all[i] = waited{id, time.Since(start), err}
		})
	}
	wg.Wait()
	return all
}

func waitForOne(
	ctx context.Context, c *facade.Client, id string, lasts time.Duration, inOne bool,
) error {
	var raw json.RawMessage
	var err error
	args, opt := sleepArgs(lasts), facade.JobID(id)
	if inOne {
		raw, err = c.RunScriptSync(ctx, sleepScript, args, opt)
	} else if _, err = c.RunScriptAsync(ctx, sleepScript, args, opt); err == nil {
		raw, err = c.GetResult(ctx, id, facade.WaitForCompletion())
	}
	if err == nil && string(raw) != `"`+id+`"` {
		err = fmt.Errorf("the result is %s", raw)
	}
	return err
}

// unreachable is the way to a server that a test can take off the network: while it is down,
// requests get no connection.
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

func TestWaitsOutliveAMinuteOfOutage(t *testing.T) {
	const soon, waits = 600 * time.Millisecond, 20
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	unknown := &net.DNSError{Err: "no such host", Name: "windmill", IsNotFound: true}
	login := http.Header{"Location": {"https://login.example.com/"}}
	for name, test := range map[string]struct {
		fault facadetest.Fault
		down  error         // why there is no connection
		late  time.Duration // how much later than the outage, or the job, a wait may end
	}{
		"connections are reset":         {facadetest.ResetBefore(), nil, soon},
		"responses are lost":            {facadetest.ResetAfter(), nil, soon},
		"responses are truncated":       {facadetest.CutBody(0), nil, soon},
		"connections are refused":       {facadetest.Fault{}, refused, soon},
		"the name is unknown":           {facadetest.Fault{}, unknown, soon},
		"a proxy sends 502 with a page": {facadetest.HTML(502), nil, soon},
		"a proxy sends 200 with a page": {facadetest.HTML(200), nil, soon},
		"a captive portal redirects":    {facadetest.Respond(302, login, ""), nil, soon},
		"the database is down":          {facadetest.DatabaseDown(), nil, 21 * time.Second},
		"the server hangs":              {facadetest.Hang(), nil, 21 * time.Second},
		"responses take half a minute":  {facadetest.DelayAfter(30 * time.Second), nil, 21 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				during(srv, test.fault)
				start := time.Now()
				c := srv.Client(facade.WithHTTPClient(&http.Client{Transport: &unreachable{
					srv.HTTPClient().Transport, func() error {
						if inOutage(start) {
							return test.down
						}
						return nil
					},
				}}))
				lasts := func(i int) time.Duration { return time.Duration(10+9*i) * time.Second / 2 }
				few := newFewFailures(t)
				for i, w := range waitForMany(t.Context(), c, waits, lasts) {
					due := lasts(i)
					if inOutage(start.Add(time.Since(start)-due)) || due >= outageFrom {
						due = max(due, outageTo)
					}
					if w.err != nil || w.took > due+test.late {
						few.Errorf("wait %d, for a job of %v, ended after %v: %v", i, lasts(i), w.took, w.err)
					}
				}
				if n := len(srv.Jobs()); n != waits {
					t.Errorf("%d jobs, want %d", n, waits)
				}
				if n := requestsBetween(srv, outageFrom, outageTo); n > 60*2*waits {
					t.Errorf("%d requests in a minute of outage, more than two a second for each wait", n)
				}
			}, facadetest.Workers(waits))
		})
	}
}

func TestWaitsOutliveARestartOverSockets(t *testing.T) {
	t.Parallel() // it mostly waits
	const waits = 30
	srv := facadetest.NewServer(facadetest.Workers(waits))
	t.Cleanup(srv.Close)
	srv.Script(sleepScript, sleepFor)
	link := newLink(t, srv.URL)
	c := clientOver(t, link, srv)
	ctx := within(t, time.Minute) // far more than it takes, however busy the machine is
	restarted := make(chan struct{})
	go func() {
		defer close(restarted)
		for srv.CountRequests("runScriptByPath") < waits && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		for range 2 {
			time.Sleep(100 * time.Millisecond)
			link.Down()
			time.Sleep(100 * time.Millisecond)
			link.Up()
		}
	}()
	few := newFewFailures(t)
	lasts := func(i int) time.Duration { return time.Duration(i) * 15 * time.Millisecond }
	for i, w := range waitForMany(ctx, c, waits, lasts) {
		if w.err != nil {
			few.Errorf("wait %d: %v", i, w.err)
		}
	}
	<-restarted
	if n := len(srv.Jobs()); n != waits {
		t.Errorf("%d jobs, want %d", n, waits)
	}
}

func TestAnOutageThatIsTooLongEndsAllWaits(t *testing.T) {
	const maxOutage = 30 * time.Second
	for name, test := range map[string]struct {
		fault facadetest.Fault
		says  string
		late  time.Duration
	}{
		"a proxy":             {facadetest.HTML(502), "status 502", time.Second},
		"no connection":       {facadetest.ResetBefore(), "EOF", time.Second},
		"truncated responses": {facadetest.CutBody(0), "the response is truncated", time.Second},
		"a server that hangs": {facadetest.Hang(), "the server was silent for 20s", 32 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				start := time.Now()
				srv.Inject("", test.fault, facadetest.If(func(*http.Request) bool {
					return time.Since(start) >= outageFrom
				}))
				c := srv.Client(facade.WithMaxOutage(maxOutage))
				few := newFewFailures(t)
				all := waitForMany(t.Context(), c, 20, func(int) time.Duration { return time.Hour })
				for i, w := range all {
					var wait *facade.WaitError
					if !errors.As(w.err, &wait) || wait.JobID != w.id {
						few.Errorf("wait %d: %v, want a WaitError with its job's id", i, w.err)
						continue
					}
					for _, want := range []string{test.says, "no good response for "} {
						if !strings.Contains(w.err.Error(), want) {
							few.Errorf("wait %d: %v; want %q in it", i, w.err, want)
						}
					}
					late := test.late
					if i%2 == 0 { // a run, whose job is canceled, or not
						late += 5 * time.Second
					}
					if ran := i%2 == 0; ran != (wait.CancelErr != nil) {
						few.Errorf("wait %d: %v; canceling failed: %v", i, w.err, wait.CancelErr)
					}
					if w.took < outageFrom+maxOutage || w.took > outageFrom+maxOutage+late {
						few.Errorf("wait %d ended after %v", i, w.took)
					}
				}
			}, facadetest.Workers(20))
		})
	}
}
