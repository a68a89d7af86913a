//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// gateway stands before a server and responds to submissions in its place, as its plan says.
type gateway struct {
	next http.RoundTripper
	plan []gatewayResponse
}

// gatewayResponse is what becomes of a request.
type gatewayResponse struct {
	arrives bool // the server gets it, and acts on it
	reset   bool // the connection breaks before there is a response
	status  int  // of the response that the client sees; 0 is the server's own response
	typ     string
	body    string
}

func (g *gateway) RoundTrip(req *http.Request) (*http.Response, error) {
	if len(g.plan) == 0 || !strings.Contains(req.URL.Path, "/jobs/run/") {
		return g.next.RoundTrip(req)
	}
	f := g.plan[0]
	g.plan = g.plan[1:]
	if f.arrives && !f.reset && f.status == 0 {
		return g.next.RoundTrip(req)
	}
	if f.arrives {
		resp, err := g.next.RoundTrip(req.Clone(context.WithoutCancel(req.Context())))
		if err != nil {
			return nil, err
		}
		resp.Body.Close()
	}
	if f.reset || f.status == 0 {
		return nil, errors.New("connection reset by peer")
	}
	rec := httptest.NewRecorder()
	reply(rec, f.status, f.typ, f.body)
	return rec.Result(), nil
}

func randomResponse(chance *rand.Rand) gatewayResponse {
	statuses := []int{0, 200, 201, 202, 204, 301, 302, 304, 400, 401, 403, 404, 405, 407, 408, 413,
		415, 422, 425, 429, 499, 500, 501, 502, 503, 504, 505, 507, 520, 524, 529, 530, 598}
	types := []string{"", "text/plain", "text/html", "application/json"}
	bodies := []string{"", "no", htmlPage, `{"error":"no"}`, "Internal: no @x.rs:1:2",
		"SqlErr: canceling statement due to user request @x.rs:1:2"}
	return gatewayResponse{
		arrives: chance.IntN(2) == 0, reset: chance.IntN(3) == 0,
		status: statuses[chance.IntN(len(statuses))], typ: types[chance.IntN(len(types))],
		body: bodies[chance.IntN(len(bodies))],
	}
}

// lies reports whether a gateway would say of a job that was started what only the API says of one
// that was not.
func (f gatewayResponse) lies() bool {
	return f.arrives && f.body == "" && f.typ != "text/html" &&
		(f.status == http.StatusNotFound || f.status == http.StatusMethodNotAllowed)
}

func TestEveryJobOnTheServerIsKnownToItsCaller(t *testing.T) {
	for seed := range uint64(500) {
		synctest.Test(t, func(t *testing.T) {
			srv := facadetest.NewServer()
			defer srv.Close()
			srv.Script(napping, nap)
			chance := rand.New(rand.NewPCG(seed, 1))
			gate := &gateway{next: srv.HTTPClient().Transport}
			for range 1 + chance.IntN(14) {
				if f := randomResponse(chance); !f.lies() {
					gate.plan = append(gate.plan, f)
				}
			}
			var opts []facade.RunOption
			if seed%3 == 0 || seed%7 == 0 {
				opts = append(opts, facade.JobID(someJob))
			}
			if seed%7 == 0 {
				startOther(t, srv, napping, time.Hour)
			}
			checkRandomRun(t, srv, gate, seed, opts)
		})
	}
}

// checkRandomRun runs a script behind a gateway, and checks that its caller knows of its job.
func checkRandomRun(
	t *testing.T, srv *facadetest.Server, gate *gateway, seed uint64, opts []facade.RunOption,
) {
	t.Helper()
	c, plan := srv.Client(facade.WithHTTPClient(&http.Client{Transport: gate})), gate.plan
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	known, wait := "", &facade.WaitError{}
	var err error
	if seed%2 == 0 {
		known, err = c.RunScriptAsync(ctx, napping, lasting(time.Hour), opts...)
	} else if _, err = c.RunScriptSync(ctx, napping, lasting(time.Hour), opts...); err != nil {
		errors.As(err, &wait)
		known = wait.JobID
	}
	jobs, joins := srv.Jobs(), seed%7 == 0
	wrong := ""
	switch {
	case len(jobs) > 1:
		wrong = "several jobs were started"
	case joins && jobs[0].Canceled:
		wrong = "the job was another call's, and is canceled"
	case len(jobs) == 1 && known != jobs[0].ID && !joins:
		wrong = "the caller does not know of the job"
	case err != nil && !strings.Contains(err.Error(), known):
		wrong = "the error does not name the job"
	case len(jobs) == 1 && err != nil && wait.CancelErr == nil && !jobs[0].Canceled &&
		strings.Contains(err.Error(), "canceling was asked for"):
		wrong = "the job has not been canceled"
	}
	if wrong != "" {
		t.Errorf("seed %d: %s: jobs %v, known %q, %v\n%+v", seed, wrong, jobs, known, err, plan)
	}
}
