//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// learned is what a caller learns of a run with a JobID.
type learned struct {
	id    bool // the error has the job's id
	taken bool // the error is ErrJobIDTaken
	says  string
}

var (
	isTaken  = learned{taken: true}
	inDoubt  = learned{id: true, says: "may have been started"}
	lookedUp = learned{id: true, says: "(looking the job up: status 502"}
	isJoined = learned{id: true, says: "another call started it, or may have"}
)

// lookups are what the lookup of the id finds, and what a caller learns then.
var lookups = map[string]struct {
	look         facadetest.Fault
	there        string  // the script that has the id: by an attempt of this call, or another call
	refused      learned // where the last response is not that the id is taken
	taken        learned // where it is
	takenInDoubt learned // where it is, and an earlier response was lost
}{
	"the same script": {facadetest.Fault{}, sleepScript, isJoined, isJoined, isJoined},
	"another script":  {facadetest.Fault{}, "f/test/other", isTaken, isTaken, isTaken},
	"a job that may not be read": {
		facadetest.Respond(403, nil, notAllowed), sleepScript, inDoubt, isTaken, inDoubt},
	"a job that is not visible": {
		facadetest.Respond(404, nil, notFound), sleepScript, inDoubt, isTaken, inDoubt},
	"a gateway's refusal": {facadetest.HTML(403), sleepScript, inDoubt, inDoubt, inDoubt},
	"a broken server":     {facadetest.HTML(502), sleepScript, lookedUp, lookedUp, lookedUp},
}

// lastResponses are the responses to the last attempt of a submission.
var lastResponses = map[string]facadetest.Fault{
	"taken": {}, // the server's own response
	"403":   facadetest.HTML(403),
	"502":   facadetest.HTML(502),
	"429":   facadetest.Respond(429, nil, "slow down"),
}

func TestAJobThatMayHaveBeenStartedIsNeverForgotten(t *testing.T) {
	for lookup, test := range lookups {
		for last, response := range lastResponses {
			for _, lost := range []bool{false, true} {
				want := test.refused
				if last == "taken" && lost {
					want = test.takenInDoubt
				} else if last == "taken" {
					want = test.taken
				}
				for _, sync := range []bool{false, true} {
					name := fmt.Sprintf("the lookup finds %s, last response %s, one lost %t, sync %t",
						lookup, last, lost, sync)
					t.Run(name, func(t *testing.T) {
						inBubble(t, func(t *testing.T, srv *facadetest.Server) {
							srv.Script("f/test/other", sleepFor)
							if !lost || test.there != sleepScript {
								startOther(t, srv, test.there, time.Hour)
							}
							if lost {
								srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
							}
							srv.Inject("runScriptByPath", response)
							srv.Inject("getJob", test.look)
							want.check(t, srv, sync)
						})
					})
				}
			}
		}
	}
}

// startOther starts a job that has the id before the call does that is tried.
func startOther(t *testing.T, srv *facadetest.Server, script string, lasts time.Duration) {
	t.Helper()
	args, id := sleepArgs(lasts), facade.JobID(someJob)
	if _, err := srv.Client().RunScriptAsync(t.Context(), script, args, id); err != nil {
		t.Fatal(err)
	}
}

// check runs the script and checks what its caller learns.
func (want learned) check(t *testing.T, srv *facadetest.Server, sync bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	c, args, joined := srv.Client(facade.WithMaxRetries(2)), sleepArgs(time.Hour), want == isJoined
	var id string
	var err error
	if sync {
		_, err = c.RunScriptSync(ctx, sleepScript, args, facade.JobID(someJob))
		if wait := (*facade.WaitError)(nil); errors.As(err, &wait) {
			id = wait.JobID
		}
		if errors.Is(err, context.DeadlineExceeded) != joined {
			t.Errorf("%v; that the deadline ended it: want %t", err, joined)
		}
	} else if id, err = c.RunScriptAsync(ctx, sleepScript, args, facade.JobID(someJob)); joined {
		if err != nil || id != someJob {
			t.Errorf("%q, %v; want to join the job", id, err)
		}
		return
	}
	if err == nil || (id == someJob) != want.id || !strings.Contains(err.Error(), want.says) ||
		errors.Is(err, facade.ErrJobIDTaken) != want.taken {
		t.Errorf("id %q, %v\nwant %+v", id, err, want)
	}
	if onlyJob(t, srv).Canceled || srv.CountRequests("cancelQueuedJob") > 0 {
		t.Error("the job is canceled, which may be another call's")
	}
}
