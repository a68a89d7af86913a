package facadetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// badJSON is what the server says of all JSON that it cannot parse.
const badJSON = "expected value at line 1 column 1"

// args makes a job's arguments of a request's body, as the real server does: only JSON that begins
// with { is the object of arguments, any other becomes the argument "body".
func (c *call) args() (args []byte, ok bool) {
	contentType := c.r.Header.Get("Content-Type")
	switch {
	case contentType == "" && len(c.body) == 0:
		return []byte("{}"), true
	case contentType == "" || strings.HasPrefix(contentType, "application/json"):
		return c.jsonArgs()
	}
	return fmt.Appendf(nil, `{"raw_string":%s}`, encodeString(string(c.body))), true
}

func (c *call) jsonArgs() ([]byte, bool) {
	if !utf8.Valid(c.body) {
		c.refuse(http.StatusBadRequest, "Bad request: invalid utf8: invalid utf-8 sequence")
		return nil, false
	}
	var value json.RawMessage
	if err := json.Unmarshal(c.body, &value); err != nil {
		c.refuse(http.StatusBadRequest, "Bad request: invalid json: "+badJSON)
		return nil, false
	}
	if holdsNUL(c.body) {
		c.refuse(http.StatusBadRequest, "SqlErr: error returned from database: "+
			"unsupported Unicode escape sequence @jobs.rs:6376:5")
		return nil, false
	}
	if c.body[0] != '{' {
		return fmt.Appendf(nil, `{"body":%s}`, bytes.TrimSpace(value)), true
	}
	return normalize(value), true
}

// normalize puts the keys of an object into the database's order, keeps the last of duplicate ones,
// and leaves the values as they are.
func normalize(raw []byte) []byte {
	fields := map[string]json.RawMessage{}
	_ = json.Unmarshal(raw, &fields) // it is an object: checked before
	var o object
	for _, name := range databaseOrder(fields) {
		o.raw(name, fields[name])
	}
	return o.bytes()
}

// databaseOrder returns the keys of an object as the server's database orders them: the short ones
// first.
func databaseOrder[T any](fields map[string]T) []string {
	names := slices.Collect(maps.Keys(fields))
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	return names
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
