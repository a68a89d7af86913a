//go:build go1.25

package transport

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is an HTTP/2 server without sockets, so that its connections can die in simulated time.
type pipes struct {
	*httptest.Server
	listener *pipeListener

	mu    sync.Mutex
	conns []*pipe
}

func newPipes(handler http.Handler) *pipes {
	l := &pipeListener{accepting: make(chan net.Conn), closed: make(chan struct{})}
	srv := &httptest.Server{Listener: l, EnableHTTP2: true, Config: &http.Server{Handler: handler}}
	srv.StartTLS()
	return &pipes{Server: srv, listener: l}
}

type pipeListener struct {
	accepting chan net.Conn
	closed    chan struct{}
	once      sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accepting:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv6loopback, Port: 443} }

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// transport returns one of HTTP/2 that trusts the server and dials it.
func (p *pipes) transport(pings *http.HTTP2Config) *http.Transport {
	roots := p.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	config := &tls.Config{RootCAs: roots, ServerName: "example.com", NextProtos: []string{"h2"}}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, server := net.Pipe()
		p.listener.accepting <- server
		conn := &pipe{Conn: client}
		p.mu.Lock()
		p.conns = append(p.conns, conn)
		p.mu.Unlock()
		secure := tls.Client(conn, config)
		return secure, secure.HandshakeContext(ctx)
	}
	return &http.Transport{HTTP2: pings, ForceAttemptHTTP2: true, DialTLSContext: dial}
}

// die makes all present connections swallow what is written to them and say nothing. New ones work.
// It returns how many died.
func (p *pipes) die() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.dead.Store(true)
	}
	return len(p.conns)
}

// pipe is a connection that can die without a word.
type pipe struct {
	net.Conn
	dead atomic.Bool
}

func (p *pipe) Read(b []byte) (int, error) {
	for {
		n, err := p.Conn.Read(b)
		if err != nil || !p.dead.Load() {
			return n, err
		}
	}
}

func (p *pipe) Write(b []byte) (int, error) {
	if p.dead.Load() {
		return len(b), nil
	}
	return p.Conn.Write(b)
}

func TestDeadHTTP2ConnectionsAreNotUsedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		transport func(*pipes) http.RoundTripper
		callers   int
		within    time.Duration
	}{
		"of the default transport": {
			func(srv *pipes) http.RoundTripper { return tuned(srv.transport(nil)) }, 20, 30 * time.Second,
		},
		"of a transport without pings, by the only request": {
			func(srv *pipes) http.RoundTripper { return srv.transport(nil) }, 1, 80 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newPipes(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.ProtoMajor != 2 {
						t.Errorf("a request by %s", r.Proto)
					}
				}))
				defer srv.Close()
				transport := newTransport(t, "https://windmill.test", test.transport(srv))
				defer transport.Client().CloseIdleConnections()
				if err := get(t, transport, "/version"); err != nil {
					t.Fatal(err)
				}
				if n := srv.die(); n != 1 {
					t.Fatalf("%d connections", n)
				}
				start := time.Now()
				var wg sync.WaitGroup
				for i := range test.callers {
					wg.Add(1)
					go func() {
						defer wg.Done()
						time.Sleep(time.Duration(i) * time.Second / 2)
						if err := get(t, transport, "/version"); err != nil {
							t.Error(err)
						}
					}()
				}
				wg.Wait()
				if took := time.Since(start); took > test.within {
					t.Errorf("it took %v, want %v at most", took, test.within)
				}
			})
		})
	}
}
