package facadetest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// args makes a job's arguments of a request's body, as the real server does: only what begins with { is the object
// of arguments, everything else becomes the argument "body".
func (c *call) args() (args []byte, ok bool) {
	contentType := c.r.Header.Get("Content-Type")
	switch {
	case contentType == "" && len(c.body) == 0:
		return []byte("{}"), true
	case contentType == "" || strings.HasPrefix(contentType, "application/json"):
		return c.jsonArgs()
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		return formArgs(c.body), true
	}
	raw := string(c.body)
	if !utf8.Valid(c.body) {
		raw = base64.StdEncoding.EncodeToString(c.body)
	}
	return fmt.Appendf(nil, `{"raw_string":%s}`, encodeString(raw)), true
}

func (c *call) jsonArgs() ([]byte, bool) {
	if !utf8.Valid(c.body) {
		c.refuse(http.StatusBadRequest, "Bad request: invalid utf8: invalid utf-8 sequence")
		return nil, false
	}
	var value json.RawMessage
	if err := json.Unmarshal(c.body, &value); err != nil {
		c.refuse(http.StatusBadRequest, "Bad request: invalid json: "+jsonComplaint(c.body, err))
		return nil, false
	}
	if holdsNUL(c.body) {
		c.refuse(http.StatusBadRequest, "SqlErr: error returned from database: unsupported Unicode escape sequence @jobs.rs:6376:5")
		return nil, false
	}
	if c.body[0] != '{' {
		return fmt.Appendf(nil, `{"body":%s}`, bytes.TrimSpace(value)), true
	}
	return normalize(value), true
}

// normalize puts the keys of an object into the database's order, keeps the last of those that are there twice, and
// leaves the values as they are.
func normalize(raw []byte) []byte {
	fields := map[string]json.RawMessage{}
	_ = json.Unmarshal(raw, &fields) // it is an object: checked before
	var o object
	for _, name := range databaseOrder(fields) {
		o.raw(name, fields[name])
	}
	return o.bytes()
}

// databaseOrder returns the keys of an object as the server's database orders them: the short ones first.
func databaseOrder[T any](fields map[string]T) []string {
	names := slices.Collect(maps.Keys(fields))
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	return names
}

func formArgs(body []byte) []byte {
	values, _ := url.ParseQuery(string(body)) // what can be read of it
	fields := map[string]string{}
	for name := range values {
		fields[name] = values.Get(name)
	}
	encoded, _ := json.Marshal(fields) // strings always encode
	return encoded
}

// holdsNUL reports whether JSON holds the escape \u0000, which the server's database cannot store.
func holdsNUL(raw []byte) bool {
	for {
		i := bytes.Index(raw, []byte(`\u0000`))
		if i < 0 {
			return false
		}
		backslashes := len(raw[:i]) - len(bytes.TrimRight(raw[:i], `\`))
		if backslashes%2 == 0 {
			return true
		}
		raw = raw[i+1:]
	}
}

// jsonComplaint says what is wrong with JSON in the words of the real server's parser.
func jsonComplaint(raw []byte, err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err.Error()
	}
	text, offset := err.Error(), int(syntax.Offset)
	what := "expected value"
	for _, known := range [][2]string{
		{"unexpected end", "EOF while parsing " + unfinished(raw)},
		{"beginning of object key", "key must be a string"},
		{"after top-level value", "trailing characters"},
		{"after object key:value", "expected `,` or `}`"},
		{"after object key", "expected `:`"},
		{"after array element", "expected `,` or `]`"},
		{"in literal", "expected ident"},
		{"in string", "control character (\\u0000-\\u001F) found while parsing a string"},
	} {
		if strings.Contains(text, known[0]) {
			what = known[1]
			break
		}
	}
	before := raw[:min(offset, len(raw))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - (bytes.LastIndexByte(before, '\n') + 1)
	return fmt.Sprintf("%s at line %d column %d", what, line, column)
}

// unfinished says what JSON was in the middle of when it ended.
func unfinished(raw []byte) string {
	var open []byte
	inString, escaped := false, false
	for _, ch := range raw {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped = ch == '\\'
			inString = ch != '"'
		case ch == '"':
			inString = true
		case ch == '{', ch == '[':
			open = append(open, ch)
		case (ch == '}' || ch == ']') && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	trimmed := bytes.TrimSpace(raw)
	switch {
	case inString:
		return "a string"
	case len(open) == 0 || bytes.HasSuffix(trimmed, []byte(":")):
		return "a value"
	case open[len(open)-1] == '{':
		return "an object"
	}
	return "a list"
}
