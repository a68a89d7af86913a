//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// told is what a caller learns of a run with a JobID.
type told struct {
	id    bool // the job's id comes back
	taken bool // the error is ErrJobIDTaken
	says  string
}

var (
	idTaken      = told{taken: true}
	mayBeStarted = told{id: true, says: "may have been started"}
	isJoined     = told{id: true, says: "this call did not start it"}
	mayBeJoined  = told{id: true, says: "another call may have started it"}
)

// lastAnswers are what the last try of a submission is told.
var lastAnswers = map[string]facadetest.Fault{
	"taken": {}, // the server's own answer
	"403":   facadetest.HTML(403), "502": facadetest.HTML(502), "429": facadetest.Respond(429, nil, "slow down"),
}

func TestWhatIsToldOfAJobIDOnceAnAnswerWasLostOrAnotherCallCameBefore(t *testing.T) {
	for lookup, test := range map[string]struct {
		look        facadetest.Fault
		there       string // the script that has the id, or this call's own earlier try
		told        told   // when the last answer is not that the id is taken
		taken       told   // when it is
		takenDoubts told   // when it is, and an earlier answer was lost
	}{
		"the same script":      {facadetest.Fault{}, napping, mayBeJoined, isJoined, mayBeJoined},
		"another script":       {facadetest.Fault{}, "f/test/other", idTaken, idTaken, idTaken},
		"it may not be read":   {facadetest.Respond(403, nil, notAllowed), napping, mayBeStarted, idTaken, mayBeStarted},
		"it is not visible":    {facadetest.Respond(404, nil, notFound), napping, mayBeStarted, idTaken, mayBeStarted},
		"a gateway keeps it":   {facadetest.HTML(403), napping, mayBeStarted, mayBeStarted, mayBeStarted},
		"the lookup is broken": {facadetest.HTML(502), napping, mayBeStarted, mayBeStarted, mayBeStarted},
	} {
		for last, answer := range lastAnswers {
			for _, lost := range []bool{false, true} {
				want := test.told
				if last == "taken" && lost {
					want = test.takenDoubts
				} else if last == "taken" {
					want = test.taken
				}
				for _, sync := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s, last answer %s, one lost %t, sync %t", lookup, last, lost, sync), func(t *testing.T) {
						inBubble(t, func(t *testing.T, srv *facadetest.Server) {
							srv.Script("f/test/other", nap)
							c := srv.Client(facade.WithMaxRetries(2))
							if !lost || test.there != napping {
								if _, err := c.RunScriptAsync(t.Context(), test.there, lasting(time.Hour), facade.JobID(someJob)); err != nil {
									t.Fatal(err)
								}
							}
							if lost {
								srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
							}
							srv.Inject("runScriptByPath", answer)
							srv.Inject("getJob", test.look)
							want.check(t, srv, c, sync)
						})
					})
				}
			}
		}
	}
}

// check runs the script and checks what the call tells.
func (want told) check(t *testing.T, srv *facadetest.Server, c *facade.Client, sync bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	var id string
	var err error
	joined := want == isJoined || want == mayBeJoined
	if sync {
		_, err = c.RunScriptSync(ctx, napping, lasting(time.Hour), facade.JobID(someJob))
		var wait *facade.WaitError
		if errors.As(err, &wait) {
			id = wait.JobID
		}
		if errors.Is(err, context.DeadlineExceeded) != joined {
			t.Errorf("%v; that the deadline ended it: want %t", err, joined)
		}
	} else if id, err = c.RunScriptAsync(ctx, napping, lasting(time.Hour), facade.JobID(someJob)); joined {
		if err != nil || id != someJob {
			t.Errorf("%q, %v; want to join the job", id, err)
		}
		return
	}
	if err == nil || (id == someJob) != want.id || errors.Is(err, facade.ErrJobIDTaken) != want.taken ||
		!strings.Contains(err.Error(), want.says) || strings.Count(err.Error(), someJob) != 1 {
		t.Errorf("id %q, %v\nwant %+v, with the id in the error once", id, err, want)
	}
	if job := onlyJob(t, srv); job.Canceled || srv.CountRequests("cancelQueuedJob") > 0 {
		t.Error("the job is canceled, which may be another call's")
	}
}

func TestATakenIDsErrorNamesWhatItsJobRuns(t *testing.T) {
	for record, says := range map[string]string{
		`{"type":"QueuedJob","script_path":"f/a/b","script_hash":"00000000deadbeef"}`: "is a run of f/a/b (version 00000000deadbeef)",
		`{"type":"QueuedJob","script_path":"hub/7/slack/send","script_hash":null}`:    "is a run of hub/7/slack/send",
		`{"type":"QueuedJob","script_path":null,"script_hash":null}`:                  "is a run of something without a path",
	} {
		c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				reply(w, 400, "text/plain", fmt.Sprintf(alreadyThere, someJob))
				return
			}
			reply(w, 200, "application/json", record)
		})
		_, err := c.RunScriptAsync(t.Context(), somePath, nil, facade.JobID(someJob))
		if !errors.Is(err, facade.ErrJobIDTaken) || !strings.HasSuffix(err.Error(), says) {
			t.Errorf("%s: %v; want it to say %q", record, err, says)
		}
	}
}
