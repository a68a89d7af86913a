//go:build go1.25

package facadetest_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

func TestServerInABubbleIsReachedByItsOwnClientsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		if !strings.HasSuffix(srv.URL, ".invalid") {
			t.Errorf("the URL %s may exist", srv.URL)
		}
		resp, err := srv.HTTPClient().Get(srv.URL + "/api/version")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s", resp.Status)
		}
		srv.Close()
		if _, err := srv.HTTPClient().Get(srv.URL + "/api/version"); err == nil ||
			!strings.Contains(err.Error(), "closed") {
			t.Errorf("after Close: %v", err)
		}
	})
}
