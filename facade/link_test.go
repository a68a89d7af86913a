package facade_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// fate is what a link does to a request. The zero fate lets it and its response pass.
type fate struct {
	kind  fateKind
	share float64       // how much of the request or of the response gets through, from 0 to 1
	delay time.Duration // before anything else
}

type fateKind int

const (
	passes            fateKind = iota
	resetBefore                // the connection is reset, and nothing of the request gets through
	resetInside                // the connection is reset inside the request
	answerLost                 // the connection is reset after the server has handled the request
	answerCut                  // the connection is closed inside the response
	connectionRefused          // the connection is reset, and no others are accepted for a while
)

// refusal is for how long a link accepts no connections after connectionRefused.
const refusal = 2 * time.Millisecond

// link is a TCP proxy on the loopback interface, with a mind of its own: it decides for each
// request whether, and how far, the request and its response get through.
type link struct {
	URL string

	t      *testing.T
	target string
	addr   string
	wg     sync.WaitGroup

	mu       sync.Mutex
	decide   func(*http.Request) fate
	listener net.Listener // nil while no connections are accepted
	conns    map[net.Conn]bool
	closed   bool
	met      map[fateKind]int
}

// newLink makes a link to the server at url. decide is called for one request at a time; nil lets
// all pass.
func newLink(t *testing.T, url string, decide func(*http.Request) fate) *link {
	t.Helper()
	if decide == nil {
		decide = func(*http.Request) fate { return fate{} }
	}
	l := &link{
		t: t, target: url[len("http://"):], addr: "127.0.0.1:0", decide: decide,
		conns: map[net.Conn]bool{}, met: map[fateKind]int{},
	}
	if err := l.listen(); err != nil {
		t.Fatal(err)
	}
	l.URL = "http://" + l.addr
	t.Cleanup(func() {
		l.mu.Lock()
		l.closed = true
		l.mu.Unlock()
		l.Down()
		l.wg.Wait()
	})
	return l
}

// Down resets all connections and accepts no new ones, as a server that restarts does, until Up.
func (l *link) Down() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hangUp()
	for conn := range l.conns {
		reset(conn)
	}
}

// hangUp stops accepting connections. The caller holds the lock.
func (l *link) hangUp() {
	if l.listener != nil {
		l.listener.Close()
		l.listener = nil
	}
}

// Up accepts connections again.
func (l *link) Up() {
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		err := l.listen()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			l.t.Errorf("the link cannot accept connections again: %v", err)
			return
		}
	}
}

func (l *link) listen() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", l.addr)
	if err != nil {
		return err
	}
	l.listener, l.addr = listener, listener.Addr().String()
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			l.take(conn)
		}
	}()
	return nil
}

// take serves a connection in a goroutine of its own.
func (l *link) take(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener == nil {
		reset(conn)
		return
	}
	l.conns[conn] = true
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		if err := l.serve(conn); err != nil {
			reset(conn)
		}
		conn.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.conns, conn)
	}()
}

// fate decides what is to happen to a request.
func (l *link) fate(r *http.Request) fate {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.decide(r)
	l.met[f.kind]++
	return f
}

var errBroken = errors.New("the link breaks here")

// serve lets the requests of one connection through, one after the other, as far as they get. When
// it returns an error, the client sees a reset, and otherwise the connection's end.
func (l *link) serve(client net.Conn) error {
	server, err := net.Dial("tcp", l.target)
	if err != nil {
		return err
	}
	defer server.Close()
	// Read apart from the rest, so that the server learns at once when the client leaves.
	arriving, arrived := io.Pipe()
	defer arriving.Close()
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		_, err := io.Copy(arrived, client)
		arrived.CloseWithError(fmt.Errorf("the client has left: %w", err))
		server.Close()
	}()
	var asked bytes.Buffer
	asks := bufio.NewReader(io.TeeReader(arriving, &asked))
	answers := &tap{from: server}
	for reader := bufio.NewReader(answers); ; asked.Reset() {
		r, err := readRequest(asks)
		if err != nil {
			return nil
		}
		answers.to = client
		read := func() error { return readAnswer(reader, r) }
		if over, err := l.exchange(l.fate(r), asked.Bytes(), server, answers, read); over {
			return err
		}
	}
}

// exchange lets one request through, and its response. over means that the connection has ended.
func (l *link) exchange(
	f fate, asked []byte, server io.Writer, answers *tap, read func() error,
) (over bool, err error) {
	time.Sleep(f.delay)
	client, kept := answers.to, &bytes.Buffer{}
	switch f.kind {
	case resetBefore:
		return true, errBroken
	case connectionRefused:
		l.refuse()
		return true, errBroken
	case resetInside:
		asked = asked[:int(f.share*float64(len(asked)))]
	case answerLost, answerCut:
		answers.to = kept
	}
	if _, err := server.Write(asked); err != nil {
		return true, err
	}
	if f.kind == resetInside {
		return true, errBroken
	}
	if err := read(); err != nil {
		return true, nil
	}
	switch f.kind {
	case answerLost:
		return true, errBroken
	case answerCut:
		_, _ = client.Write(kept.Bytes()[:int(f.share*float64(kept.Len()))])
		return true, nil
	}
	return false, nil
}

// refuse accepts no connections for a moment.
func (l *link) refuse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener == nil {
		return
	}
	l.hangUp()
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		time.Sleep(refusal)
		l.Up()
	}()
}

// tap passes on what is read through it, as soon as it is there.
type tap struct {
	from io.Reader
	to   io.Writer
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	if _, broken := t.to.Write(p[:n]); broken != nil {
		return n, broken
	}
	return n, err
}

func readRequest(from *bufio.Reader) (*http.Request, error) {
	r, err := http.ReadRequest(from)
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	return r, err
}

func readAnswer(from *bufio.Reader, r *http.Request) error {
	resp, err := http.ReadResponse(from, r)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	return err
}

// reset closes a connection so that the other side sees a reset.
func reset(conn net.Conn) {
	if socket, ok := conn.(*net.TCPConn); ok {
		_ = socket.SetLinger(0)
	}
	conn.Close()
}
