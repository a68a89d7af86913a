//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestASubmissionWhoseResponsesAreLostFindsItsJob(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			c := srv.Client()
			srv.Inject("getJob", facadetest.HTML(502)) // no lookup is needed
			for n := range len(fmt.Sprintf(alreadyThere, someJob)) {
				lost := srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
				half := srv.Inject("runScriptByPath", facadetest.CutBody(n), facadetest.Nth(2))
				id, err := c.RunScriptAsync(t.Context(), sleepScript, nil)
				lost()
				half()
				if job, there := srv.Job(id); err != nil || !there || job.Path != sleepScript {
					t.Errorf("with %d bytes of the second response: job %q, %v", n, id, err)
				}
				jobs, posts := len(srv.Jobs()), srv.CountRequests("runScriptByPath")
				if jobs != n+1 || posts != 3*(n+1) {
					t.Fatalf("after %d submissions the server has %d jobs and got %d requests, "+
						"want 3 for each", n+1, jobs, posts)
				}
			}
		}, facadetest.Release(release))
	}
}

func TestASubmissionThatIsRepeatedWhileItsJobIsBeingInsertedFindsIt(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		srv.Inject("runScriptByPath", facadetest.DelayCommit(600*time.Millisecond), facadetest.Nth(1))
		through, first := srv.HTTPClient().Transport, true
		// The first connection breaks while the server inserts the job.
		hc := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if !first || r.Method != http.MethodPost {
				return through.RoundTrip(r)
			}
			first = false
			ctx, stop := context.WithTimeout(r.Context(), 100*time.Millisecond)
			defer stop()
			return through.RoundTrip(r.WithContext(ctx))
		})}
		got, err := srv.Client(facade.WithHTTPClient(hc)).RunScriptSync(t.Context(), sleepScript, nil)
		if err != nil {
			t.Fatal(err)
		}
		if job := onlyJob(t, srv); as[string](t, got) != job.ID {
			t.Errorf("the result is that of job %s, want %s", got, job.ID)
		}
	})
}

func TestTheSameIDJoinsTheJobThatIsThere(t *testing.T) {
	for name, wait := range map[string]time.Duration{
		"while it is queued": 0, "while it runs": 5 * time.Second,
		"after it has completed": time.Minute,
	} {
		for _, byHash := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, by hash %t", name, byHash), func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					script := sleepScript
					if byHash {
						script = strings.ToUpper(srv.Script("f/test/other", sleepFor))
					}
					srv.PauseWorkers()
					time.AfterFunc(time.Second, srv.ResumeWorkers)
					joinTwice(t, srv, script, wait)
				})
			})
		}
	}
}

// joinTwice starts a job, and after a while joins it in both ways.
func joinTwice(t *testing.T, srv *facadetest.Server, script string, after time.Duration) {
	t.Helper()
	args, id := sleepArgs(10*time.Second), facade.JobID(someJob)
	if _, err := srv.Client().RunScriptAsync(t.Context(), script, args, id); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	srv.Inject("getJob", facadetest.HTML(502), facadetest.Nth(1, 2))
	upper := facade.JobID(strings.ToUpper(someJob))
	joined, err := srv.Client().RunScriptAsync(t.Context(), script, nil, upper)
	if err != nil || joined != someJob {
		t.Errorf("starting it again: %q, %v", joined, err)
	}
	got, err := srv.Client().RunScriptSync(t.Context(), script, nil, id)
	if err != nil || string(got) != `"`+someJob+`"` {
		t.Errorf("running it again: %s, %v", got, err)
	}
	onlyJob(t, srv)
}

func TestManyMayRunTheSameIDAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		// The id is taken, and the job is not visible yet, when the others arrive.
		srv.Inject("runScriptByPath", facadetest.DelayCommit(300*time.Millisecond), facadetest.Nth(1))
		var all sync.WaitGroup
		few := newFewFailures(t)
		for i := range 20 {
			all.Go(func() {
				err := waitForOne(t.Context(), srv.Client(), someJob, time.Second, i%2 == 0)
				if err != nil {
					few.Errorf("call %d: %v", i, err)
				}
			})
		}
		all.Wait()
		onlyJob(t, srv)
	})
}

func TestAProgramThatCrashedAndStartsAgainGetsTheSameJobsResult(t *testing.T) {
	for name, test := range map[string]struct {
		fault   facadetest.Fault // of the first submission
		crash   time.Duration    // when the program crashes
		restart time.Duration    // after that
	}{
		"before its submission arrives":   {facadetest.DelayBefore(time.Minute), time.Second, 0},
		"while the job is being inserted": {facadetest.DelayCommit(2 * time.Second), time.Second, 0},
		"before the response":             {facadetest.DelayAfter(time.Minute), time.Second, 0},
		"while the job runs":              {facadetest.Fault{}, 5 * time.Second, 0},
		"while it is down, the job ends":  {facadetest.Fault{}, 5 * time.Second, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				srv.Inject("runScriptByPath", test.fault, facadetest.Nth(1))
				start, through := time.Now(), srv.HTTPClient().Transport
				crashing := roundTrip(func(r *http.Request) (*http.Response, error) {
					if time.Since(start) >= test.crash {
						return nil, errors.New("the program is not there any more")
					}
					return through.RoundTrip(r)
				})
				c := srv.Client(facade.WithHTTPClient(&http.Client{Transport: crashing}))
				ctx, stop := context.WithTimeout(t.Context(), test.crash)
				defer stop()
				args, id := sleepArgs(10*time.Second), facade.JobID(someJob)
				go func() { _, _ = c.RunScriptSync(ctx, sleepScript, args, id) }()
				time.Sleep(test.crash + test.restart)
				err := waitForOne(t.Context(), srv.Client(), someJob, 10*time.Second, true)
				if err != nil {
					t.Error(err)
				}
				if job := onlyJob(t, srv); job.Attempts != 1 {
					t.Errorf("the script has run %d times", job.Attempts)
				}
				time.Sleep(10 * time.Second) // the first program's call
			})
		})
	}
}
