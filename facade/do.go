package facade

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"example.com/windmill/facade/internal/transport"
	"example.com/windmill/gen"
)

// whenLost returns the policy of requests that are safe to repeat.
func whenLost() transport.Policy { return transport.Policy{Repeat: transport.IfLost} }

// request sends a request by a call of gen's client, as p says. send returns nil if the response
// is not the documented one.
func request[T any](
	ctx context.Context, c *Client, p transport.Policy,
	send func(*gen.ClientWithResponses) (*T, error),
) (*T, error) {
	var value *T
	err := c.transport.Retry(ctx, p, func(a *transport.Attempt) (err error) {
		client := &gen.Client{Server: c.BaseURL() + "/", Client: a}
		value, err = send(&gen.ClientWithResponses{ClientInterface: client})
		if err == nil && value == nil {
			err = errUndocumented
		}
		return err
	})
	if err != nil {
		return nil, publicError(err)
	}
	return value, nil
}

var errUndocumented = errors.New("unexpected status, content type or content")

// plainText returns the text of a response, or nil if that is not the documented plain text.
func plainText(resp *http.Response, body []byte, status int) *string {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != status || kind != "text/plain" {
		return nil
	}
	text := string(bytes.TrimSpace(body))
	return &text
}

// Do sends a request with the client's token, user agent and retries. With it, a Client is the HTTP
// client of the generated one, which has every operation of package gen:
//
//	api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
//
// The token is sent to the base URL's host only, and an Authorization header of the request is
// kept. GET and HEAD are sent again as [WithMaxRetries] says; other requests are sent once.
// Redirects are not followed. A path with a "." or ".." segment, escaped or not, is refused with
// [ErrInvalidArgument].
//
// A response other than 2xx is an error, an [*APIError]. Do reads the whole body, up to 1 GiB, so
// that a truncated one is an error; the body of an event stream is left to the caller, who must
// close it. The request is not changed. Its context bounds the call.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if req == nil || req.URL == nil {
		return nil, fmt.Errorf("windmill: %w: Do: the request or its URL is nil", ErrInvalidArgument)
	}
	var p transport.Policy
	if req.Method == "" || req.Method == http.MethodGet || req.Method == http.MethodHead {
		p.Repeat = transport.IfLost
	}
	if req.Body != nil {
		defer req.Body.Close()
		if req.GetBody == nil && req.Body != http.NoBody {
			p.Repeat = transport.Never
		}
	}
	var resp *http.Response
	err := c.transport.Retry(req.Context(), p, func(a *transport.Attempt) (err error) {
		resp, err = sendWhole(a, req)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("windmill: %w", publicError(err))
	}
	return resp, nil
}

// sendWhole sends a copy of req and reads the body of the response, unless that is an event stream.
func sendWhole(a *transport.Attempt, req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, fmt.Errorf("reading the request's body again: %w", err)
		}
		out.Body = body
	}
	resp, err := a.Do(out)
	if err != nil {
		return nil, err
	}
	resp.Request = req
	if transport.IsStream(resp) {
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}
