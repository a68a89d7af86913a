package facade

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"
)

// maybe is an answer of get_result_maybe.
type maybe struct {
	completed bool
	started   bool
	success   bool // a skipped job is no success
	result    json.RawMessage
}

// large is the size beyond which an answer is not checked by all of JSON's rules, only for being whole: that is what can go wrong on the way.
const large = 1 << 20

// read takes in the answer's body. The result stays where it lies in it: a copy of 50 MB, and the decoder's two walks over them, would
// cost more than the transfer.
//
// order remembers that in the server's answers the result is the last member, as it is in all known releases. Then a
// large one need not be walked through to find where it ends, which for many small values takes as long as the transfer.
func (m *maybe) read(body []byte, order *memberOrder) error {
	if len(body) <= large && !json.Valid(body) {
		return errNotJSON
	}
	if len(body) > large && order.resultIsLast() {
		if rest, result, ok := cutLast(body); ok {
			if _, err := m.readMembers(rest); err == nil {
				m.result = result
				return nil
			}
			*m = maybe{}
		}
	}
	last, err := m.readMembers(body)
	if err == nil {
		order.note(last == "result")
	}
	return err
}

// memberOrder is whether an answer that was walked through lately had the result at its end. It is not relied on for longer than a minute, as a
// server can be upgraded.
type memberOrder struct{ seen atomic.Int64 }

func (o *memberOrder) resultIsLast() bool {
	return time.Since(time.Unix(0, o.seen.Load())) < time.Minute
}

func (o *memberOrder) note(resultIsLast bool) {
	if resultIsLast {
		o.seen.Store(time.Now().UnixNano())
	} else {
		o.seen.Store(0)
	}
}

// readMembers returns the key of the last member, if it is one that matters.
func (m *maybe) readMembers(body []byte) (last string, err error) {
	told := false
	err = eachMember(body, func(key []byte, value json.RawMessage) (err error) {
		switch string(key) {
		case "completed":
			told = string(value) != "null"
			m.completed, err = trueOrNot(value)
		case "success":
			m.success, err = trueOrNot(value)
		case "started":
			m.started, err = trueOrNot(value)
		case "result":
			m.result, last = value, "result"
			return nil
		}
		last = ""
		return err
	})
	switch {
	case err != nil:
		return "", err
	case !told:
		return "", errors.New("it does not tell whether the job has completed")
	case m.completed && m.result == nil:
		return "", errors.New("it has no result, although the job has completed")
	}
	return last, nil
}

// cutLast cuts the result, an object or array, out of a large answer that ends with it, and leaves null in its place. ok is false where the
// ends do not fit, or where there are not as many opening braces as closing ones: then the answer is cut off, or has some in its texts.
func cutLast(body []byte) (rest []byte, result json.RawMessage, ok bool) {
	const key = `"result":`
	head, _, found := bytes.Cut(body[:256], []byte(key))
	if !found {
		return nil, nil, false
	}
	value, closed := bytes.CutSuffix(bytes.TrimSpace(body[len(head)+len(key):]), []byte("}"))
	result = bytes.TrimSpace(value)
	if !closed || !enclosed(result, '{', '}') && !enclosed(result, '[', ']') {
		return nil, nil, false
	}
	if bytes.Count(body, []byte("{")) != bytes.Count(body, []byte("}")) {
		return nil, nil, false
	}
	return append(head[:len(head):len(head)], key+"null}"...), result[:len(result):len(result)], true
}

func enclosed(value []byte, first, last byte) bool {
	return len(value) > 1 && value[0] == first && value[len(value)-1] == last
}

var errNotJSON = errors.New("it is not JSON, or cut off")

func trueOrNot(value json.RawMessage) (bool, error) {
	switch string(value) {
	case "true":
		return true, nil
	case "false", "null":
		return false, nil
	}
	return false, errors.New("it has something else where true, false or null belongs")
}

// eachMember calls f with the members of the JSON object b, values as they stand. It finds where each value ends by its
// quotes and brackets alone, which tells a whole text from one that was cut off at several times the speed of a check of all its rules.
func eachMember(b []byte, f func(key []byte, value json.RawMessage) error) error {
	i := space(b, 0)
	if at(b, i) != '{' {
		return errNotJSON
	}
	for i = space(b, i+1); at(b, i) == '"'; i = space(b, i+1) {
		start := i
		if i = value(b, i); i < 0 {
			return errNotJSON
		}
		key := b[start+1 : i-1]
		if i = space(b, i); at(b, i) != ':' {
			return errNotJSON
		}
		start = space(b, i+1)
		if i = value(b, start); i < 0 {
			return errNotJSON
		}
		if err := f(key, json.RawMessage(b[start:i:i])); err != nil {
			return err
		}
		if i = space(b, i); at(b, i) != ',' {
			break
		}
	}
	if at(b, i) != '}' || space(b, i+1) != len(b) {
		return errNotJSON
	}
	return nil
}

// at is the byte at i, or 0 past the end.
func at(b []byte, i int) byte {
	if i >= len(b) {
		return 0
	}
	return b[i]
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// value is the end of the value that begins at i, or -1 if there is no end.
func value(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = endOfString(b, i+1); i < 0 {
				return -1
			}
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		default:
			i++
			if depth == 0 {
				return endOfScalar(b, i)
			}
			continue
		}
		if depth == 0 {
			return i
		}
		if depth < 0 {
			return -1
		}
	}
	return -1
}

// endOfString is behind the quote that ends the string whose content begins at i: the first with an even number of backslashes before it.
func endOfString(b []byte, i int) int {
	for start := i; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		backslashes := 0
		for j := i - 1; j >= start && b[j] == '\\'; j-- {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i + 1
		}
	}
}

// endOfScalar is the end of the number or word whose second byte is at i.
func endOfScalar(b []byte, i int) int {
	for i < len(b) && !bytes.ContainsRune([]byte(" \t\r\n,]}"), rune(b[i])) {
		i++
	}
	return i
}
