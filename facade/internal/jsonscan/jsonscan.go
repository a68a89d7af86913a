// Package jsonscan walks over JSON without decoding it, several times as fast as [encoding/json] checks it, and however deep it is nested.
package jsonscan

import (
	"encoding/json"
	"errors"
)

// ErrSyntax is returned for what is not a JSON object, or was cut off.
var ErrSyntax = errors.New("it is not a JSON object, or is cut off")

// Members calls f with the members of the JSON object b, in order. Keys are without their quotes, escapes as they stand; values are as they lie
// in b, with no capacity beyond. An error of f ends the walk and is returned.
//
// All JSON objects are accepted, and nothing that was cut off. What stands inside of strings, numbers and words is not checked. As f is called
// on the way, what it was told counts only if Members returns nil.
func Members(b []byte, f func(key, value []byte) error) error {
	s := newScanner(b)
	i := s.space(0)
	if s.at(i) != '{' {
		return ErrSyntax
	}
	if i = s.space(i + 1); s.at(i) == '}' {
		return s.end(i + 1)
	}
	for {
		start := i
		if s.at(i) != '"' {
			return ErrSyntax
		}
		if i = s.text(i); i == cut {
			return ErrSyntax
		}
		key := b[start+1 : i-1 : i-1]
		if i = s.space(i); s.at(i) != ':' {
			return ErrSyntax
		}
		start = s.space(i + 1)
		if i = s.value(start); i == cut {
			return ErrSyntax
		}
		if err := f(key, b[start:i:i]); err != nil {
			return err
		}
		switch i = s.space(i); s.at(i) {
		case ',':
			i = s.space(i + 1)
		case '}':
			return s.end(i + 1)
		default:
			return ErrSyntax
		}
	}
}

var errNotJSON = errors.New("it is not JSON, or is cut off")

// Value returns the JSON value in b, without the space around it. What stands inside of objects and arrays is checked as [Members] does.
func Value(b []byte) ([]byte, error) {
	s := newScanner(b)
	begin := s.space(0)
	end := s.value(begin)
	if end == cut || s.end(end) != nil || s.classes[b[begin]] != opening && !json.Valid(b) {
		return nil, errNotJSON
	}
	return b[begin:end:end], nil
}

// end wants nothing but space from i on.
func (s *scanner) end(i int) error {
	if s.space(i) != len(s.b) {
		return ErrSyntax
	}
	return nil
}
