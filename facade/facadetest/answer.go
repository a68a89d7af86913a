package facadetest

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// The content types of the server's texts: the first of answers that are no errors and of errors of
// its web framework, the second of its own errors.
const (
	textUTF8  = "text/plain; charset=utf-8"
	textPlain = "text/plain"
)

// hasNUL is what the server says of text that its database cannot store.
const hasNUL = "SqlErr: error returned from database: " +
	`invalid byte sequence for encoding "UTF8": 0x00`

// httpError is a refusal of the server's own.
type httpError struct {
	status int
	body   string
}

func refusal(status int, format string, args ...any) *httpError {
	return &httpError{status, fmt.Sprintf(format, args...)}
}

// text answers with a text that is not an error of the server's own.
func (c *call) text(status int, body string) { c.answer(status, textUTF8, []byte(body)) }

// refuse answers with an error of the server's own.
func (c *call) refuse(status int, format string, args ...any) {
	c.answer(status, textPlain, fmt.Appendf(nil, format, args...))
}

// json answers 200 with JSON.
func (c *call) json(body []byte) { c.answer(http.StatusOK, "application/json", body) }

// answer writes a whole answer. An empty content type leaves the header out.
func (c *call) answer(status int, contentType string, body []byte) {
	header := c.w.Header()
	header["Content-Type"] = nil // keeps net/http from guessing one
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // fails when the client has gone
}

// crash answers as the server does when its handler panics: the newer one with a bare 500, the
// older one by closing the connection.
func (c *call) crash() {
	if c.s.release == older {
		closeConn(c.w, false)
		return
	}
	c.answer(http.StatusInternalServerError, "", []byte("Internal Server Error"))
}

// object builds a JSON object whose keys stay in the order in which they are added, and whose raw
// values are not touched: encoding/json would do neither.
type object struct{ buf bytes.Buffer }

func (o *object) key(name string) {
	if o.buf.Len() == 0 {
		o.buf.WriteByte('{')
	} else {
		o.buf.WriteByte(',')
	}
	o.buf.Write(encodeString(name))
	o.buf.WriteByte(':')
}

func (o *object) raw(name string, value []byte) {
	o.key(name)
	o.buf.Write(value)
}

func (o *object) null(name string) { o.raw(name, []byte("null")) }

func (o *object) string(name, value string) { o.raw(name, encodeString(value)) }

// optional adds a string unless it is empty.
func (o *object) optional(name, value string) {
	if value != "" {
		o.string(name, value)
	}
}

func (o *object) bool(name string, value bool) { o.raw(name, strconv.AppendBool(nil, value)) }

func (o *object) int(name string, value int64) { o.raw(name, strconv.AppendInt(nil, value, 10)) }

func (o *object) time(name string, value time.Time) { o.string(name, formatTime(value)) }

func (o *object) bytes() []byte {
	if o.buf.Len() == 0 {
		return []byte("{}")
	}
	o.buf.WriteByte('}')
	return o.buf.Bytes()
}

// encodeString encodes a string as the server does: only what must be escaped is.
func encodeString(s string) []byte {
	raw, _ := encode(s) // a string always encodes
	return raw
}

// formatTime writes a time as the server does: in UTC, with no, three or six digits after the
// second.
func formatTime(t time.Time) string {
	t = t.UTC()
	switch {
	case t.Nanosecond() == 0:
		return t.Format("2006-01-02T15:04:05Z")
	case t.Nanosecond()%int(time.Millisecond) == 0:
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}

// now is the present as the server's database stores it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
