package facade_test

import (
	"net/http/httptest"
	"runtime"
	"testing"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// clientOver returns a client that reaches a server over a link, by the facade's own transport.
func clientOver(t *testing.T, l *link, srv *facadetest.Server) *facade.Client {
	t.Helper()
	c, err := facade.NewClient(l.URL, srv.Token, facade.WithWorkspace(srv.Workspace))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

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
