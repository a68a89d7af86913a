//go:build go1.25

package facade_test

import (
	"net/http"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestWaitsEndInTimeWhateverTheListingShows(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*facadetest.Server)
		opts    []facadetest.Option
		besides int           // how many more requests a second there may be
		clock   time.Duration // how far the dates of answers are ahead of the time by which jobs complete
	}{
		"it is as it should be": {prepare: func(*facadetest.Server) {}},
		"it is late":            {prepare: func(srv *facadetest.Server) { srv.ListLag(10 * time.Second) }},
		"it is very late":       {prepare: func(srv *facadetest.Server) { srv.ListLag(10 * time.Minute) }},
		"it is always empty": {prepare: func(srv *facadetest.Server) {
			srv.Inject("listCompletedJobs", facadetest.Respond(200, jsonHeader(), "[]"))
		}},
		"it is full of other people's jobs": {prepare: func(srv *facadetest.Server) { addOthersJobs(srv, 300, 4) }},
		"it ignores completed_after":        {prepare: func(*facadetest.Server) {}, opts: []facadetest.Option{facadetest.Release("1.505.0")}},
		"it ignores completed_after and is full of other people's jobs": {
			prepare: func(srv *facadetest.Server) { addOthersJobs(srv, 300, 4) }, opts: []facadetest.Option{facadetest.Release("1.505.0")},
		},
		"it is no list": {prepare: func(srv *facadetest.Server) {
			srv.Inject("listCompletedJobs", facadetest.Respond(200, jsonHeader(), `{"jobs":[]}`))
		}},
		"its items are of other types": {prepare: func(srv *facadetest.Server) {
			srv.Inject("listCompletedJobs", facadetest.Respond(200, jsonHeader(), `[1,null,{"id":7},{"id":"x","completed_at":"yesterday"}]`))
		}},
		"it names jobs that have not completed": {prepare: func(srv *facadetest.Server) {
			srv.Inject("listCompletedJobs", facadetest.Respond(200, jsonHeader(), `[{"type":"CompletedJob","id":"01890a5d-ac96-774b-bcce-000000000059"}]`))
		}, besides: 10},
		"the dates of the server's answers are an hour ahead": {prepare: func(*facadetest.Server) {}, clock: time.Hour},
		"the dates of the server's answers are an hour late":  {prepare: func(*facadetest.Server) {}, clock: -time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				test.prepare(srv)
				lasts := func(i int) time.Duration { return time.Second + time.Duration(i)*400*time.Millisecond }
				start := time.Now()
				c := srv.Client(facade.WithMaxOutage(time.Minute), facade.WithHTTPClient(dated(srv, test.clock)))
				few := newFewFailures(t)
				for i, w := range waitForMany(t.Context(), c, 60, lasts) {
					if w.err != nil || w.took > lasts(i)+20*time.Second {
						few.Errorf("wait %d, for a job of %v, ended after %v: %v", i, lasts(i), w.took, w.err)
					}
				}
				wantFewStatusRequests(t, srv, start, test.besides)
			}, append(test.opts, facadetest.Workers(60))...)
		})
	}
}

// dated is the server's HTTP client, with another date in its answers.
func dated(srv *facadetest.Server, ahead time.Duration) *http.Client {
	through := srv.HTTPClient().Transport
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := through.RoundTrip(r)
		if err == nil {
			resp.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		}
		return resp, err
	})}
}

func jsonHeader() map[string][]string {
	return map[string][]string{"Content-Type": {"application/json"}}
}

// addOthersJobs lets other people's jobs complete: many at once, and from then on some each second for half a minute.
func addOthersJobs(srv *facadetest.Server, many, some int) {
	srv.AddOthersJobs(many)
	for i := range 30 {
		time.AfterFunc(time.Duration(i)*time.Second, func() { srv.AddOthersJobs(some) })
	}
}

// wantFewStatusRequests wants no second in which there were more status requests than about 20 and one for each job that completed
// in it or the one before.
func wantFewStatusRequests(t *testing.T, srv *facadetest.Server, start time.Time, besides int) {
	t.Helper()
	asked, allowed := map[int]int{}, map[int]int{}
	for _, r := range srv.Requests() {
		if r.Operation != "runScriptByPath" {
			asked[int(r.Time.Sub(start)/time.Second)]++
		}
	}
	for _, job := range srv.Jobs() {
		if job.User == "admin" {
			second := int(job.CompletedAt.Sub(start) / time.Second)
			allowed[second]++
			allowed[second+1]++
		}
	}
	all := 0
	for second, n := range asked {
		all += n
		// In one second there may be looks that others before have left to it.
		if most := 60 + besides + allowed[second]; n > most {
			t.Errorf("%d status requests in second %d, want at most %d", n, second, most)
		}
	}
	elapsed := time.Since(start)
	if most := int(20*elapsed.Seconds()) + 100; all > most {
		t.Errorf("%d status requests in %v, want at most %d", all, elapsed, most)
	}
	t.Logf("%d status requests in %v", all, elapsed)
}

func TestWaitsNeedNoMoreThanTheirOwnLooks(t *testing.T) {
	for name, fault := range map[string]facadetest.Fault{
		"fails": facadetest.HTML(502), "is refused": facadetest.Respond(403, nil, "Permission denied: no"), "is missing": facadetest.Respond(404, nil, ""),
	} {
		t.Run("where the listing always "+name, func(t *testing.T) { waitWithListing(t, fault, 10*time.Second) })
	}
}

// waitWithListing waits for many jobs while something is wrong with each listing, and for none much longer than it lasts.
func waitWithListing(t *testing.T, fault facadetest.Fault, late time.Duration) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("listCompletedJobs", fault)
		c := srv.Client(facade.WithMaxOutage(time.Minute))
		lasts := func(i int) time.Duration { return time.Duration(i) * 3 * time.Second }
		few := newFewFailures(t)
		for i, w := range waitForMany(t.Context(), c, 60, lasts) {
			if w.err != nil || w.took > lasts(i)+late {
				few.Errorf("wait %d, for a job of %v, ended after %v: %v", i, lasts(i), w.took, w.err)
			}
		}
	}, facadetest.Workers(100))
}
