package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// DefaultIdleTimeout is more than the server itself waits for its database, and less than a dead
	// connection takes to be noticed otherwise.
	DefaultIdleTimeout = 75 * time.Second
	// maxBody is twice the largest result that a server keeps, unless it is configured otherwise.
	maxBody      = 1 << 30
	maxErrorBody = 64 << 10
)

// Attempt is one attempt of a request: the HTTP doer of the generated client, for one call.
type Attempt struct {
	transport   *Transport
	idleTimeout time.Duration
	req         *http.Request
	resp        *http.Response // nil while there is none
	took        time.Duration  // from the request to the header of the response
	head        []byte         // the beginning of the response's body, for errors
}

// Do sends a copy of req, with the token and the user agent. It returns the response if it is a
// success. The body then ends with an error if the server falls silent, or if it is larger than
// 1 GiB and no event stream. All errors, the body's too, are of type [*Error].
func (a *Attempt) Do(req *http.Request) (*http.Response, error) {
	a.req = req
	if req.Context().Err() != nil {
		e := a.networkError(nil)
		e.Unsent = true
		return nil, e
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	out, err := a.transport.authorize(ctx, req)
	if err != nil {
		cancel(nil)
		return nil, a.invalid(err)
	}
	if a.transport.silent.Swap(false) {
		// Not sooner: an HTTP/2 connection becomes idle a moment after its last request has failed.
		a.transport.Client().CloseIdleConnections()
	}
	b := &body{attempt: a, ctx: ctx, cancel: cancel, left: maxBody}
	b.silence = fmt.Errorf("the server was silent for %v", a.idleTimeout)
	b.timer = time.AfterFunc(a.idleTimeout, func() { cancel(b.silence) })
	start := time.Now()
	resp, err := a.transport.Client().Do(out)
	b.timer.Stop()
	if err != nil {
		defer cancel(nil)
		return nil, b.failed(err)
	}
	a.resp, a.took = resp, time.Since(start)
	b.ReadCloser, b.stream = resp.Body, IsStream(resp)
	resp.Body, resp.Request = b, req // what was sent has the token
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer b.Close()
	var text []byte
	if !b.stream { // which may never end
		if text, err = io.ReadAll(io.LimitReader(b, maxErrorBody)); err != nil {
			return nil, err
		}
	}
	return nil, a.responseError(string(text))
}

// authorize returns the request that is sent: a copy with the token, the user agent and a checked
// path. The header is its own, since a cookie jar or a transport may add to it.
func (t *Transport) authorize(ctx context.Context, req *http.Request) (*http.Request, error) {
	req = req.Clone(ctx)
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	if err := cleanPath(req.URL); err != nil {
		return nil, err
	}
	if token := t.Token(); token != "" && t.isOwn(req) && req.Header["Authorization"] == nil {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("User-Agent", t.UserAgent)
	return req, nil
}

// isOwn reports whether a request goes to the base URL's host.
func (t *Transport) isOwn(req *http.Request) bool {
	return req.URL.Scheme == t.Server.Scheme && strings.EqualFold(req.URL.Host, t.Server.Host)
}

// pathOf returns a request's path as errors and logs show it: after the base URL, without the
// query, which may hold what no log should.
func (t *Transport) pathOf(req *http.Request) string {
	if !t.isOwn(req) {
		return t.Redact(req.URL.Host + req.URL.Path)
	}
	return t.Redact(strings.TrimPrefix(req.URL.Path, t.Server.Path))
}

// body is the body of a response. Its idle timeout counts only during a Read: between two of them
// the reader takes its time, not the server.
type body struct {
	io.ReadCloser
	attempt *Attempt
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	silence error // the cause with which the timer ends ctx
	stream  bool
	left    int64 // how much may still come, unless it is a stream
}

func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.attempt.idleTimeout)
	defer b.timer.Stop()
	n, err := b.ReadCloser.Read(p)
	head := &b.attempt.head
	*head = append(*head, p[:min(n, maxMessage-len(*head))]...)
	if b.left -= int64(n); b.left < 0 && !b.stream {
		err = errTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, b.failed(err)
	}
	return n, err
}

// failed returns the error of a request that failed with err, or with that of the idle timeout.
func (b *body) failed(err error) *Error {
	if errors.Is(context.Cause(b.ctx), b.silence) {
		b.attempt.transport.silent.Store(true)
		err = b.silence
	}
	return b.attempt.networkError(err)
}

func (b *body) Close() error {
	defer b.cancel(nil)
	b.timer.Stop()
	return b.ReadCloser.Close()
}

// IsStream reports whether a response is a stream of events, which may never end.
func IsStream(resp *http.Response) bool { return mediaType(resp) == "text/event-stream" }

// mediaType returns a response's content type without parameters, in lower case.
func mediaType(resp *http.Response) string {
	t, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}
