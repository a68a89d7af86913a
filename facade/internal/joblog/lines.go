package joblog

import (
	"strings"
)

// lines makes whole lines of pieces of text.
type lines struct {
	whole []byte // whole lines
	last  []byte // the line after them, whose newline has not come
	ended bool   // the newline of the last text in whole has not come yet
}

// add adds a piece of text.
func (l *lines) add(piece string) {
	if piece == "" {
		return
	}
	isWhole := strings.HasPrefix(piece, "\n") || strings.HasPrefix(piece, "job=")
	if l.ended {
		piece = strings.TrimPrefix(piece, "\n")
		l.ended = false
	}
	n := strings.LastIndexByte(piece, '\n') + 1
	if n > 0 {
		l.whole = append(append(l.whole, l.last...), piece[:n]...)
		l.last = nil
	}
	l.last = append(l.last, piece[n:]...)
	if isWhole {
		l.end()
	}
}

// end gives the last line its newline, if it lacks one.
func (l *lines) end() {
	if len(l.last) > 0 {
		l.whole = append(append(l.whole, l.last...), '\n')
		l.last, l.ended = nil, true
	}
}

// insert adds a whole line that is not part of the text.
func (l *lines) insert(line string) {
	l.whole = append(append(l.whole, line...), '\n')
}
