package facade

import (
	"context"
	"net/http"
	"strings"
	"sync"
)

// template is a request as gen builds it, kept to be copied: gen puts each request together from its parts, which takes longer than all
// else that a method does. Routes and parameters stay gen's; what differs from call to call stands in a template as a blank.
type template struct {
	once sync.Once
	req  *http.Request
	err  error
}

// templates are those of the routes on which a client sends most of its requests.
type templates struct{ version, resource, job, result, byHash, byPath template }

// blank stands at the end of a template's path, and in its query, for what is filled in. It has a job id's form.
const blank = "00000000-0000-0000-0000-000000000000"

// fill makes a request from a template, with end in place of the blank in its path. build makes the template, the first time.
func (c *Client) fill(ctx context.Context, t *template, end string, build func(*Client) (*http.Request, error)) (*http.Request, error) {
	t.once.Do(func() {
		if t.req, t.err = build(c); t.err == nil {
			t.req = c.dress(context.Background(), t.req)
		}
	})
	if t.err != nil {
		return nil, t.err
	}
	req := t.req.WithContext(ctx)
	u := *req.URL
	u.Path = strings.TrimSuffix(u.Path, blank) + end
	req.URL = &u
	if !c.plain {
		req.Header = req.Header.Clone()
	}
	return req, nil
}

// isPlain tells whether nobody but net/http itself, which changes none, sees the requests of hc, so that they can share a header.
func isPlain(hc *http.Client) bool {
	_, ok := hc.Transport.(*http.Transport)
	return (ok || hc.Transport == nil) && hc.Jar == nil
}
