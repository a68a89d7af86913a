package jsonscan

import "bytes"

// class is what a byte is outside of strings.
type class uint8

const (
	other class = iota
	space
	quote
	scalar // a byte of a number or a word
	opening
	closing
	comma
	colon
)

// cut is where something ends that has no end.
const cut = int(^uint(0) >> 1)

// A scanner finds where the parts of b end. Its methods take where a part begins, and none of them minds a place beyond the end of b.
type scanner struct {
	b       []byte
	classes [256]class
}

func newScanner(b []byte) *scanner {
	s := &scanner{b: b}
	for c, chars := range [...]string{
		space: " \t\r\n", quote: `"`, scalar: "+-.0123456789abcdefghijklmnopqrstuvwxyzE", opening: "{[", closing: "}]", comma: ",", colon: ":",
	} {
		for i := range len(chars) {
			s.classes[chars[i]] = class(c)
		}
	}
	return s
}

// at returns the byte at i, or 0 past the end.
func (s *scanner) at(i int) byte {
	if i >= len(s.b) {
		return 0
	}
	return s.b[i]
}

// skip returns where the bytes of a class that begin at i end.
func (s *scanner) skip(c class, i int) int {
	for i < len(s.b) && s.classes[s.b[i]] == c {
		i++
	}
	return i
}

func (s *scanner) space(i int) int { return s.skip(space, i) }

// text returns the end of the string whose opening quote is at i.
func (s *scanner) text(i int) int {
	const short = 16 // below, a call of IndexByte costs more than it saves
	i++
	for end := min(i+short, len(s.b)); i < end; i++ {
		switch s.b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	for start := i; i < len(s.b); i++ {
		n := bytes.IndexByte(s.b[i:], '"')
		if n < 0 {
			return cut
		}
		i += n
		backslashes := 0
		for j := i - 1; j >= start && s.b[j] == '\\'; j-- {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i + 1
		}
	}
	return cut
}

// value returns the end of the value that begins at i.
func (s *scanner) value(i int) int {
	switch s.classes[s.at(i)] {
	case quote:
		return s.text(i)
	case scalar:
		return s.skip(scalar, i)
	case opening:
		return s.nested(i)
	default:
		return cut
	}
}
