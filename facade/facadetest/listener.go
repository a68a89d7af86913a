package facadetest

import (
	"context"
	"net"
	"sync"
	"time"
)

// listenLocally listens on a port of this machine, with IPv6 if there is no IPv4.
func listenLocally() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		if listener, err = net.Listen("tcp6", "[::1]:0"); err != nil {
			panicf("cannot listen on a port: %v", err)
		}
	}
	return listener
}

// inBubble reports whether the caller runs inside a testing/synctest bubble. There is no function
// that says so, but a bubble's clock starts in the year 2000.
func inBubble() bool {
	return time.Now().Year() < 2010
}

// memoryListener accepts connections that are made of net.Pipe. A goroutine that waits for a pipe
// is durably blocked in the sense of testing/synctest, so that a bubble's clock can move; one that
// waits for a socket is not.
type memoryListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemoryListener() *memoryListener {
	return &memoryListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *memoryListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns a name that no resolver knows, so that a client which is not the server's own fails
// at once.
func (l *memoryListener) Addr() net.Addr {
	return &net.UnixAddr{Net: "memory", Name: "windmill.invalid"}
}
