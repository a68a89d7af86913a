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

// gateway stands before a server and answers in its place, as its plans say: a gatewayAnswer for each request.
type gateway struct {
	next   http.RoundTripper
	plan   []gatewayAnswer // for submissions
	others []gatewayAnswer // for the rest
}

// gatewayAnswer is what becomes of one try of a submission.
type gatewayAnswer struct {
	arrives bool // the server gets it, and acts on it
	reset   bool // the connection breaks instead of an answer
	status  int  // the answer that the client sees; 0: the server's own
	typ     string
	body    string
}

func (f gatewayAnswer) String() string {
	return fmt.Sprintf("{arrives %t, reset %t, status %d %s %q}", f.arrives, f.reset, f.status, f.typ, f.body)
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
	var own *http.Response
	if f.arrives {
		resp, err := g.next.RoundTrip(req.Clone(context.WithoutCancel(req.Context())))
		if err != nil {
			return nil, err
		}
		own = resp
	}
	if own != nil {
		own.Body.Close()
	}
	if f.reset || f.status == 0 {
		return nil, errors.New("connection reset by peer")
	}
	header := http.Header{}
	if f.typ != "" {
		header.Set("Content-Type", f.typ)
	}
	return &http.Response{
		StatusCode: f.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: req,
		Body: io.NopCloser(strings.NewReader(f.body)), ContentLength: int64(len(f.body)),
	}, nil
}

func randomAnswer(chance *rand.Rand) gatewayAnswer {
	statuses := []int{0, 200, 201, 202, 204, 301, 302, 304, 400, 401, 403, 404, 405, 407, 408, 413, 415, 422, 429, 499, 500, 501, 502, 503, 504, 507, 520, 524, 529, 598}
	types := []string{"", "text/plain", "text/html", "application/json"}
	bodies := []string{"", "no", htmlPage, `{"error":"no"}`, "SqlErr: canceling statement due to user request @x.rs:1:2", "Internal: no @x.rs:1:2"}
	return gatewayAnswer{
		arrives: chance.IntN(2) == 0, reset: chance.IntN(3) == 0, status: statuses[chance.IntN(len(statuses))],
		typ: types[chance.IntN(len(types))], body: bodies[chance.IntN(len(bodies))],
	}
}

// refused reports whether what a client saw is the server's own word that it has not started the job, which a gateway that says it of
// one that was started would make a lie.
func (f gatewayAnswer) refused() bool {
	return f.status == http.StatusNotFound && f.body == "" || f.status == http.StatusMethodNotAllowed && f.body == ""
}

func TestEveryJobOnTheServerIsKnownToItsCaller(t *testing.T) {
	for seed := range uint64(1000) {
		synctest.Test(t, func(t *testing.T) {
			chance := rand.New(rand.NewPCG(seed, 1))
			srv := facadetest.NewServer()
			defer srv.Close()
			srv.Script(somePath, func(ctx context.Context, _ *facadetest.Job) (any, error) {
				select {
				case <-time.After(time.Hour):
				case <-ctx.Done():
				}
				return 1, ctx.Err()
			})
			var plan []gatewayAnswer
			for range 1 + chance.IntN(14) {
				if f := randomAnswer(chance); !f.arrives || !f.refused() {
					plan = append(plan, f)
				}
			}
			gate := &gateway{next: srv.HTTPClient().Transport, plan: slices.Clone(plan)}
			for range chance.IntN(10) {
				gate.others = append(gate.others, randomAnswer(chance))
			}
			c := srv.Client(facade.WithHTTPClient(&http.Client{Transport: gate}))
			var opts []facade.RunOption
			joins := seed%7 == 0
			if seed%3 == 0 || joins {
				opts = []facade.RunOption{facade.JobID(someJob)}
			}
			if joins {
				if _, err := srv.Client().RunScriptAsync(t.Context(), somePath, nil, opts...); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			known := ""
			var err error
			if seed%2 == 0 {
				known, err = c.RunScriptAsync(ctx, somePath, nil, opts...)
			} else {
				_, err = c.RunScriptSync(ctx, somePath, nil, opts...)
				if e := (*facade.WaitError)(nil); errors.As(err, &e) {
					known = e.JobID
				}
			}
			jobs := srv.Jobs()
			if len(jobs) > 1 {
				t.Fatalf("seed %d: %d jobs were started", seed, len(jobs))
			}
			if len(jobs) == 1 && known != jobs[0].ID && !joins {
				t.Errorf("seed %d: job %s is on the server, and its caller knows %q: %v\n%v", seed, jobs[0].ID, known, err, plan)
			}
			if joins && jobs[0].Canceled {
				t.Errorf("seed %d: the job was another call's, and is canceled: %v", seed, err)
			}
			if err != nil && len(jobs) == 1 {
				checkSentence(t, seed, err.Error(), jobs[0])
			}
			if err != nil && known != "" && strings.Count(err.Error(), known) != 1 {
				t.Errorf("seed %d: the error does not name the job once: %v", seed, err)
			}
		})
	}
}

// checkSentence checks what an error says of a job.
func checkSentence(t *testing.T, seed uint64, text string, job facadetest.JobInfo) {
	t.Helper()
	if strings.Contains(text, "was canceled") && !job.Canceled {
		t.Errorf("seed %d: the job was not canceled: %s", seed, text)
	}
	if strings.Contains(text, "had completed") && job.Status != facade.JobCompleted {
		t.Errorf("seed %d: the job has not completed: %s", seed, text)
	}
}
