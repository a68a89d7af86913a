package facade

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"example.com/windmill/gen"
)

// call is what the sender of a request knows about it.
type call struct {
	// status and mediaType are the documented answer's. A zero status is any 2xx, of any type.
	status    int
	mediaType string
	// check reports what is wrong with the documented answer's body, if anything.
	check func(body []byte) error
	// idempotent requests are sent again when their answer was lost.
	idempotent bool
	// A submission carries its job's id, so it is sent again whenever the server may not have refused it.
	submission bool
	// once overrides both: the caller has a schedule of its own.
	once bool
	// inDoubt, if there is one, is set once a try that failed may have reached the server.
	inDoubt *bool
	// stream leaves the body of an event stream to the caller.
	stream bool
	// idleTimeout is how long the server may be silent, before its answer or in the middle of it.
	idleTimeout time.Duration
}

// sender is the doer of gen's client for one call.
type sender struct {
	client *Client
	call   call
}

func (s sender) Do(req *http.Request) (*http.Response, error) { return s.client.do(req, s.call) }

// api returns gen's client, which sends its request as k says.
func (c *Client) api(k call) *gen.ClientWithResponses {
	return &gen.ClientWithResponses{ClientInterface: &gen.Client{Server: c.endpoint, Client: sender{c, k}}}
}

// decoded returns what gen made of an answer that do let through: nothing, if gen has been made anew and takes another answer for the
// documented one.
func decoded[T any](body *T) (T, error) {
	if body == nil {
		var none T
		return none, errors.New("package gen does not know the answer: it and package facade are of different descriptions")
	}
	return *body, nil
}

// Do sends a request with the client's token, user agent and retries. With it, a Client is the HTTP doer of the generated client, which has
// every operation of package gen:
//
//	api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
//
// The token goes to the base URL's host only, and an Authorization header that the request has is left alone. A GET or HEAD is sent again,
// as [WithMaxRetries] says; nothing else is sent twice.
//
// An answer that is not 2xx is an error, an [*APIError]; redirects are not followed. A path with a "." or ".." segment, escaped or not, an
// opaque URL, and what cannot be sent as it is are refused with [ErrInvalidArgument]. The body of an answer is read whole, up to 1 GiB, so
// that a truncated one is noticed; the body of an event stream is left to the caller, who has to close it. The request itself is not
// changed. Its context bounds everything.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if req == nil || req.URL == nil {
		return nil, fmt.Errorf("windmill: %w: Do: the request or its URL is nil", ErrInvalidArgument)
	}
	safe := req.Method == "" || req.Method == http.MethodGet || req.Method == http.MethodHead
	replayable := req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
	resp, err := c.do(req, call{idempotent: safe && replayable, stream: true})
	if req.Body != nil && req.GetBody != nil {
		req.Body.Close() // what was sent were others
	}
	return resp, err
}

// ready waits until the server may be asked, and returns what to send: a copy of req. last is what went wrong before, if anything did.
func (c *Client) ready(req *http.Request, k call, last error) (*http.Request, *idleTimer, error) {
	ctx := req.Context()
	if c.isOwn(req) {
		if err := c.hold.wait(ctx); err != nil && ctx.Err() == nil {
			return nil, nil, &requestError{method: req.Method, path: c.pathOf(req), text: err.Error(), err: err}
		}
	}
	if ctx.Err() != nil {
		return nil, nil, c.contextOver(req, last)
	}
	if c.silence.Swap(false) {
		// Not sooner, as an HTTP/2 connection is idle only a moment after its last request has failed.
		c.http.closeIdle()
	}
	idle := newIdleTimer(ctx, k.idleTimeout)
	out, err := c.authorize(req, idle)
	if err != nil {
		idle.stop()
	}
	return out, idle, err
}

// attempt sends out, a copy of req. Its error is an [*APIError] or a *requestError. Unless the answer is an event stream that was asked for,
// its body is in memory when attempt returns.
func (c *Client) attempt(req, out *http.Request, k call, idle *idleTimer) (*http.Response, error) {
	resp, err := c.http.do(out)
	if err != nil {
		idle.stop()
		return nil, c.requestFailed(req, idle, err)
	}
	resp.Request = req // what was sent has the token
	idle.body, resp.Body = resp.Body, idle
	if req.Header.Get("Accept-Encoding") == "" || !success(resp, k) { // who asks for an encoding gets it
		decodeBody(resp, req.Method)
	}
	if success(resp, k) && k.stream && isStream(resp) {
		c.noteAnswer(req, resp)
		idle.pause() // the caller may take its time before it reads
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := c.judge(req, resp, k, idle)
	if err != nil {
		if c.isOwn(req) {
			c.hold.note(answerOf(err))
		}
		return nil, err
	}
	c.noteAnswer(req, resp)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// judge reads an answer, and makes an [*APIError] of one that is not the documented success.
func (c *Client) judge(req *http.Request, resp *http.Response, k call, idle *idleTimer) ([]byte, error) {
	if isStream(resp) { // it may never end
		return nil, c.newAPIError(req, resp, nil)
	}
	good := success(resp, k)
	limit := int64(maxBody)
	if !good {
		limit = maxErrorBody
	}
	body, err := readBody(resp, req.Method, limit)
	switch {
	case err != nil && (good || req.Context().Err() != nil || idle.fired.Load()):
		return nil, c.requestFailed(req, idle, err)
	case err != nil && !errors.Is(err, errTooLarge):
		return nil, c.unreadable(req, resp, err)
	case !good:
		return nil, c.newAPIError(req, resp, body)
	case k.check == nil:
		return body, nil
	}
	if err := k.check(body); err != nil {
		e := c.newAPIError(req, resp, body)
		e.hint = "not the documented answer: " + c.excerpt(err.Error(), maxShown)
		return nil, e
	}
	return body, nil
}

// noteAnswer takes in a good answer. A page that a proxy sent is none.
func (c *Client) noteAnswer(req *http.Request, resp *http.Response) {
	if c.isOwn(req) && !isPage(resp) {
		c.answered.Store(true)
	}
}

// success reports whether an answer is of the kind that was asked for.
func success(resp *http.Response, k call) bool {
	if k.status == 0 {
		return resp.StatusCode >= 200 && resp.StatusCode < 300
	}
	return resp.StatusCode == k.status && mediaType(resp) == k.mediaType
}

// authorize returns the request that a try sends: a copy with the token and the user agent, a path that leads where it seems to, its body from
// the beginning, and the context of idle. The header is its own, since a cookie jar or a transport may add to it.
func (c *Client) authorize(req *http.Request, idle *idleTimer) (*http.Request, error) {
	req = req.Clone(idle.ctx)
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	err := checkRequest(req, c.isOwn(req))
	if err == nil {
		err = cleanPath(req.URL)
	}
	if err != nil {
		return nil, fmt.Errorf("windmill: %w: %s %s: %w", ErrInvalidArgument, req.Method, c.pathOf(req), err)
	}
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, fmt.Errorf("windmill: %s %s: reading the request's body again: %w", req.Method, c.pathOf(req), err)
		}
		req.Body = body
	}
	idle.watch(req)
	if c.isOwn(req) && c.secret.token() != "" && req.Header["Authorization"] == nil {
		req.Header.Set("Authorization", "Bearer "+c.secret.token())
	}
	req.Header.Set("User-Agent", c.userAgent)
	return req, nil
}

// isOwn reports whether a request goes to the base URL's host.
func (c *Client) isOwn(req *http.Request) bool {
	return req.URL.Scheme == c.server.Scheme && strings.EqualFold(req.URL.Host, c.server.Host)
}
