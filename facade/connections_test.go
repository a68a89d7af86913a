package facade_test

import (
	"net/http/httptest"
	"runtime"
	"testing"

	"example.com/windmill/facade"
)

func TestAClientForEachCallLeavesNoConnectionsBehind(t *testing.T) {
	srv := httptest.NewServer(answering(200, "text/plain", "CE v1"))
	defer srv.Close()
	before := runtime.NumGoroutine()
	var last *facade.Client
	for range 50 {
		c, err := facade.NewClient(srv.URL, "t")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.GetVersion(t.Context()); err != nil {
			t.Fatal(err)
		}
		last = c
	}
	if n := runtime.NumGoroutine() - before; n > 10 {
		t.Errorf("%d goroutines more after 50 clients", n)
	}
	last.CloseIdleConnections()
}
