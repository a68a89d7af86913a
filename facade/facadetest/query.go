package facadetest

import (
	"errors"
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
	case countParam:
		if strings.HasPrefix(value, "-") {
			return nil, "invalid digit found in string"
		}
		return parseInt(value)
	case intParam:
		return parseInt(value)
	case uuidParam:
		id, ok := parseUUID(value)
		if !ok {
			return nil, r.badUUID(value)
		}
		return id, ""
	case timeParam:
		return parseTime(value)
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

func parseInt(value string) (any, string) {
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err == nil:
		return n, ""
	case value == "":
		return nil, "cannot parse integer from empty string"
	case errors.Is(err, strconv.ErrRange) && value[0] == '-':
		return nil, "number too small to fit in target type"
	case errors.Is(err, strconv.ErrRange):
		return nil, "number too large to fit in target type"
	}
	return nil, "invalid digit found in string"
}

func parseTime(value string) (any, string) {
	// Only time.Parse accepts a comma for the point.
	if t, err := time.Parse(time.RFC3339Nano, value); err == nil && !strings.Contains(value, ",") {
		return t, ""
	}
	if strings.Trim(value, "0123456789-:TtZz+. ") == "" && len(value) < len("2006-01-02T15:04:05Z") {
		return nil, "premature end of input"
	}
	return nil, "input contains invalid characters"
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
