//go:build go1.25

package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// speaking returns a transport of HTTP/1.1 whose connections are served by speak, after a request's
// header.
func speaking(t *testing.T, speak func(conn net.Conn, header string)) *http.Transport {
	var served sync.WaitGroup
	t.Cleanup(served.Wait)
	return &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			t.Cleanup(func() { client.Close() })
			served.Add(1)
			go func() {
				defer served.Done()
				defer server.Close()
				header, reader := "", bufio.NewReader(server)
				for !strings.HasSuffix(header, "\r\n\r\n") {
					line, err := reader.ReadString('\n')
					if err != nil {
						return
					}
					header += line
				}
				speak(server, header)
			}()
			return client, nil
		},
	}
}

// untilClosed says nothing until the client hangs up.
func untilClosed(conn net.Conn, _ string) { _, _ = io.Copy(io.Discard, conn) }

const head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Type: "

func TestSilenceOfTheServerEndsAnAttempt(t *testing.T) {
	for name, test := range map[string]struct {
		say  []string // with a pause after each
		want string   // the body; empty means an idle timeout
	}{
		"before the response": {nil, ""},
		"in the header":       {[]string{"HTTP/1.1 200 OK\r\n"}, ""},
		"in the body":         {[]string{head + "text/plain\r\n\r\n", "some "}, ""},
		"in a stream":         {[]string{head + "text/event-stream\r\n\r\n", "data:"}, ""},
		"not between two parts": {
			[]string{"", head + "text/plain\r\n\r\n", "some ", "text"}, "some text",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			transport := newTransport(t, "http://windmill.test", speaking(t, func(conn net.Conn, _ string) {
				for _, part := range test.say {
					_, _ = io.WriteString(conn, part)
					time.Sleep(8 * time.Second)
				}
				if test.want == "" {
					untilClosed(conn, "")
				}
			}))
			start := time.Now()
			p := Policy{IdleTimeout: 10 * time.Second}
			body, err := call(t.Context(), transport, p, http.MethodGet, "/x")
			if string(body) != test.want && test.want != "" || (err == nil) != (test.want != "") {
				t.Errorf("%s: got %q, %v", name, body, err)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("%s: it took %v", name, took)
			}
			if err != nil && !strings.Contains(err.Error(), "the server was silent for 10s") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func TestAReaderMayTakeItsTime(t *testing.T) {
	for _, kind := range []string{"text/plain", "text/event-stream"} {
		synctest.Test(t, func(t *testing.T) {
			through := speaking(t, func(conn net.Conn, _ string) {
				_, _ = io.WriteString(conn, head+kind+"\r\n\r\n")
				for _, part := range strings.Split("some text", "") {
					_, _ = io.WriteString(conn, part) // returns when it is read
				}
			})
			transport := newTransport(t, "http://windmill.test", through)
			err := transport.Retry(t.Context(), Policy{}, func(a *Attempt) error {
				url := transport.Server.String() + "/x"
				req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
				resp, err := a.Do(req)
				if err != nil {
					return err
				}
				defer resp.Body.Close()
				body := make([]byte, len("some text"))
				for i := range body {
					time.Sleep(time.Hour)
					if _, err := io.ReadFull(resp.Body, body[i:i+1]); err != nil {
						return err
					}
				}
				if string(body) != "some text" {
					t.Errorf("got %q", body)
				}
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		})
	}
}

func TestAnErrorThatIsAStreamIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		through := speaking(t, func(conn net.Conn, header string) {
			_, _ = io.WriteString(conn, "HTTP/1.1 503 No\r\nContent-Type: text/event-stream\r\n\r\n")
			untilClosed(conn, header)
		})
		transport, start := newTransport(t, "http://windmill.test", through), time.Now()
		_, err := call(t.Context(), transport, Policy{}, http.MethodGet, "/x")
		if e := (*Error)(nil); !errors.As(err, &e) || e.Status != 503 || time.Since(start) > 0 {
			t.Errorf("%v after %v, want status 503 at once", err, time.Since(start))
		}
	})
}

func TestAnAttemptThatGotAResponseWasSent(t *testing.T) {
	transport := newTransport(t, "http://windmill.test",
		roundTrip(func(r *http.Request) (*http.Response, error) {
			resp := response(r, 201, "")
			alert := &net.OpError{Op: "remote error", Err: errors.New("tls: internal error")}
			resp.Body = io.NopCloser(iotest.ErrReader(alert))
			return resp, nil
		}))
	_, err := call(t.Context(), transport, Policy{}, http.MethodPost, "/x")
	if e := (*Error)(nil); !errors.As(err, &e) || e.Unsent || !e.InDoubt {
		t.Errorf("got %+v, want an error that is in doubt", e)
	}
}

func TestAnHTTPClientsTimeoutIsNotTheCallersDeadline(t *testing.T) {
	transport := newTransport(t, "http://windmill.test", speaking(t, untilClosed))
	transport.Client().Timeout = 10 * time.Millisecond
	_, err := call(t.Context(), transport, Policy{}, http.MethodGet, "/version")
	if err == nil || errors.Is(err, context.DeadlineExceeded) ||
		!strings.Contains(err.Error(), "Timeout") {
		t.Errorf("got %v, want an error that names the client's Timeout", err)
	}
}

func TestAContextOfATransportsOwnIsNotTheCallers(t *testing.T) {
	for _, own := range []error{context.Canceled, context.DeadlineExceeded} {
		through := roundTrip(func(*http.Request) (*http.Response, error) { return nil, own })
		err := get(t, newTransport(t, "http://windmill.test", through), "/x")
		if errors.Is(err, own) || !strings.Contains(fmt.Sprint(err), own.Error()) {
			t.Errorf("got %v, want an error that is not %v, and names it", err, own)
		}
	}
}

func TestWhatIsNotHTTPIsAnErrorWithoutTheToken(t *testing.T) {
	say := func(text string) func(net.Conn, string) {
		return func(conn net.Conn, _ string) { _, _ = io.WriteString(conn, text) }
	}
	const ok, chunked = "HTTP/1.1 200 OK\r\n", "Transfer-Encoding: chunked\r\n\r\n"
	const found = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
	for name, speak := range map[string]func(net.Conn, string){
		"an echo": func(conn net.Conn, header string) { _, _ = io.WriteString(conn, header) },
		"nothing": func(net.Conn, string) {},
		"noise":   say("\x16\x03\x01\x02\x00\xff\xfe\x00\x00"),

		"the token as the status line": say("HTTP/1.1 " + someToken + " no\r\n\r\n"),
		"the token as the protocol":    say(someToken + "\r\n\r\n"),
		"the token as the reason":      say("HTTP/1.1 400 " + someToken + "\r\n\r\n"),
		"the token as a header":        say(ok + someToken + "\r\n\r\n"),
		"the token as the length":      say(ok + "Content-Length: " + someToken + "\r\n\r\n"),
		"the token as a coding":        say(ok + "Transfer-Encoding: " + someToken + "\r\n\r\n"),
		"the token as a chunk":         say(ok + chunked + someToken + "\r\n"),
		"the token as a location":      say(found + "://" + someToken + "\r\n\r\n"),
		"the token in a location":      say(found + "http://h/?token=" + someToken + "\r\n\r\n"),

		"two lengths":          say(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
		"a header without end": say(ok + "X: " + strings.Repeat("x", 2<<20)),
		"a length too long":    say(ok + "Content-Length: 1099511627776\r\n\r\n{}"),
		"a negative length":    say(ok + "Content-Length: -1\r\n\r\n{}"),
		"half a chunk":         say(ok + chunked + "ff\r\n{"),
		"a body that is not gzip": say(ok +
			"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
		"another protocol": say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n" +
			"Connection: upgrade\r\n\r\n"),
		"hints alone": say(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 20)),
	} {
		synctest.Test(t, func(t *testing.T) {
			err := get(t, newTransport(t, "http://windmill.test", speaking(t, speak)), "/x")
			if err == nil || !strings.HasPrefix(err.Error(), "GET /x: ") || len(err.Error()) > 1000 {
				t.Errorf("%s: got %v, want an error about GET /x", name, err)
			}
			for ; err != nil; err = errors.Unwrap(err) {
				if strings.Contains(err.Error(), someToken[:tokenStart]) {
					t.Errorf("%s: the token is in %v", name, err)
				}
			}
		})
	}
}
