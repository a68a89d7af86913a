//go:build go1.25

package facade_test

import (
	"context"
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

const (
	alreadyThere = "Bad request: Job with id %s already exists"
	duplicateKey = `SqlErr: error returned from database: duplicate key value violates unique constraint "job_pkey" @jobs.rs:6376:5`
)

// inBubble runs a test in simulated time, against a server with a script that takes as long as its argument says and returns its job's id.
func inBubble(t *testing.T, test func(t *testing.T, srv *facadetest.Server), opts ...facadetest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer(opts...)
		defer srv.Close()
		// So that a wait that should have ended does, far later than any.
		defer time.AfterFunc(3*time.Hour, srv.Close).Stop()
		srv.Script(napping, nap)
		test(t, srv)
	})
}

// onlyJob returns the one job that a server has.
func onlyJob(t *testing.T, srv *facadetest.Server) facadetest.JobInfo {
	t.Helper()
	jobs := srv.Jobs()
	if len(jobs) != 1 {
		t.Fatalf("the server has %d jobs, want 1", len(jobs))
	}
	return jobs[0]
}

const napping = "f/test/nap"

// lasting is the argument of the napping.
func lasting(d time.Duration) map[string]time.Duration { return map[string]time.Duration{"D": d} }

func nap(ctx context.Context, job *facadetest.Job) (any, error) {
	var args struct{ D time.Duration }
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	if args.D == 0 {
		return job.ID, nil // timers that are due at once make the race detector crash in a bubble, in Go 1.26
	}
	select {
	case <-time.After(args.D):
		return job.ID, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestHalfOfAnAlreadyThereIsALostAnswer(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			c := srv.Client()
			for n := range len(fmt.Sprintf(alreadyThere, someJob)) {
				lost := srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
				half := srv.Inject("runScriptByPath", facadetest.CutBody(n), facadetest.Nth(2))
				id, err := c.RunScriptAsync(t.Context(), napping, nil)
				lost()
				half()
				if job, there := srv.Job(id); err != nil || !there || job.Path != napping {
					t.Errorf("with %d bytes of the second answer: job %q, %v", n, id, err)
				}
				if jobs, posts := len(srv.Jobs()), srv.CountRequests("runScriptByPath"); jobs != n+1 || posts != 3*(n+1) {
					t.Fatalf("after %d submissions the server has %d jobs and got %d requests, want 3 for each", n+1, jobs, posts)
				}
			}
		}, facadetest.Release(release))
	}
}

func TestATakenIDIsLookedUpWhateverTheServerSaysOfIt(t *testing.T) {
	for name, words := range map[string]string{"it sees the job": "", "it does not see it yet": duplicateKey} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
				if words != "" {
					srv.Inject("runScriptByPath", facadetest.Respond(400, nil, words), facadetest.Nth(2))
					// The other request is still writing the job.
					srv.Inject("getJob", facadetest.Respond(404, nil, "Not found: Job not found at name x (jobs.rs:1688)"), facadetest.Nth(1, 2))
				}
				got, err := srv.Client().RunScriptSync(t.Context(), napping, nil)
				if err != nil {
					t.Fatal(err)
				}
				if jobs := srv.Jobs(); len(jobs) != 1 || as[string](t, got) != jobs[0].ID {
					t.Errorf("the result is that of job %s; the server has %d jobs", got, len(jobs))
				}
			})
		})
	}
}

func TestTheSameIDJoinsTheJobThatIsThere(t *testing.T) {
	for name, wait := range map[string]time.Duration{
		"while it is queued": 0, "while it runs": 5 * time.Second, "after it has completed": time.Minute,
	} {
		for _, byHash := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, by hash %t", name, byHash), func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					script := napping
					if byHash {
						script = strings.ToUpper(srv.Script("f/test/other", nap))
					}
					srv.PauseWorkers()
					time.AfterFunc(time.Second, srv.ResumeWorkers)
					if _, err := srv.Client().RunScriptAsync(t.Context(), script, lasting(10*time.Second), facade.JobID(someJob)); err != nil {
						t.Fatal(err)
					}
					time.Sleep(wait)
					id, err := srv.Client().RunScriptAsync(t.Context(), script, nil, facade.JobID(strings.ToUpper(someJob)))
					if err != nil || id != someJob {
						t.Errorf("starting it again: %q, %v", id, err)
					}
					got, err := srv.Client().RunScriptSync(t.Context(), script, nil, facade.JobID(someJob))
					if err != nil || string(got) != `"`+someJob+`"` {
						t.Errorf("running it again: %s, %v", got, err)
					}
					if n := len(srv.Jobs()); n != 1 {
						t.Errorf("the server has %d jobs, want 1", n)
					}
				})
			})
		}
	}
}

func TestManyMayRunTheSameIDAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		// The first is still being written when the others arrive.
		srv.Inject("runScriptByPath", facadetest.DelayAfter(300*time.Millisecond), facadetest.Nth(1))
		errs := make(chan error)
		for range 20 {
			go func() { errs <- waitForOne(t.Context(), srv.Client(), someJob, time.Second, true) }()
		}
		few := newFewFailures(t)
		for range 20 {
			if err := <-errs; err != nil {
				few.Errorf("%v", err)
			}
		}
		if n := len(srv.Jobs()); n != 1 {
			t.Errorf("the server has %d jobs, want 1", n)
		}
	})
}

func TestAJobThatIsJoinedTellsItsFailure(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Script("f/test/fail", func(context.Context, *facadetest.Job) (any, error) { return nil, errors.New("no luck") })
		for range 2 {
			_, err := srv.Client().RunScriptSync(t.Context(), "f/test/fail", nil, facade.JobID(someJob))
			var failed *facade.JobError
			if !errors.As(err, &failed) || failed.JobID != someJob || failed.Message != "no luck" {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestAnotherScriptsIDIsTaken(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		first := srv.Script("f/test/versions", nap)
		second := srv.Script("f/test/versions", nap)
		srv.Script("f/hidden/x", nap)
		srv.Script("f/mine/x", nap)
		mine := srv.AddToken(facadetest.Access{User: "dev", Folders: []string{"mine"}})
		for i, test := range []struct {
			name, there, asked, token string
			want                      string // what the error names beside the id
		}{
			{"another path", napping, "f/test/versions", srv.Token, napping},
			{"another version", first, second, srv.Token, first},
			{"another path, by hash", napping, first, srv.Token, napping},
			{"a job that the token may not see", "f/hidden/x", "f/mine/x", mine, ""},
		} {
			id := fmt.Sprintf("01890a5d-ac96-774b-bcce-%012d", i)
			if _, err := srv.Client().RunScriptAsync(t.Context(), test.there, nil, facade.JobID(id)); err != nil {
				t.Fatal(err)
			}
			client, err := facade.NewClient(srv.URL, test.token, facade.WithWorkspace(srv.Workspace), facade.WithHTTPClient(srv.HTTPClient()))
			if err != nil {
				t.Fatal(err)
			}
			for how, run := range bothRuns(client, test.asked, id) {
				err := run(t.Context())
				if !errors.Is(err, facade.ErrJobIDTaken) || !strings.Contains(err.Error(), id) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s, %s: %v; want ErrJobIDTaken with %s and %q", test.name, how, err, id, test.want)
				}
			}
			if job, _ := srv.Job(id); job.Canceled {
				t.Errorf("%s: the other script's job has been canceled", test.name)
			}
		}
	})
}

func TestAnIDOfAnotherWorkspaceIsTaken(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("runScriptByPath", facadetest.Respond(400, http.Header{"Content-Type": {"text/plain"}}, fmt.Sprintf(alreadyThere, someJob)))
		for how, run := range bothRuns(srv.Client(), napping, someJob) {
			if err := run(t.Context()); !errors.Is(err, facade.ErrJobIDTaken) || !strings.Contains(err.Error(), someJob) {
				t.Errorf("%s: %v", how, err)
			}
		}
		srv.Inject("getJob", facadetest.Respond(403, nil, "no"))
		for how, run := range bothRuns(srv.Client(), napping, someJob) {
			if err := run(t.Context()); errors.Is(err, facade.ErrJobIDTaken) || !strings.Contains(err.Error(), someJob) {
				t.Errorf("%s, where a gateway keeps the job: %v", how, err)
			}
		}
		if n := srv.CountRequests("cancelQueuedJob"); n != 0 {
			t.Errorf("%d requests to cancel somebody else's job", n)
		}
	})
}

// bothRuns starts a script under an id in both ways.
func bothRuns(c *facade.Client, script, id string) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"RunScriptAsync": func(ctx context.Context) error {
			_, err := c.RunScriptAsync(ctx, script, nil, facade.JobID(id))
			return err
		},
		"RunScriptSync": func(ctx context.Context) error {
			_, err := c.RunScriptSync(ctx, script, nil, facade.JobID(id))
			return err
		},
	}
}

func TestAnAnswerWithAnotherIDIsReportedAndNotRepeated(t *testing.T) {
	const other = "01890a5d-0000-0000-0000-000000000001"
	for how := range bothRuns(nil, "", "") {
		t.Run(how, func(t *testing.T) {
			client, srv := newFake(t, func(w http.ResponseWriter, r *http.Request) { reply(w, 201, "text/plain; charset=utf-8", other) })
			err := bothRuns(client, somePath, someJob)[how](t.Context())
			if err == nil || !strings.Contains(err.Error(), other) || !strings.Contains(err.Error(), someJob) {
				t.Errorf("got %v, want an error that names both ids", err)
			}
			n := 0
			for _, r := range srv.requests() {
				if r == "POST jobs/run/p/"+somePath {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%d submissions, want 1", n)
			}
		})
	}
}

func TestAScheduledJobThatRunsIsFollowedByACallThatJoinsIt(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		c, start := srv.Client(), time.Now()
		run := func(ctx context.Context) error {
			_, err := c.RunScriptSync(ctx, napping, lasting(10*time.Minute), facade.JobID(someJob), facade.ScheduledIn(time.Hour), facade.KeepRunning())
			return err
		}
		before, cancel := context.WithTimeout(t.Context(), time.Hour+15*time.Second)
		defer cancel()
		if err := run(before); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the call that started it: %v", err)
		}
		if err := run(t.Context()); err != nil {
			t.Error(err)
		}
		if late := time.Since(start) - time.Hour - 10*time.Minute; late > time.Second {
			t.Errorf("%v late", late)
		}
	})
}
