//go:build go1.25

package facade_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
	"example.com/windmill/gen"
)

func TestTroubleThatCannotHealIsToldAtOnce(t *testing.T) {
	closed := httptest.NewTLSServer(http.NotFoundHandler())
	defer closed.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	redirecting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://[broken")
		w.WriteHeader(http.StatusFound)
	}))
	defer redirecting.Close()
	for name, base := range map[string]string{
		"a certificate that nobody signed": closed.URL,
		"no TLS where https is asked for":  strings.Replace(plain.URL, "http:", "https:", 1),
		"a Location that is not a URL":     redirecting.URL,
	} {
		c, err := facade.NewClient(base, "t", facade.WithWorkspace("test"))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = c.GetVersion(t.Context())
		_, waitErr := c.GetResult(within(t, time.Minute), someJob, facade.WaitForCompletion())
		id, runErr := c.RunScriptAsync(t.Context(), somePath, nil)
		if err == nil || waitErr == nil || runErr == nil || strings.Contains(err.Error(), "tried") {
			t.Errorf("%s: %v, %v, %v", name, err, waitErr, runErr)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
		if id != "" && name != "a Location that is not a URL" {
			t.Errorf("%s: nothing was sent, and the id is %s", name, id)
		}
		c.CloseIdleConnections()
	}
}

func TestAnErrorBeforeThereIsAConnectionSaysThatNothingWasStarted(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		runs time.Duration // how long a run may take, and a wait twice that
	}{
		"a host that does not answer":               {&net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}, 15 * time.Second},
		"nothing listens":                           {&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, 15 * time.Second},
		"a SOCKS proxy that reaches nobody":         {&net.OpError{Op: "socks connect", Net: "tcp", Err: errors.New("host unreachable")}, 15 * time.Second},
		"TLS that takes too long":                   {errors.New("net/http: TLS handshake timeout"), 15 * time.Second},
		"a server that wants the client's identity": {&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}, time.Second},
		"a port that speaks neither HTTP nor TLS":   {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			dial := func(context.Context, string, string) (net.Conn, error) { return nil, test.err }
			c, err := facade.NewClient("https://windmill.test", "t", facade.WithWorkspace("test"),
				facade.WithHTTPClient(&http.Client{Transport: &http.Transport{DialTLSContext: dial}}))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			id, runErr := c.RunScriptAsync(t.Context(), somePath, nil)
			if took := time.Since(start); id != "" || runErr == nil || strings.Contains(runErr.Error(), "may have") || took > test.runs {
				t.Errorf("%s: id %q, %v after %v", name, id, runErr, took)
			}
			start = time.Now()
			_, err = c.GetResult(t.Context(), someJob, facade.WaitForCompletion())
			if took := time.Since(start); err == nil || took > 2*test.runs {
				t.Errorf("%s: a wait: %v after %v", name, err, took)
			}
		})
	}
}

func TestAProxyThatRefusesToConnectIsNamed(t *testing.T) {
	const advice = ": give the credentials in the proxy's URL"
	for status, says := range map[string]string{
		"403 Forbidden":                     "the proxy answered 403 Forbidden",
		"407 Proxy Authentication Required": "the proxy answered 407 Proxy Authentication Required" + advice,
		"407 Proxy Authorization Required":  "the proxy answered 407 Proxy Authorization Required" + advice,
		"407 authenticationrequired":        "the proxy answered 407 authenticationrequired" + advice,
		"407 ":                              "the proxy answered 407" + advice,
		"407":                               "the proxy answered 407" + advice,
	} {
		var asked atomic.Int64
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
		}))
		through, _ := url.Parse(proxy.URL)
		before := http.DefaultTransport
		http.DefaultTransport = &http.Transport{Proxy: http.ProxyURL(through)}
		c, err := facade.NewClient("https://windmill.test", "t", facade.WithWorkspace("test"), facade.WithMaxRetries(1))
		http.DefaultTransport = before
		if err != nil {
			t.Fatal(err)
		}
		id, err := c.RunScriptAsync(t.Context(), somePath, nil)
		if id != "" || err == nil || !strings.Contains(err.Error(), "/"+somePath+": proxyconnect tcp: "+says) {
			t.Errorf("%s: id %q, %v", status, id, err)
		}
		if n := asked.Load(); n != 1 && strings.HasPrefix(status, "407") {
			t.Errorf("%s: the proxy was asked %d times", status, n)
		}
		proxy.Close()
	}
}

func TestTroubleThatLooksLastingEndsAWaitBeforeTheFirstAnswerSoon(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a proxy that wants credentials": answering(407, "text/html", htmlPage),
		"a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/login")
			reply(w, 302, "", "")
		},
		"another server": answering(404, "text/html", htmlPage),
	} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, answer)
			start := time.Now()
			_, err := c.GetResult(within(t, time.Hour), someJob, facade.WaitForCompletion())
			if took := time.Since(start); err == nil || took > 20*time.Second {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		})
	}
}

func TestAnErrorHasTheContextsCauseAndNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newFake(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		why := errors.New("the user has closed the window")
		for name, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(why) })
			if err := call(ctx, c); !errors.Is(err, why) || !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want the context's error and its cause", name, err)
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		if _, err := c.GetResult(ctx, someJob, facade.WaitForCompletion()); !errors.Is(err, why) {
			t.Errorf("a wait: %v", err)
		}
	})
}

func TestTheHTTPClientsTimeoutIsNotTheCallersDeadline(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer srv.Close()
	c, err := facade.NewClient(srv.URL, "t", facade.WithHTTPClient(&http.Client{Timeout: 20 * time.Millisecond}), facade.WithMaxRetries(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.GetVersion(t.Context()); err == nil || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Timeout") {
		t.Errorf("got %v, want an error that names the client's Timeout", err)
	}
}

func TestADialersTimeoutIsNotTheHTTPClients(t *testing.T) {
	dial := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}
	}
	c, err := facade.NewClient("http://windmill.test", "t", facade.WithMaxRetries(0),
		facade.WithHTTPClient(&http.Client{Timeout: time.Hour, Transport: &http.Transport{DialContext: dial}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.GetVersion(t.Context()); err == nil || strings.Contains(err.Error(), "1h") || !strings.Contains(err.Error(), "dial") {
		t.Errorf("got %v", err)
	}
}

func TestARetryAfterBeyondTheDeadlineIsNotSleptThrough(t *testing.T) {
	busy := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		reply(w, 429, "text/plain", "slow down")
	}
	for name, call := range calls {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, busy)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			start := time.Now()
			err := call(ctx, c)
			var refused *facade.APIError
			if took := time.Since(start); !errors.As(err, &refused) || refused.StatusCode != 429 || took > 3*time.Second {
				t.Errorf("%s: %v after %v, want the *APIError at once", name, err, took)
			}
			start = time.Now()
			_, err = c.GetResult(ctx, someJob, facade.WaitForCompletion())
			if took := time.Since(start); took > 0 || err == nil || !strings.Contains(err.Error(), "Retry-After") {
				t.Errorf("a wait that begins then: %v after %v", err, took)
			}
		})
	}
}

func TestRetryAfterBindsTheWholeClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		srv := facadetest.NewServer(facadetest.Workers(100))
		defer srv.Close()
		srv.Script(somePath, func(ctx context.Context, _ *facadetest.Job) (any, error) {
			select {
			case <-time.After(3 * time.Minute):
			case <-ctx.Done():
			}
			return 1, ctx.Err()
		})
		busy := http.Header{"Retry-After": {"30"}}
		srv.Inject("", facadetest.Respond(429, busy, "slow down"), facadetest.If(func(*http.Request) bool {
			since := time.Since(start)
			return since > 10*time.Second && since < 130*time.Second
		}))
		c := srv.Client()
		done := make(chan error)
		for range 100 {
			go func() {
				_, err := c.RunScriptSync(within(t, time.Hour), somePath, nil, facade.Verbose(io.Discard))
				done <- err
			}()
		}
		few := newFewFailures(t)
		for range 100 {
			if err := <-done; err != nil {
				few.Errorf("%v", err)
			}
		}
		if n := requestsBetween(srv, 10*time.Second, 130*time.Second); n > 1200 {
			t.Errorf("%d requests in two minutes in which the server asked for rest", n)
		}
	})
}

func TestUnaskedContentEncodingsAreUndone(t *testing.T) {
	zip := func(body string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		io.WriteString(w, body)
		w.Close()
		return b.String()
	}
	c, srv := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		status, contentType, body := rightAnswer(r, `{"a":1}`)
		w.Header().Set("Content-Encoding", "gzip")
		reply(w, status, contentType, zip(body))
	})
	for name, call := range calls {
		before := len(srv.requests())
		if err := call(t.Context(), c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(srv.requests()) - before; n != 1 {
			t.Errorf("%s: %d requests, want 1", name, n)
		}
	}
	c, _ = newFake(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		reply(w, 200, "text/plain", "x")
	}, facade.WithMaxRetries(0))
	if _, err := c.GetVersion(t.Context()); err == nil || !strings.Contains(err.Error(), `"br"`) {
		t.Errorf("an encoding that is not known: %v", err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/version", nil)
	req.Header.Set("Accept-Encoding", "br")
	if resp, err := c.Do(req); err != nil || resp.Header.Get("Content-Encoding") != "br" {
		t.Errorf("an encoding that was asked for: %v", err)
	} else {
		resp.Body.Close()
	}
}

func TestAnAnswerWhoseTextIsLostStillHasAStatus(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"an encoding that is not known": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			reply(w, 403, "text/plain", "x")
		},
		"an encoding of nothing": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			reply(w, 403, "text/plain", "")
		},
		"a body that is cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			reply(w, 403, "text/plain", "Permission denied: no")
		},
	} {
		srv := httptest.NewServer(answer)
		c, err := facade.NewClient(srv.URL, "t", facade.WithWorkspace("test"), facade.WithMaxRetries(0))
		if err != nil {
			t.Fatal(err)
		}
		var refused *facade.APIError
		if _, err := c.GetVersion(t.Context()); !errors.As(err, &refused) || refused.StatusCode != 403 {
			t.Errorf("%s: %v, want an *APIError of status 403", name, err)
		}
		id, err := c.RunScriptAsync(t.Context(), somePath, nil)
		if id == "" || err == nil {
			t.Errorf("%s: id %q, %v; what it says is not known", name, id, err)
		}
		c.CloseIdleConnections()
		srv.Close()
	}
}

func TestACookieJarWorksAcrossRetries(t *testing.T) {
	jar, _ := cookiejar.New(nil)
	n := 0
	var last string
	fake := &fakeServer{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		last = r.Header.Get("Cookie")
		http.SetCookie(w, &http.Cookie{Name: "backend", Value: fmt.Sprint("b", n), Path: "/"})
		if n < 5 {
			reply(w, 503, "text/plain", "away")
			return
		}
		reply(w, 200, "text/plain", "CE v1")
	})}
	synctest.Test(t, func(t *testing.T) {
		c, err := facade.NewClient("http://windmill.test", "t", facade.WithHTTPClient(&http.Client{Transport: fake, Jar: jar}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.GetVersion(t.Context()); err != nil || last != "backend=b4" {
			t.Errorf("the last request's cookies are %q, %v; want the newest one only", last, err)
		}
	})
}

func TestNoParameterLeadsToAnotherRoute(t *testing.T) {
	c, srv := newFake(t, answering(200, "application/json", "{}"))
	api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"../../../users/whoami", "f/x/../../../../users/whoami", `..\..\users`, "%2e%2e/users/whoami", ".%2E/x", "..;/..;/users/whoami", "f/x/..;y=1", "f/./x", "f/x/.."} {
		before := len(srv.requests())
		_, err := api.GetResourceValueWithResponse(t.Context(), "test", path)
		_, err2 := api.GetJobWithResponse(t.Context(), path, "x", nil)
		for _, err := range []error{err, err2} {
			if !errors.Is(err, facade.ErrInvalidArgument) {
				t.Errorf("%q: %v, want ErrInvalidArgument", path, err)
			}
		}
		if n := len(srv.requests()); n != before {
			t.Errorf("%q was sent", path)
		}
	}
	var sent string
	c, _ = newFake(t, func(w http.ResponseWriter, r *http.Request) {
		sent = r.URL.EscapedPath()
		reply(w, 200, "application/json", "{}")
	})
	api, _ = gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
	for path, want := range map[string]string{"f/crm/a b": "f/crm/a%20b", "p/f/x/y": "p%2Ff%2Fx%2Fy"} {
		if _, err := api.GetResourceValueWithResponse(t.Context(), "test", path); err != nil || !strings.HasSuffix(sent, "/get_value/"+want) {
			t.Errorf("%q went out as %s, %v; want %s", path, sent, err, want)
		}
	}
}

func TestABaseURLWithAnEscapedSlashIsRefused(t *testing.T) {
	for _, base := range []string{"http://h/a%2Fb", "http://h/%2e%2e/x", "http://h:99999", "http://h:0"} {
		if _, err := facade.NewClient(base, "t"); !errors.Is(err, facade.ErrInvalidArgument) {
			t.Errorf("%s: %v, want ErrInvalidArgument", base, err)
		}
	}
}

func TestADefaultTransportThatWasReplacedIsUsed(t *testing.T) {
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	var n atomic.Int64
	http.DefaultTransport = roundTrip(func(r *http.Request) (*http.Response, error) {
		n.Add(1)
		r.Header.Set("X-Trace", "1") // against the contract, as many do
		return nil, errors.New("lost")
	})
	c, err := facade.NewClient("http://windmill.test", "t", facade.WithWorkspace("test"), facade.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.RunScriptAsync(t.Context(), somePath, nil)
	if n.Load() == 0 || id == "" || err == nil || !strings.Contains(err.Error(), "may have been started") {
		t.Errorf("id %q, %v after %d requests; a lost answer is a lost answer here too", id, err, n.Load())
	}
}

func TestADialerOfTheDefaultTransportIsUsedForTenSecondsATry(t *testing.T) {
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		http.DefaultTransport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			n++
			<-ctx.Done()
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
		}}
		c, err := facade.NewClient("http://windmill.test", "t", facade.WithWorkspace("test"), facade.WithMaxRetries(1))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		id, err := c.RunScriptAsync(t.Context(), somePath, nil)
		if took := time.Since(start); n != 2 || id != "" || err == nil || took < 20*time.Second || took > 21*time.Second {
			t.Errorf("id %q, %v after %v and %d dials", id, err, took, n)
		}
	})
}

func TestATokenIsHiddenHoweverItIsSpelled(t *testing.T) {
	const token = `se"cr/et+&t\oken-0123456789`
	quoted := strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(token)
	for name, spelled := range map[string]string{
		"as it is": token, "query-escaped": url.QueryEscape(token), "path-escaped": url.PathEscape(token),
		"query-escaped in small letters": strings.ToLower(url.QueryEscape(token)), "in JSON": quoted,
		"escaped here and there": strings.ReplaceAll(url.PathEscape(token), "%2F", "/"), "escaped twice": url.QueryEscape(url.QueryEscape(token)),
		"in HTML": html.EscapeString(token), "in HTML by numbers": strings.NewReplacer(`"`, "&#34;", "/", "&#x2F;", "+", "&#43;").Replace(token),
		"in HTML by names":   strings.NewReplacer(`"`, "&quot;", "&", "&amp;").Replace(token),
		"in JSON by numbers": strings.NewReplacer(`"`, `\u0022`, `\`, `\\`, "+", `\u002B`, "&", `\u0026`).Replace(token),
		"in JSON in JSON":    strings.NewReplacer(`"`, `\\\"`, `\`, `\\\\`).Replace(token), "in base64 in a URL": url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(token))),
		"in base64": base64.StdEncoding.EncodeToString([]byte(token)), "in base64 for URLs": base64.URLEncoding.EncodeToString([]byte(token)),
		"in base64, behind something": base64.StdEncoding.EncodeToString([]byte("Bearer " + token)),
		"its beginning":               token[:10],
	} {
		var log bytes.Buffer
		c, err := facade.NewClient("http://windmill.test", token, facade.WithWorkspace("test"), facade.WithMaxRetries(1),
			facade.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
			facade.WithHTTPClient(&http.Client{Transport: &fakeServer{handler: answering(503, "text/plain", "Bad request: <"+spelled+">")}}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.GetVersion(t.Context())
		if err == nil || strings.Contains(err.Error(), spelled[2:len(spelled)-4]) || strings.Contains(log.String(), spelled[2:len(spelled)-4]) {
			t.Errorf("%s: %v\n%s", name, err, &log)
		}
	}
}

func TestInvalidArgumentsAreToldApart(t *testing.T) {
	t.Setenv("WM_TOKEN", "")
	t.Setenv("WM_WORKSPACE", "")
	bare, err := facade.NewClient("http://windmill.test", "")
	if err != nil {
		t.Fatal(err)
	}
	c, srv := newFake(t, wellAnswered("1"))
	ctx := within(t, 10*time.Second)
	run := func(args any, opts ...facade.RunOption) error {
		_, err := c.RunScriptSync(ctx, somePath, args, opts...)
		return err
	}
	result := func(c *facade.Client, id string, opts ...facade.ResultOption) error {
		_, err := c.GetResult(ctx, id, opts...)
		return err
	}
	_, badURL := facade.NewClient("localhost", "")
	_, badScript := c.RunScriptAsync(t.Context(), "no", nil)
	_, badPath := c.GetResource(t.Context(), "f//x")
	_, badID := c.GetJobStatus(t.Context(), "7")
	for name, err := range map[string]error{
		"a base URL": badURL, "a script": badScript, "a resource": badPath, "a job id": badID,
		"no token": result(bare, someJob), "a nil option": result(c, someJob, nil), "a nil writer": result(c, someJob, facade.Logs(nil)),
		"a typed nil writer": result(c, someJob, facade.Verbose((*bytes.Buffer)(nil))),
		"two writers":        result(c, someJob, facade.Verbose(io.Discard), facade.Logs(io.Discard)),
		"an array":           run([]int{1}), "a channel": run(map[string]any{"c": make(chan int)}),
		"a text that is not UTF-8":              run(map[string]string{"a": "\xff"}),
		"a nested text that is not UTF-8":       run(struct{ A []any }{[]any{map[string]any{"b": "\xff"}}}),
		"a key that is not UTF-8":               run(map[string]int{"\xff": 1}),
		"raw JSON that is not UTF-8":            run(map[string]any{"a": []byte(nil), "b": rawMessage("\"\xff\"")}),
		"two schedules":                         run(nil, facade.ScheduledIn(1), facade.ScheduledAt(time.Now())),
		"a tag that is not UTF-8":               run(nil, facade.Tag("\xff")),
		"a tag with a line end":                 run(nil, facade.Tag("a\nb")),
		"a schedule in the past of two hundred": run(nil, facade.ScheduledIn(-1)),
	} {
		if !errors.Is(err, facade.ErrInvalidArgument) {
			t.Errorf("%s: %v, want ErrInvalidArgument", name, err)
		}
	}
	if n := len(srv.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if err := run(map[string]any{"a": "\uFFFD", "b": rawMessage(`"\ufffd"`), "c": []byte("\xff")}); err != nil {
		t.Errorf("a replacement character that the caller wrote: %v", err)
	}
	if err := run(&struct{ B blob }{"\xff"}); err != nil {
		t.Errorf("bytes that encode themselves through a pointer: %v", err)
	}
}

func TestAStreamFromDoMayBeReadLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer client.Close()
		go func() {
			defer server.Close()
			buf := make([]byte, 4096)
			_, _ = server.Read(buf)
			io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
		}()
		dial := func(context.Context, string, string) (net.Conn, error) { return client, nil }
		c, err := facade.NewClient("http://windmill.test", "t", facade.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: dial}}))
		if err != nil {
			t.Fatal(err)
		}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/stream", nil)
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		time.Sleep(2 * time.Minute)
		if got, err := io.ReadAll(resp.Body); string(got) != "data: 1\n\n" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestASilentServerIsAskedForThreeMinutesAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newFake(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		start := time.Now()
		_, err := c.GetVersion(t.Context())
		if took := time.Since(start); err == nil || took > 3*time.Minute+15*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}
