package facadetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"example.com/windmill/facade"
)

// Server is a Windmill server in memory. It has one workspace, which is empty until the test adds
// scripts and resources.
type Server struct {
	// URL is the server's base URL, without a trailing slash. The API is under URL + "/api". Inside a
	// synctest bubble only the clients that Client and HTTPClient return reach it.
	URL string
	// Token is the token of an administrator, who may do everything. AddToken adds others.
	Token string
	// Workspace is the id of the server's one workspace.
	Workspace string

	release  release
	routes   *routes
	deployed atomic.Int64 // the number of versions of scripts
	versions sync.Map     // a *script by hash
	scripts  sync.Map     // by path: the *script that was deployed last
	jobs     *queue
	// By path: a resource is what encoding/json decodes into an any, a variable a string.
	resources, variables sync.Map
	tokens               sync.Map // a *caller by token
	faults               *faults
	requests             *requestLog

	http     *http.Server
	client   *http.Transport
	ctx      context.Context // of every request; ends with Close
	cancel   context.CancelFunc
	served   chan struct{} // closed when the accepting goroutine has ended
	conns    sync.WaitGroup
	closing  sync.Once
	handlers sync.WaitGroup
}

// workspaceID is the id of every server's one workspace.
const workspaceID = "test"

// NewServer starts a server. The caller should call Close when finished:
//
//	srv := facadetest.NewServer(facadetest.Workers(2))
//	defer srv.Close()
//
// It panics if it cannot listen, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	cfg := config{release: newest, workers: 4, keep: 100_000}
	for _, opt := range opts {
		opt(&cfg)
	}
	s := &Server{
		Workspace: workspaceID,
		release:   cfg.release,
		routes:    newRoutes(cfg.release),
		faults:    &faults{},
		requests:  &requestLog{keep: cfg.keep, counts: map[string]int{}},
		served:    make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.jobs = newQueue(s.ctx, cfg)
	s.Token = s.AddToken(Access{})
	s.listen()
	return s
}

// listen starts to serve, on a socket or, in a bubble, in memory.
func (s *Server) listen() {
	listener, dial := net.Listener(nil), new(net.Dialer).DialContext
	if inBubble() {
		memory := newMemoryListener()
		listener, dial = memory, memory.dial
	} else {
		listener = listenLocally()
	}
	s.URL = "http://" + listener.Addr().String()
	s.client = &http.Transport{
		DialContext: dial, MaxIdleConnsPerHost: 256, DisableCompression: true,
	}
	s.http = &http.Server{
		Handler:     http.HandlerFunc(s.serve),
		BaseContext: func(net.Listener) context.Context { return s.ctx },
		ErrorLog:    log.New(io.Discard, "", 0), // faults break connections
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.conns.Add(1)
			case http.StateClosed, http.StateHijacked:
				s.conns.Done()
			}
		},
	}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener)
	}()
}

// Close cancels the contexts of running scripts, closes all connections and waits until every
// goroutine of the server has ended, those of scripts included. It may be called more than once.
func (s *Server) Close() {
	s.closing.Do(func() {
		s.cancel()
		s.jobs.close()
		_ = s.http.Close()
		<-s.served
		s.client.CloseIdleConnections()
		s.conns.Wait()
		s.handlers.Wait()
	})
}

// Client returns a client for the server's workspace, with the server's token. The options are
// applied after its own. Client panics if an option is invalid.
//
//	srv := facadetest.NewServer()
//	defer srv.Close()
//	client := srv.Client(windmill.WithMaxRetries(0))
func (s *Server) Client(opts ...facade.ClientOption) *facade.Client {
	own := []facade.ClientOption{
		facade.WithWorkspace(s.Workspace), facade.WithHTTPClient(s.HTTPClient()),
	}
	client, err := facade.NewClient(s.URL, s.Token, append(own, opts...)...)
	if err != nil {
		panicf("Client: %v", err)
	}
	return client
}

// HTTPClient returns an HTTP client that reaches the server, also inside a synctest bubble. It adds
// no token.
func (s *Server) HTTPClient() *http.Client {
	return &http.Client{Transport: s.client}
}

// newToken makes a token that looks like one of the real server's: 32 letters and digits.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// panicf panics because of a mistake in the test.
func panicf(format string, args ...any) { panic(fmt.Sprintf("facadetest: "+format, args...)) }
