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
)

// Server is a Windmill in memory. It listens from NewServer until Close, and holds one workspace with no scripts and
// no resources until the test adds some.
type Server struct {
	// URL is the server's address, without a trailing slash and without /api: the API is under URL + "/api", and
	// only there. Inside a synctest bubble it is reached by Client and HTTPClient only; see the package's documentation.
	URL string
	// Token belongs to an administrator of the server, who may do everything. AddToken makes others.
	Token string
	// Workspace is the id of the server's one workspace.
	Workspace string

	release  release
	routes   []route
	scripts  *scripts
	jobs     *queue
	vault    *vault
	tokens   *tokens
	faults   *faults
	requests *requestLog

	http     *http.Server
	dial     dialer
	client   *http.Transport
	ctx      context.Context // of every request; ends with Close
	cancel   context.CancelFunc
	served   chan struct{} // closed when the accepting goroutine has ended
	conns    sync.WaitGroup
	closing  sync.Once
	handlers sync.WaitGroup
}

// NewServer starts a server. Close must be called when the test is over:
//
//	srv := facadetest.NewServer(facadetest.Workers(2))
//	defer srv.Close()
//
// It panics when it cannot listen, as httptest.NewServer does, and when an option is invalid.
func NewServer(opts ...Option) *Server {
	cfg := config{release: newestRelease(), workers: 4, keep: 100_000}
	for _, opt := range opts {
		opt(&cfg)
	}
	s := &Server{
		Token:     newToken(),
		Workspace: "test",
		release:   cfg.release,
		routes:    routes(cfg.release),
		scripts:   newScripts(),
		vault:     newVault(),
		tokens:    newTokens(),
		faults:    newFaults(),
		requests:  &requestLog{keep: cfg.keep, counts: map[string]int{}},
		served:    make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.jobs = newQueue(s.ctx, cfg.workers, cfg.tags)
	s.tokens.add(s.Token, administrator(s.Token))
	s.listen()
	return s
}

// listen starts to serve, on a socket or, in a bubble, in memory.
func (s *Server) listen() {
	var listener net.Listener
	if inBubble() {
		memory := newMemoryListener()
		s.URL, s.dial, listener = "http://"+memory.Addr().String(), memory.dial, memory
	} else {
		socket, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(fmt.Sprintf("facadetest: no port to listen on: %v", err))
		}
		s.URL, s.dial, listener = "http://"+socket.Addr().String(), new(net.Dialer).DialContext, socket
	}
	s.client = &http.Transport{DialContext: s.dial, MaxIdleConns: 0, MaxIdleConnsPerHost: 256, DisableCompression: true}
	s.http = &http.Server{
		Handler:     http.HandlerFunc(s.serve),
		BaseContext: func(net.Listener) context.Context { return s.ctx },
		ErrorLog:    log.New(io.Discard, "", 0), // broken connections are this server's trade
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

// Close cancels the contexts of running scripts, closes every connection, and returns when all goroutines of the server
// have ended. A script's function that does not return when its context ends keeps Close waiting.
// It may be called more than once.
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

// HTTPClient returns a client that reaches the server, inside a synctest bubble too. It adds no token: that is what
// Client is for.
func (s *Server) HTTPClient() *http.Client {
	return &http.Client{Transport: s.client}
}

// newToken makes a token that looks like one of the real server's: 32 letters and digits.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
