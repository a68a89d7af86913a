package facade

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	// maxBody is twice the largest result that a server keeps, unless its configuration says otherwise.
	maxBody      = 1 << 30
	maxErrorBody = 64 << 10
)

var errTooLarge = errors.New("the answer is too large")

// readBody reads a body, at most limit bytes. It allocates what the server announces, or at most twice what it gets.
func readBody(resp *http.Response, method string, limit int64) ([]byte, error) {
	const trusted = 64 << 20
	if n := resp.ContentLength; method != http.MethodHead && n >= 0 && n <= min(limit, trusted) {
		body := make([]byte, n)
		_, err := io.ReadFull(resp.Body, body)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return body, err
	}
	// In chunks, since a buffer that grows is there twice each time it does.
	var chunks [][]byte
	chunk, total := make([]byte, 0, 512), int64(0)
	for {
		n, err := resp.Body.Read(chunk[len(chunk):cap(chunk)])
		chunk, total = chunk[:len(chunk)+n], total+int64(n)
		switch {
		case total > limit:
			return bytes.Join(append(chunks, chunk), nil)[:limit], fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
		case errors.Is(err, io.EOF) && len(chunks) == 0:
			return chunk, nil
		case errors.Is(err, io.EOF):
			return bytes.Join(append(chunks, chunk), nil), nil
		case err != nil:
			return bytes.Join(append(chunks, chunk), nil), err
		case len(chunk) == cap(chunk):
			chunks = append(chunks, chunk)
			chunk = make([]byte, 0, min(2*cap(chunk), 1<<20))
		}
	}
}

// decodeBody undoes a content encoding that net/http has not asked for, as some proxies add one unasked.
func decodeBody(resp *http.Response, method string) {
	encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	if encoding == "" || encoding == "identity" || resp.Uncompressed || method == http.MethodHead {
		return
	}
	var decoded io.Reader
	var err error
	switch encoding {
	case "gzip", "x-gzip":
		decoded, err = gzip.NewReader(resp.Body)
	case "deflate":
		decoded, err = zlib.NewReader(resp.Body)
	default:
		err = errors.New("nobody asked for it")
	}
	if err != nil && !errors.Is(err, io.EOF) { // an empty body is that in any encoding
		decoded = failingReader{fmt.Errorf("decoding the answer's content encoding %q: %w", encoding, err)}
	} else if err != nil {
		decoded = http.NoBody
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{decoded, resp.Body}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength, resp.Uncompressed = -1, true
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func isStream(resp *http.Response) bool { return mediaType(resp) == "text/event-stream" }

// isPage reports whether an answer is a page for people, which a proxy sent: the API never answers with HTML.
func isPage(resp *http.Response) bool { return mediaType(resp) == "text/html" }

// mediaType returns an answer's content type without parameters, in lower case.
func mediaType(resp *http.Response) string {
	t, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}
