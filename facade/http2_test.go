//go:build go1.25

package facade_test

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

	"example.com/windmill/facade"
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

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// transport returns one of HTTP/2 that trusts the server and dials it.
func (p *pipes) transport(pings *http.HTTP2Config) *http.Transport {
	roots := p.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	return &http.Transport{HTTP2: pings, ForceAttemptHTTP2: true, DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, server := net.Pipe()
		p.listener.accepting <- server
		conn := &pipe{Conn: client}
		p.mu.Lock()
		p.conns = append(p.conns, conn)
		p.mu.Unlock()
		secure := tls.Client(conn, &tls.Config{RootCAs: roots, ServerName: "example.com", NextProtos: []string{"h2"}})
		return secure, secure.HandshakeContext(ctx)
	}}
}

// die makes all connections that there are swallow what is written to them and say nothing. New ones work. It returns how many died.
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

func TestADeadHTTP2ConnectionIsLeft(t *testing.T) {
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	for name, test := range map[string]struct {
		client  func(*pipes) *http.Client // the caller's own
		callers int
		within  time.Duration
	}{
		"of the default client":         {func(*pipes) *http.Client { return nil }, 20, 30 * time.Second},
		"of a client without transport": {func(*pipes) *http.Client { return &http.Client{} }, 20, 30 * time.Second},
		"of a transport that pings": {func(srv *pipes) *http.Client {
			return &http.Client{Transport: srv.transport(&http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 5 * time.Second})}
		}, 20, 15 * time.Second},
		"of a transport without pings, by the only request": {func(srv *pipes) *http.Client {
			return &http.Client{Transport: srv.transport(nil)}
		}, 1, 80 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var http2 atomic.Int64
				srv := newPipes(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					http2.Add(int64(r.ProtoMajor / 2))
					wellAnswered("1")(w, r)
				}))
				defer srv.Close()
				opts := []facade.ClientOption{facade.WithWorkspace("test")}
				http.DefaultTransport = srv.transport(nil)
				if hc := test.client(srv); hc != nil {
					opts = append(opts, facade.WithHTTPClient(hc))
				}
				c, err := facade.NewClient("https://windmill.test", someToken, opts...)
				if err != nil {
					t.Fatal(err)
				}
				defer c.CloseIdleConnections()
				if _, err := c.GetVersion(t.Context()); err != nil || http2.Load() != 1 {
					t.Fatalf("%v; %d answers by HTTP/2", err, http2.Load())
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
						var opts []facade.ResultOption
						if i%2 == 1 {
							opts = append(opts, facade.WaitForCompletion())
						}
						if _, err := c.GetResult(t.Context(), someJob, opts...); err != nil {
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
