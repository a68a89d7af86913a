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
