//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const (
	badToken    = "Not authorized: Unauthorized"
	notLoggedIn = "Bad request: As a non logged in user, you can only see jobs ran by anonymous users"
	notAllowed  = "Permission denied: You do not have access to run x"
	notFound    = "Not found: Job not found at name x (jobs.rs:1688)"
)

func TestAWaitEndsWhenTheServerSaysASecondTimeThatItIsInVain(t *testing.T) {
	for name, test := range map[string]struct {
		fault facadetest.Fault
		want  error
	}{
		"401":                          {facadetest.Respond(401, nil, badToken), facade.ErrUnauthorized},
		"400 that means not logged in": {facadetest.Respond(400, nil, notLoggedIn), facade.ErrUnauthorized},
		"403":                          {facadetest.Respond(403, nil, notAllowed), facade.ErrForbidden},
		"404":                          {facadetest.Respond(404, nil, notFound), facade.ErrNotFound},
	} {
		for _, waits := range []int{1, 20} {
			t.Run(fmt.Sprintf("%s, %d waits", name, waits), func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					start := time.Now()
					looks := map[string]int{}
					srv.Inject("getCompletedJobResultMaybe", test.fault, facadetest.If(func(r *http.Request) bool {
						if time.Since(start) < 10*time.Second {
							return false
						}
						looks[r.URL.Path]++
						return true
					}))
					few := newFewFailures(t)
					for i, w := range waitForMany(t.Context(), srv.Client(), waits, func(int) time.Duration { return time.Hour }) {
						var wait *facade.WaitError
						if !errors.As(w.err, &wait) || !errors.Is(w.err, test.want) || wait.JobID != w.id {
							few.Errorf("wait %d: %v, want a WaitError of %v", i, w.err, test.want)
						}
						if w.took < 10*time.Second || w.took > 25*time.Second {
							few.Errorf("wait %d ended after %v", i, w.took)
						}
					}
					for path, n := range looks {
						if n != 2 {
							few.Errorf("%s: %d looks after the first bad one, want 2 in all", path, n)
						}
					}
				}, facadetest.Workers(waits))
			})
		}
	}
}

func TestAVanishedJobEndsItsWaitAndNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		time.AfterFunc(10*time.Second, func() {
			if err := srv.Forget("01890a5d-ac96-774b-bcce-000000000003"); err != nil {
				t.Error(err)
			}
		})
		few := newFewFailures(t)
		for i, w := range waitForMany(t.Context(), srv.Client(), 20, func(int) time.Duration { return 2 * time.Minute }) {
			switch {
			case i != 3 && w.err != nil:
				few.Errorf("wait %d: %v", i, w.err)
			case i == 3 && (!errors.Is(w.err, facade.ErrNotFound) || w.took > time.Minute):
				few.Errorf("wait 3: %v after %v, want ErrNotFound", w.err, w.took)
			}
		}
	}, facadetest.Workers(20))
}

func TestAWaitForAJobThatIsNotThereEndsAtOnce(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			start := time.Now()
			_, err := srv.Client().GetResult(t.Context(), someJob, facade.WaitForCompletion())
			var wait *facade.WaitError
			if took := time.Since(start); !errors.Is(err, facade.ErrNotFound) || !errors.As(err, &wait) || took > 2*time.Second {
				t.Errorf("%v after %v", err, took)
			}
		}, facadetest.Release(release))
	}
}

func TestOneBadVerdictInTheMiddleOfAWaitIsNotBelieved(t *testing.T) {
	for name, fault := range map[string]facadetest.Fault{
		"401":                          facadetest.Respond(401, nil, badToken),
		"400 that means not logged in": facadetest.Respond(400, nil, notLoggedIn),
		"403":                          facadetest.Respond(403, nil, notAllowed),
		"404":                          facadetest.Respond(404, nil, notFound),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				// Far apart, and so never twice in a row.
				srv.Inject("getCompletedJobResultMaybe", fault, facadetest.Nth(1, 4, 8, 12, 16, 20))
				if err := waitForOne(t.Context(), srv.Client(), someJob, 30*time.Second, true); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestVerdictsThatContradictEachOtherDoNotKeepAWaitForEver(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		n := 0
		srv.InjectFunc("getCompletedJobResultMaybe", func(*http.Request) facadetest.Fault {
			if n++; n%2 == 0 {
				return facadetest.Respond(401, nil, badToken)
			}
			return facadetest.Respond(403, nil, notAllowed)
		})
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		start := time.Now()
		_, err := srv.Client(facade.WithMaxOutage(time.Minute)).RunScriptSync(ctx, napping, lasting(2*time.Hour))
		var wait *facade.WaitError
		if took := time.Since(start); !errors.As(err, &wait) || took > 3*time.Minute {
			t.Errorf("%v after %v and %d looks", err, took, n)
		}
	})
}

func TestTheTokensEndEndsAllItsWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		time.AfterFunc(10*time.Second, func() { srv.RevokeToken(srv.Token) })
		few := newFewFailures(t)
		for i, w := range waitForMany(t.Context(), srv.Client(), 20, func(int) time.Duration { return time.Hour }) {
			if !errors.Is(w.err, facade.ErrUnauthorized) || w.took > time.Minute {
				few.Errorf("wait %d: %v after %v", i, w.err, w.took)
			}
		}
	}, facadetest.Workers(20))
}
