package facadetest

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// logText is a job's log. The server counts it in characters, so the places where pieces begin are kept in both
// characters and bytes. A copy of a logText keeps showing what the log was when it was copied.
type logText struct {
	bytes []byte
	chars int
	marks []logMark
}

type logMark struct{ chars, bytes int }

func (l *logText) append(piece []byte) {
	text := strings.ToValidUTF8(string(piece), string(utf8.RuneError))
	l.marks = append(l.marks, logMark{l.chars, len(l.bytes)})
	l.bytes = append(l.bytes, text...)
	l.chars += utf8.RuneCountInString(text)
}

// next is the offset that a reader who has read everything continues with.
func (l *logText) next() int { return l.chars + 1 }

// from returns the log from the offset on. Offsets count characters from 1; 0 is the beginning too, and beyond the end
// there is nothing.
func (l *logText) from(offset int) string {
	skip := max(0, offset-1)
	if skip >= l.chars {
		return ""
	}
	// The last piece that begins at or before the place.
	i := sort.Search(len(l.marks), func(i int) bool { return l.marks[i].chars > skip }) - 1
	at := l.marks[i].bytes
	for range skip - l.marks[i].chars {
		_, size := utf8.DecodeRune(l.bytes[at:])
		at += size
	}
	return string(l.bytes[at:])
}

// tail returns the last n characters.
func (l *logText) tail(n int) string { return l.from(l.chars - n + 1) }
