package main

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
)

// traffic counts the requests that pass.
type traffic struct {
	next http.RoundTripper

	mu       sync.Mutex
	requests int
	listings int
}

func (t *traffic) RoundTrip(req *http.Request) (*http.Response, error) {
	t.mu.Lock()
	t.requests++
	if strings.HasSuffix(req.URL.Path, "/jobs/completed/list") {
		t.listings++
	}
	t.mu.Unlock()
	return t.next.RoundTrip(req)
}

// counts returns how many requests have passed, and how many of them were for the listing of completed jobs.
func (t *traffic) counts() (requests, listings int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.requests, t.listings
}

// badLink cuts three connections in ten: before the request has left, when the answer should begin, or in the middle of it.
type badLink struct {
	next http.RoundTripper

	mu     sync.Mutex
	chance *rand.Rand
	passed int
	cut    int
}

var errCut = errors.New("the link was cut on purpose")

func (l *badLink) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.passed++
	fate := l.chance.IntN(10)
	if fate < 3 {
		l.cut++
	}
	l.mu.Unlock()
	if fate == 0 {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, errCut
	}
	resp, err := l.next.RoundTrip(req)
	switch {
	case err != nil:
		return nil, err
	case fate == 1:
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return nil, errCut
	case fate == 2:
		resp.Body = &halfBody{resp.Body, 8}
	}
	return resp, nil
}

func (l *badLink) counts() (passed, cut int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passed, l.cut
}

// halfBody breaks off after some bytes.
type halfBody struct {
	io.ReadCloser
	left int
}

func (b *halfBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errCut
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
