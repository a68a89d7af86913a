//go:build go1.25

package facade_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// endAt is when the jobs below end, and askAt when a caller asks who does not wait.
const endAt, askAt = 10 * time.Second, 11 * time.Second

// jobEnd is how a job ends after ten seconds, and whether what a caller got of it is the truth.
type jobEnd struct {
	run      func(context.Context) (any, error)
	truth    func(raw json.RawMessage, err error) bool
	canceled bool
}

var jobEnds = map[string]jobEnd{
	"skipped": {
		run: func(context.Context) (any, error) { return "left out", facadetest.ErrSkipped },
		truth: func(raw json.RawMessage, err error) bool {
			return err == nil && string(raw) == `"left out"`
		}},
	"failed": {
		run: func(context.Context) (any, error) { return nil, errors.New("no luck") },
		truth: func(_ json.RawMessage, err error) bool {
			failed := (*facade.JobError)(nil)
			return errors.As(err, &failed) && failed.Message == "no luck" && !failed.Canceled
		}},
	"canceled by another": {
		run: func(ctx context.Context) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		truth: func(_ json.RawMessage, err error) bool {
			failed := (*facade.JobError)(nil)
			return errors.As(err, &failed) && failed.Canceled
		},
		canceled: true},
}

// recordTrouble is what befalls the record of a job that has completed, and what a caller learns.
// No error but the job's own end is wanted where now or waiting is nil.
type recordTrouble struct {
	fault   facadetest.Fault
	lasts   time.Duration // from the job's end on; 0 is one request
	opts    []facade.ClientOption
	ctx     time.Duration // when the caller's context ends; 0 is never
	now     func(error) bool
	waiting func(error) bool
}

func isStatus(status int) func(error) bool {
	return func(err error) bool {
		refused := (*facade.APIError)(nil)
		return errors.As(err, &refused) && refused.StatusCode == status
	}
}

func isError(want error) func(error) bool {
	return func(err error) bool { return errors.Is(err, want) }
}

// namesJob is of an error that has no other mark: it has no end of the job in it.
func namesJob(err error) bool { return err != nil && strings.Contains(err.Error(), someJob) }

var inJSON = http.Header{"Content-Type": {"application/json"}}

const runningRecord = `{"type":"QueuedJob","id":"` + someJob + `","running":true}`

var recordTroubles = map[string]recordTrouble{
	"one 502, without retries": {fault: facadetest.HTML(502),
		opts: []facade.ClientOption{facade.WithMaxRetries(0)}, now: isStatus(502)},
	"half a minute of 502": {
		fault: facadetest.HTML(502), lasts: 30 * time.Second, now: isStatus(502)},
	"half a minute of what is no job": {
		fault: facadetest.Respond(200, inJSON, "{}"), lasts: 30 * time.Second,
		now: isStatus(200)},
	"half a minute of a job that runs": {
		fault: facadetest.Respond(200, inJSON, runningRecord), lasts: 30 * time.Second,
		now: namesJob},
	"one 404": {fault: facadetest.Respond(404, nil, notFound), now: isError(facade.ErrNotFound)},
	"404": {fault: facadetest.Respond(404, nil, notFound), lasts: time.Hour,
		now: isError(facade.ErrNotFound), waiting: isError(facade.ErrNotFound)},
	"the caller's context ends": {fault: facadetest.Hang(), lasts: time.Hour, ctx: 12 * time.Second,
		now: isError(context.DeadlineExceeded), waiting: isError(context.DeadlineExceeded)},
	"an outage longer than a wait tolerates": {
		fault: facadetest.HTML(502), lasts: time.Hour,
		now: isStatus(502), waiting: isStatus(502)},
}

func TestTheEndOfAJobIsNotGuessedWhenItsRecordCannotBeRead(t *testing.T) {
	for endName, end := range jobEnds {
		for troubleName, trouble := range recordTroubles {
			for _, method := range []string{"GetResult", "GetResult that waits", "RunScriptSync"} {
				t.Run(fmt.Sprintf("%s, %s, %s", endName, troubleName, method), func(t *testing.T) {
					inBubble(t, func(t *testing.T, srv *facadetest.Server) {
						raw, err := trouble.ask(t, srv, end, method)
						want := trouble.waiting
						if method == "GetResult" {
							want = trouble.now
						}
						failed := errors.As(err, new(*facade.JobError))
						switch {
						case want == nil && !end.truth(raw, err):
							t.Errorf("got %s, %v; want the job's end", raw, err)
						case want != nil && (err == nil || failed || !want(err)):
							t.Errorf("got %s, %v; want another error", raw, err)
						case want != nil && errors.Is(err, facade.ErrNotCompleted):
							t.Errorf("got %v, of a job that has completed", err)
						}
					})
				})
			}
		}
	}
}

// ask runs a job that ends so, and asks for its result by a method.
func (tr recordTrouble) ask(
	t *testing.T, srv *facadetest.Server, end jobEnd, method string,
) (json.RawMessage, error) {
	t.Helper()
	start, script, c := time.Now(), "f/test/end", srv.Client(tr.opts...)
	srv.Script(script, func(ctx context.Context, _ *facadetest.Job) (any, error) {
		time.Sleep(endAt)
		return end.run(ctx)
	})
	if end.canceled {
		time.AfterFunc(endAt, func() { cancelByAnother(t, srv) })
	}
	n := 0
	srv.Inject("getJob", tr.fault, facadetest.If(func(*http.Request) bool {
		if time.Since(start) < endAt {
			return false
		}
		n++
		return n == 1 || time.Since(start) < endAt+tr.lasts
	}))
	ctx, stop := context.WithTimeout(t.Context(), cmp.Or(tr.ctx, 2*time.Hour))
	defer stop()
	id := facade.JobID(someJob)
	if method == "RunScriptSync" {
		return c.RunScriptSync(ctx, script, nil, id)
	}
	if _, err := c.RunScriptAsync(ctx, script, nil, id); err != nil {
		t.Fatal(err)
	}
	if method == "GetResult that waits" {
		return c.GetResult(ctx, someJob, facade.WaitForCompletion())
	}
	time.Sleep(askAt)
	return c.GetResult(ctx, someJob)
}

// cancelByAnother cancels the job as another program does.
func cancelByAnother(t *testing.T, srv *facadetest.Server) {
	t.Helper()
	url := srv.URL + "/api/w/" + srv.Workspace + "/jobs_u/queue/cancel/" + someJob
	body := strings.NewReader(`{"reason":"of another"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, body)
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	resp.Body.Close()
}

// withoutResult responds as two halves of a server do that do not agree: the job has completed, and
// there is no result.
func withoutResult(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/get_result_maybe/") {
		reply(w, 200, "application/json",
			`{"started":false,"success":null,"completed":false,"result":null}`)
		return
	}
	okHandler("1")(w, r)
}

func TestAJobWhoseRecordAndResultContradictEachOtherIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, srv := newFake(t, withoutResult, facade.WithMaxOutage(time.Minute))
		start := time.Now()
		result, err := c.GetResult(t.Context(), someJob)
		if took := time.Since(start); !namesJob(err) || took > time.Minute {
			t.Errorf("got %s, %v after %v", result, err, took)
		}
		if n := len(srv.requests()); n > 30 {
			t.Errorf("%d requests", n)
		}
		start = time.Now()
		result, err = c.GetResult(within(t, time.Hour), someJob, facade.WaitForCompletion())
		var wait *facade.WaitError
		if took := time.Since(start); !errors.As(err, &wait) || took > 2*time.Minute {
			t.Errorf("a wait: got %s, %v after %v", result, err, took)
		}
	})
}
