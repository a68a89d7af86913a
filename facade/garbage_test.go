//go:build go1.25

package facade_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/windmill/facade"
)

// speaking listens on a socket and lets speak have each connection, after it has read a request's header.
func speaking(t *testing.T, speak func(conn net.Conn, header string)) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Add(1)
			go func() {
				defer wg.Done()
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
				header := ""
				for reader := bufio.NewReader(conn); !strings.HasSuffix(header, "\r\n\r\n"); {
					line, err := reader.ReadString('\n')
					if err != nil {
						return
					}
					header += line
				}
				speak(conn, header)
			}()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		wg.Wait()
	})
	return "http://" + listener.Addr().String()
}

func TestWhatSpeaksNoHTTPIsToldWithoutTheToken(t *testing.T) {
	leavesNothing(t)
	say := func(text string) func(net.Conn, string) {
		return func(conn net.Conn, _ string) { _, _ = io.WriteString(conn, text) }
	}
	for name, speak := range map[string]func(net.Conn, string){
		"an echo":                              func(conn net.Conn, header string) { _, _ = io.WriteString(conn, header) },
		"the token as status line":             say("HTTP/1.1 " + someToken + " no\r\n\r\n"),
		"the token as protocol":                say(someToken + "\r\n\r\n"),
		"the token as reason":                  say("HTTP/1.1 400 " + someToken + "\r\nContent-Length: 0\r\n\r\n"),
		"the token as header":                  say("HTTP/1.1 200 OK\r\n" + someToken + "\r\n\r\n"),
		"the token as length":                  say("HTTP/1.1 200 OK\r\nContent-Length: " + someToken + "\r\n\r\n"),
		"the token as coding":                  say("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + someToken + "\r\n\r\n"),
		"the token as chunk":                   say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + someToken + "\r\n"),
		"the token as a page's place":          say("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ://" + someToken + "\r\n\r\n"),
		"the token as query of a page's place": say("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://h/?token=" + someToken + "\r\n\r\n"),
		"two lengths":                          say("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
		"nothing":                              func(net.Conn, string) {},
		"a header without end":                 say("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20)),
		"noise":                                say("\x16\x03\x01\x02\x00\xff\xfe\x00\x00"),
		"a length that is a lie":               say("HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n{}"),
		"a negative length":                    say("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
		"half a chunk":                         say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"),
		"a body that is not gzip":              say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
		"another protocol":                     say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
		"only hints":                           say(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 20)),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := facade.NewClient(speaking(t, speak), someToken, facade.WithWorkspace("test"), facade.WithMaxRetries(1), facade.WithHTTPClient(&http.Client{
				Transport: &http.Transport{DisableKeepAlives: true},
			}))
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
			defer stop()
			for _, call := range []struct {
				asks string
				make func() error
			}{
				{"POST /w/test/jobs/run/p/" + somePath, func() error { _, err := c.RunScriptAsync(ctx, somePath, nil); return err }},
				{"GET /w/test/jobs_u/get/" + someJob, func() error { _, err := c.GetJobStatus(ctx, someJob); return err }},
			} {
				err := call.make()
				if err == nil || ctx.Err() != nil || !strings.Contains(strings.ReplaceAll(err.Error(), "{id}", someJob), call.asks) || len(err.Error()) > 8000 {
					t.Errorf("got %v, want an error about %s", err, call.asks)
					continue
				}
				all := ""
				eachCause(err, func(cause error) { all += fmt.Sprintf("%v %+v %#v\n", cause, cause, cause) })
				if found := secretIn(all); found != "" {
					t.Errorf("the error, or what it wraps, has %q in it:\n%s", found, all)
				}
			}
		})
	}
}
