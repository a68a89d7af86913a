package facadetest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// kind is the type of a query parameter. The server checks it, also where it does not use the
// parameter.
type kind int

const (
	textParam kind = iota
	boolParam
	intParam
	countParam // a number that cannot be negative
	uuidParam
	timeParam
)

// params are the query parameters that a route knows. All others are ignored, as on the real
// server.
type params map[string]kind

// query is what a request says in its query string: string, bool, int64, uuid.UUID or time.Time by
// name.
type query map[string]any

// query reads the query string, answering 400 in the server's words when it cannot.
func (c *call) query(known params) (query, bool) {
	q := query{}
	for _, pair := range strings.Split(c.r.URL.RawQuery, "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, value := decodeForm(rawName), decodeForm(rawValue)
		kind, used := known[name]
		if !used {
			continue
		}
		if _, twice := q[name]; twice {
			return nil, c.badQuery("", "duplicate field `"+name+"`")
		}
		parsed, why := c.s.release.parseParam(kind, value)
		if why != "" {
			return nil, c.badQuery(name, why)
		}
		if kind == textParam && strings.Contains(value, "\x00") {
			c.refuse(http.StatusBadRequest, hasNUL)
			return nil, false
		}
		q[name] = parsed
	}
	return q, true
}

func (c *call) badQuery(name, why string) bool {
	c.text(http.StatusBadRequest, c.s.release.badQuery(name, why))
	return false
}

func decodeForm(raw string) string {
	text, err := url.QueryUnescape(raw)
	if err != nil {
		return raw
	}
	return text
}

// parseParam reads a parameter; if it cannot, why is not empty.
func (r release) parseParam(kind kind, value string) (parsed any, why string) {
	switch kind {
	case boolParam:
		if value != "true" && value != "false" {
			return nil, "provided string was not `true` or `false`"
		}
		return value == "true", ""
	case intParam, countParam:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || kind == countParam && n < 0 {
			return nil, "invalid digit found in string"
		}
		return n, ""
	case uuidParam:
		id, ok := parseUUID(value)
		if !ok {
			return nil, r.badUUID(value)
		}
		return id, ""
	case timeParam:
		t, err := time.Parse(time.RFC3339Nano, value)
		if err != nil || strings.Contains(value, ",") { // which only time.Parse accepts
			return nil, "input contains invalid characters"
		}
		return t, ""
	}
	return value, ""
}

// parseUUID parses an id in one of the spellings that the server accepts. uuid.Parse accepts any
// two characters where only braces may be.
func parseUUID(text string) (uuid.UUID, bool) {
	id, err := uuid.Parse(text)
	const braced = len("{00000000-0000-0000-0000-000000000000}")
	return id, err == nil && (len(text) != braced || text[0] == '{' && text[braced-1] == '}')
}

// text returns a parameter's text, or "" when it was not sent.
func (q query) text(name string) string {
	text, _ := q[name].(string)
	return text
}

// is reports whether a parameter was sent as true.
func (q query) is(name string) bool {
	value, _ := q[name].(bool)
	return value
}

// id returns a parameter that is a job's id, in its usual spelling, or "" when it was not sent.
func (q query) id(name string) string {
	id, ok := q[name].(uuid.UUID)
	if !ok {
		return ""
	}
	return id.String()
}

// int returns a number, or the other one when it was not sent.
func (q query) int(name string, other int64) int64 {
	if n, ok := q[name].(int64); ok {
		return n
	}
	return other
}
