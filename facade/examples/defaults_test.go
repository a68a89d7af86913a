//go:build go1.25

package examples_test

import (
	"net/http"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// says fails the test unless README.md matches the pattern.
func says(t *testing.T, pattern string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(read(t, "README.md")) {
		t.Errorf("README.md does not say %q", pattern)
	}
}

func TestTheDefaultNumberOfRetriesIsThatOfTheREADME(t *testing.T) {
	says(t, "`WithMaxRetries\\(n\\)` .*\\| 10 \\|")
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer()
		defer srv.Close()
		srv.Inject("backendVersion", facadetest.Respond(http.StatusBadGateway, http.Header{}, "no"))
		if _, err := srv.Client().GetVersion(t.Context()); err == nil {
			t.Fatal("no error, though every request fails")
		}
		if n := len(srv.Requests()); n != 1+10 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestTheDefaultOutageIsThatOfTheREADME(t *testing.T) {
	says(t, "`WithMaxOutage\\(d\\)` .* \\| 5 minutes \\|")
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer(facadetest.Workers(0))
		defer srv.Close()
		srv.Script("f/demo/report", nil)
		client := srv.Client()
		jobID, err := client.RunScriptAsync(t.Context(), "f/demo/report", nil)
		if err != nil {
			t.Fatal(err)
		}
		srv.Inject("", facadetest.Respond(http.StatusBadGateway, http.Header{}, "no"))
		start := time.Now()
		_, err = client.GetResult(t.Context(), jobID, windmill.WaitForCompletion())
		if took := time.Since(start); err == nil || took < 5*time.Minute || took > 6*time.Minute {
			t.Errorf("the wait ended after %v with %v", took, err)
		}
	})
}

func TestASilentServerHoldsACallForAsLongAsTheREADMESays(t *testing.T) {
	says(t, `at\s+most\s+3\s+minutes\s+and\s+15\s+seconds`)
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer()
		defer srv.Close()
		srv.Inject("", facadetest.Hang())
		start := time.Now()
		_, err := srv.Client().GetVersion(t.Context())
		took := time.Since(start)
		if err == nil || took < 2*time.Minute || took > 3*time.Minute+15*time.Second {
			t.Errorf("the call ended after %v with %v", took, err)
		}
	})
}
