package facade

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxBody is twice the largest result that a server keeps unless its configuration says otherwise.
	maxBody      = 1 << 30
	maxErrorBody = 64 << 10
)

// asking is what the sender of a request knows about it.
type asking struct {
	// repeat: sending the request twice does no more than sending it once.
	repeat bool
	// read takes in the body of a success. Its error means that this was not the server's answer: a proxy's, or half of it.
	read func(body []byte) error
	// pages: the answer may be a page of HTML; streams: it may be an event stream, whose body is left unread.
	pages, streams bool
	// patience is how long the server may say nothing: before its answer, or in the middle of it. Zero means the usual.
	patience time.Duration
}

// Do sends a request of the generated client, and makes a Client its HTTP doer:
//
//	api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
//
// The request gets the client's token, unless it goes to another host than the base URL's, and its user agent. A GET or HEAD is
// sent again where [WithMaxRetries] says so. An answer that is not 2xx is an error, an [*APIError]; redirects are not followed. The
// body of an answer is read whole, at most 1 GiB of it, so that a cut-off one is noticed; the body of an event stream is
// left to the caller. The request itself is not changed. The request's context bounds everything.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if req == nil || req.URL == nil {
		return nil, errors.New("windmill: Do: the request or its URL is nil")
	}
	safe := req.Method == "" || req.Method == http.MethodGet || req.Method == http.MethodHead
	var body []byte
	resp, err := c.attempts(c.dress(req.Context(), req), asking{
		repeat:  safe && (req.Body == nil || req.GetBody != nil),
		read:    func(b []byte) error { body = b; return nil },
		pages:   true,
		streams: true,
	})
	if err == nil && !isStream(resp) {
		resp.Body = io.NopCloser(bytes.NewReader(body))
	}
	return resp, err
}

// call sends a request that gen made, and hands the body of its success to ask.read.
func (c *Client) call(ctx context.Context, req *http.Request, ask asking) error {
	return c.send(c.dress(ctx, req), ask)
}

// send is call for a request that goes out as it is, one from a template.
func (c *Client) send(req *http.Request, ask asking) error {
	resp, err := c.attempts(req, ask)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// attempt sends a request once. The body has been read when it returns, but for that of an event stream that was asked for.
func (c *Client) attempt(req *http.Request, ask asking) (*http.Response, error) {
	out, watch := watched(req, ask.patience)
	resp, err := c.http.Do(out)
	if err != nil {
		err = watch.explain(err)
		watch.stop()
		return nil, c.broken(req, err)
	}
	c.clock.note(resp)
	watch.ReadCloser, resp.Body = resp.Body, watch
	success := resp.StatusCode >= 200 && resp.StatusCode < 300
	if success && ask.streams && isStream(resp) {
		return resp, nil
	}
	defer resp.Body.Close()
	if isStream(resp) {
		return nil, c.refusal(req, resp, nil) // it may never end
	}
	limit := int64(maxBody)
	if success = success && (ask.pages || !isPage(resp)); !success {
		limit = maxErrorBody
	}
	body, err := readBody(resp, limit)
	switch {
	case err != nil && (success || !errors.Is(err, errTooLarge)):
		return nil, c.broken(req, watch.explain(err))
	case !success:
		return nil, c.refusal(req, resp, body)
	}
	if err := ask.read(body); err != nil {
		// What a decoder complains of it quotes, and that may be anything.
		return nil, c.broken(req, fmt.Errorf("the answer, %d bytes with status %d: %s", len(body), resp.StatusCode, c.words(err.Error())))
	}
	return resp, nil
}

// dress makes the request that goes out: authenticated, named, and with the slashes of paths raw, as some proxies refuse %2F.
func (c *Client) dress(ctx context.Context, req *http.Request) *http.Request {
	req = req.Clone(ctx)
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	if req.URL.Scheme == c.server.Scheme && req.URL.Host == c.server.Host {
		req.URL.RawPath = ""
		if c.auth.header != nil && req.Header["Authorization"] == nil {
			req.Header["Authorization"] = c.auth.header
		}
	}
	req.Header["User-Agent"] = c.userAgent
	return req
}

// pathOf is a request's path as errors and logs show it: after the base URL, and without the query, which may hold what nobody should see.
func (c *Client) pathOf(req *http.Request) string {
	if req.URL.Host != c.server.Host {
		return req.URL.Host + req.URL.Path
	}
	return strings.TrimPrefix(req.URL.Path, c.server.Path)
}

// broken makes the error of a request or an answer that broke on the way.
func (c *Client) broken(req *http.Request, err error) error {
	// A url.Error would print the whole URL, with the query.
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	// net/http quotes what it cannot parse, which may be what was sent.
	if words := err.Error(); c.hideToken(words) != words {
		err = errors.New(c.hideToken(words))
	}
	if ended := req.Context().Err(); ended != nil && !errors.Is(err, ended) {
		err = ended
	}
	return &brokenError{req.Method, c.pathOf(req), err}
}

func isStream(resp *http.Response) bool { return isType(resp, "text/event-stream") }

// isPage tells a page for people, which a proxy sent: the API never answers with HTML.
func isPage(resp *http.Response) bool { return isType(resp, "text/html") }

// isType is mediaType(resp) == t without the pains of parsing where the header is plainly something else.
func isType(resp *http.Response, t string) bool {
	header := resp.Header.Get("Content-Type")
	return len(header) >= len(t) && strings.EqualFold(header[:len(t)], t) && mediaType(resp) == t
}

var errTooLarge = errors.New("the answer is larger than this client takes")

// readBody reads a body into as little memory as its announced length allows, and into twice as much as it has if that is not known.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	const trusted = 64 << 20 // an announced length costs nobody anything but us
	if n := resp.ContentLength; resp.Request.Method != http.MethodHead && n >= 0 && n <= min(limit, trusted) {
		body := make([]byte, n)
		_, err := io.ReadFull(resp.Body, body)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return body, err
	}
	// Pieces, and not a buffer that grows: the old one and the new one would be there together, each time.
	const smallest, largest = 512, 256 << 10
	var full [][]byte
	piece, total := make([]byte, 0, smallest), int64(0)
	for {
		n, err := resp.Body.Read(piece[len(piece):cap(piece)])
		piece, total = piece[:len(piece)+n], total+int64(n)
		switch {
		case total > limit:
			return concat(full, piece, limit), fmt.Errorf("%w: over %d bytes", errTooLarge, limit)
		case errors.Is(err, io.EOF):
			return concat(full, piece, total), nil
		case err != nil:
			return concat(full, piece, total), err
		case len(piece) == cap(piece):
			full = append(full, piece)
			piece = make([]byte, 0, min(2*len(piece), largest))
		}
	}
}

// concat is one slice of all pieces, not copied if there is but one, up to limit.
func concat(full [][]byte, last []byte, limit int64) []byte {
	if len(full) == 0 {
		return last[:limit:limit]
	}
	all := make([]byte, 0, limit)
	for _, piece := range append(full, last) {
		all = append(all, piece[:min(int64(len(piece)), limit-int64(len(all)))]...)
	}
	return all
}

// httpClient is a copy of the caller's client, or a new one, that follows no redirect: a POST would be followed as a GET, and its token with it.
func httpClient(given *http.Client) *http.Client {
	hc := &http.Client{}
	if given != nil {
		*hc = *given
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t = t.Clone()
		t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext
		t.MaxIdleConnsPerHost = maxLooks
		hc.Transport = t
	}
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return hc
}
