//go:build go1.25

package facade_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// refusals are the API's own refusals, and the error that each of them is.
var refusals = map[string]struct {
	fault facadetest.Fault
	want  error
}{
	"401": {facadetest.Respond(401, nil, badToken), facade.ErrUnauthorized},
	"400, not logged in": {
		facadetest.Respond(400, nil, notLoggedIn), facade.ErrUnauthorized},
	"403": {facadetest.Respond(403, nil, notAllowed), facade.ErrForbidden},
	"404": {facadetest.Respond(404, nil, notFound), facade.ErrNotFound},
}

func TestAWaitEndsWhenTheAPIRefusesTwice(t *testing.T) {
	for name, test := range refusals {
		for _, waits := range []int{1, 20} {
			t.Run(fmt.Sprintf("%s, %d waits", name, waits), func(t *testing.T) {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					start := time.Now()
					looks := map[string]int{}
					late := facadetest.If(func(r *http.Request) bool {
						if time.Since(start) < 10*time.Second {
							return false
						}
						looks[r.URL.Path]++
						return true
					})
					srv.Inject("getCompletedJobResultMaybe", test.fault, late)
					few := newFewFailures(t)
					hour := func(int) time.Duration { return time.Hour }
					for i, w := range waitForMany(t.Context(), srv.Client(), waits, hour) {
						var wait *facade.WaitError
						if !errors.As(w.err, &wait) || !errors.Is(w.err, test.want) || wait.JobID != w.id {
							few.Errorf("wait %d: %v, want a WaitError of %v", i, w.err, test.want)
						}
						if w.took < 10*time.Second || w.took > 45*time.Second {
							few.Errorf("wait %d ended after %v", i, w.took)
						}
					}
					for path, n := range looks {
						if n != 2 {
							few.Errorf("%s: %d looks from the first refusal on, want 2", path, n)
						}
					}
				}, facadetest.Workers(waits))
			})
		}
	}
}

func TestAWaitForAJobThatDoesNotExistEndsAtOnce(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		inBubble(t, func(t *testing.T, srv *facadetest.Server) {
			start := time.Now()
			_, err := srv.Client().GetResult(t.Context(), someJob, facade.WaitForCompletion())
			var wait *facade.WaitError
			if took := time.Since(start); !errors.Is(err, facade.ErrNotFound) ||
				!errors.As(err, &wait) || took > 2*time.Second {
				t.Errorf("%v after %v", err, took)
			}
		}, facadetest.Release(release))
	}
}

func TestAJobThatIsDeletedEndsItsOwnWaitOnly(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		time.AfterFunc(10*time.Second, func() {
			for _, i := range []int{3, 4} { // one that is only waited for, and one that is run, too
				if err := srv.Forget(fmt.Sprintf("01890a5d-ac96-774b-bcce-%012d", i)); err != nil {
					t.Error(err)
				}
			}
		})
		few := newFewFailures(t)
		twoMinutes := func(int) time.Duration { return 2 * time.Minute }
		for i, w := range waitForMany(t.Context(), srv.Client(), 20, twoMinutes) {
			deleted := i == 3 || i == 4
			switch {
			case !deleted && w.err != nil:
				few.Errorf("wait %d: %v", i, w.err)
			case deleted && (!errors.Is(w.err, facade.ErrNotFound) || w.took > time.Minute):
				few.Errorf("wait %d: %v after %v, want ErrNotFound", i, w.err, w.took)
			}
		}
		if n := srv.CountRequests("cancelQueuedJob"); n != 0 {
			t.Errorf("%d requests to cancel a job that is not there", n)
		}
	}, facadetest.Workers(20))
}
