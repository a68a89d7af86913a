package joblog

import (
	"bytes"
	"strings"
	"time"
)

// maxHold is how long a line without its end is held back. The server's pieces begin with a newline, so that the end of a
// piece is the end of a line, as a rule.
const maxHold = 200 * time.Millisecond

// lines makes whole lines of pieces of text.
type lines struct {
	text  []byte
	since time.Time // when the last line began
	ended bool      // the last line was given a newline that its text did not have
}

// add adds a piece.
func (l *lines) add(piece string) {
	if piece == "" {
		return
	}
	if l.ended {
		piece = strings.TrimPrefix(piece, "\n")
		l.ended = false
	}
	if n := len(l.text); n == 0 || l.text[n-1] == '\n' || strings.Contains(piece, "\n") {
		l.since = time.Now()
	}
	l.text = append(l.text, piece...)
}

// insert adds a line that is not part of the text.
func (l *lines) insert(line string) {
	l.end()
	l.text = append(append(l.text, line...), '\n')
}

// end gives the last line its newline, if it has none.
func (l *lines) end() {
	if n := len(l.text); n > 0 && l.text[n-1] != '\n' {
		l.text = append(l.text, '\n')
		l.ended = true
	}
}

// take returns the lines that are whole, or have waited long enough for their end. Otherwise wait is how long they have yet to.
func (l *lines) take(now time.Time) (whole []byte, wait time.Duration) {
	if wait = maxHold - now.Sub(l.since); wait <= 0 {
		l.end()
	}
	n := bytes.LastIndexByte(l.text, '\n') + 1
	whole, l.text = l.text[:n:n], l.text[n:]
	if len(l.text) == 0 {
		l.text, wait = nil, 0
	}
	return whole, wait
}
