//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// gateway stands before a server and responds in its place, as its plans say.
type gateway struct {
	next   http.RoundTripper
	plan   []gatewayResponse // to submissions
	others []gatewayResponse // to the rest
}

// gatewayResponse is what becomes of a request.
type gatewayResponse struct {
	arrives bool // the server gets it, and acts on it
	reset   bool // the connection breaks before there is a response
	status  int  // of the response that the client sees; 0 is the server's own response
	typ     string
	body    string
}

func (f gatewayResponse) String() string {
	return fmt.Sprintf("{arrives %t, reset %t, status %d %s %q}",
		f.arrives, f.reset, f.status, f.typ, f.body)
}

func (g *gateway) RoundTrip(req *http.Request) (*http.Response, error) {
	plan := &g.others
	if strings.Contains(req.URL.Path, "/jobs/run/") {
		plan = &g.plan
	}
	if len(*plan) == 0 {
		return g.next.RoundTrip(req)
	}
	f := (*plan)[0]
	*plan = (*plan)[1:]
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
	header := http.Header{}
	if f.typ != "" {
		header.Set("Content-Type", f.typ)
	}
	return &http.Response{
		StatusCode: f.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
		Body: io.NopCloser(strings.NewReader(f.body)), ContentLength: int64(len(f.body)), Request: req,
	}, nil
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
			for range chance.IntN(10) {
				gate.others = append(gate.others, randomResponse(chance))
			}
			var opts []facade.RunOption
			if seed%3 == 0 || seed%7 == 0 {
				opts = append(opts, facade.JobID(someJob))
			}
			if seed%7 == 0 {
				startOther(t, srv, napping, time.Hour)
			}
			run := randomRun{gate: gate, plan: slices.Clone(gate.plan), seed: seed}
			run.check(t, srv, opts)
		})
	}
}

// randomRun is a run of a script behind a gateway.
type randomRun struct {
	gate *gateway
	plan []gatewayResponse
	seed uint64
}

func (r *randomRun) check(t *testing.T, srv *facadetest.Server, opts []facade.RunOption) {
	t.Helper()
	c, joins := srv.Client(facade.WithHTTPClient(&http.Client{Transport: r.gate})), r.seed%7 == 0
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	known, wait := "", &facade.WaitError{}
	var err error
	if r.seed%2 == 0 {
		known, err = c.RunScriptAsync(ctx, napping, lasting(time.Hour), opts...)
	} else if _, err = c.RunScriptSync(ctx, napping, lasting(time.Hour), opts...); err != nil {
		errors.As(err, &wait)
		known = wait.JobID
	}
	jobs := srv.Jobs()
	switch {
	case len(jobs) > 1:
		t.Errorf("seed %d: %d jobs were started: %v", r.seed, len(jobs), r.plan)
	case joins && jobs[0].Canceled:
		t.Errorf("seed %d: the job was another call's, and is canceled: %v", r.seed, err)
	case len(jobs) == 1 && known != jobs[0].ID && !joins:
		t.Errorf("seed %d: job %s is on the server, and its caller knows %q: %v\n%v",
			r.seed, jobs[0].ID, known, err, r.plan)
	case err != nil && !strings.Contains(err.Error(), known):
		t.Errorf("seed %d: the error does not name job %s: %v", r.seed, known, err)
	case len(jobs) == 1 && err != nil && wait.CancelErr == nil && !jobs[0].Canceled &&
		strings.Contains(err.Error(), "canceling was asked for"):
		t.Errorf("seed %d: the job has not been canceled: %v", r.seed, err)
	}
}
