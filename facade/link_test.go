package facade_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// link is a way to a server over a socket of its own, which can break.
type link struct {
	t     *testing.T
	addr  string
	to    *url.URL
	proxy *http.Server // nil while the link is down
}

func newLink(t *testing.T, to string) *link {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	l := &link{t: t, addr: "localhost:0", to: u}
	l.Up()
	t.Cleanup(l.Down)
	return l
}

// Up lets connections through again, at the same address.
func (l *link) Up() {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", l.addr)
	if err != nil {
		l.t.Error(err)
		return
	}
	l.addr = listener.Addr().String()
	handler := httputil.NewSingleHostReverseProxy(l.to)
	handler.Transport = &http.Transport{DisableKeepAlives: true}
	handler.ErrorLog = log.New(io.Discard, "", 0) // of requests that break with the link
	l.proxy = &http.Server{Handler: handler}
	go func(proxy *http.Server) { _ = proxy.Serve(listener) }(l.proxy)
}

// Down breaks all connections.
func (l *link) Down() { _ = l.proxy.Close() }

// clientOver makes a client of a server over a link.
func clientOver(t *testing.T, l *link, srv *facadetest.Server) *facade.Client {
	t.Helper()
	c, err := facade.NewClient("http://"+l.addr, srv.Token, facade.WithWorkspace(srv.Workspace))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}
