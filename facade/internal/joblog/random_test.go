//go:build go1.25

package joblog_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"example.com/windmill/facade/internal/joblog"
)

func TestOfRandomUpdatesEachLineIsWrittenOnceAndInOrder(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 0))
		log := randomLog(r)
		var out bytes.Buffer
		l := joblog.New(&out, options(false))
		follow(r, l, log)
		l.Close(time.Minute)
		if want := strings.TrimSuffix(strings.Join(log, ""), "\n") + "\n"; out.String() != want {
			t.Fatalf("seed %d, pieces %q: got %q, want %q", seed, log, &out, want)
		}
	}
}

// randomLog returns the pieces of a log: whole lines with the newline before, as the server writes
// them, or lines with the newline after that are cut anywhere.
func randomLog(r *rand.Rand) (pieces []string) {
	if r.IntN(2) == 0 {
		pieces = append(pieces, "job=7 tag=bash\n\n\n--- BASH CODE EXECUTION ---\n")
		for n := range r.IntN(8) {
			pieces = append(pieces, fmt.Sprintf("\n%d%s", n, strings.Repeat("\né🚀", r.IntN(3))))
		}
		return pieces
	}
	var chars []rune
	for n := range 1 + r.IntN(8) {
		chars = append(chars, []rune(fmt.Sprintf("%d é🚀\n", n))...)
	}
	for len(chars) > 0 {
		n := 1 + r.IntN(min(len(chars), 20))
		if n < len(chars) && chars[n] == '\n' {
			n++
		}
		pieces, chars = append(pieces, string(chars[:n])), chars[n:]
	}
	return pieces
}

// follow applies updates about a growing log until it is complete.
func follow(r *rand.Rand, l *joblog.Log, pieces []string) {
	log := []rune(strings.Join(pieces, ""))
	size := 0 // of what the server has
	since := func(begin int) joblog.Update {
		u := joblog.Update{Text: string(log[begin:size]), Completed: size == len(log)}
		if u.Text != "" {
			u.End = size + 1
		}
		return u
	}
	position := func() int { return max(l.Offset(), 1) - 1 }
	streamed := 0 // what the stream has sent
	var poll joblog.Update
	for !l.Completed() {
		for range r.IntN(3) {
			if len(pieces) > 0 {
				size += utf8.RuneCountInString(pieces[0])
				pieces = pieces[1:]
			}
		}
		event := since(streamed)
		switch r.IntN(6) {
		case 0: // the event is lost
			streamed = size
		case 1: // the stream breaks off, and another is opened
			streamed = position()
		case 2: // a response is under way
			poll = since(position())
			poll.Polled = true
		case 3: // it arrives
			l.Apply(poll)
		default:
			streamed = size
			if !l.Apply(event) {
				streamed = position()
			} else if r.IntN(4) == 0 {
				l.Apply(event)
			}
		}
	}
}
