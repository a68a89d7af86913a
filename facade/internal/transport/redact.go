package transport

import (
	"fmt"
	"strings"
	"unicode"
)

const (
	maxMessage = 2000 // bytes of an error's Message
	maxShown   = 300  // bytes of server text quoted by Error
	// tokenStart is how much of a token Windmill quotes in some of its errors. Shorter tokens than
	// minToken would match ordinary words.
	tokenStart, minToken = 10, 5
)

// Redact removes the token from s, and the beginning of it that Windmill quotes.
func (t *Transport) Redact(s string) string {
	token := t.Token()
	if len(token) < minToken {
		return s
	}
	s = strings.ReplaceAll(s, token, "[token]")
	return strings.ReplaceAll(s, token[:min(tokenStart, len(token))], "[token]")
}

// Excerpt returns foreign text as an error keeps it: valid UTF-8 without the token, at most limit
// bytes long.
func (t *Transport) Excerpt(s string, limit int) string {
	s = s[:min(len(s), maxErrorBody)]
	return shorten(strings.TrimSpace(t.Redact(strings.ToValidUTF8(s, "\uFFFD"))), limit)
}

// Shown returns foreign text as the text of an error quotes it: a short excerpt without control
// characters.
func Shown(s string) string { return Printable(shorten(s, maxShown)) }

func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const cut = "…"
	return strings.ToValidUTF8(s[:limit-len(cut)], "") + cut
}

// Printable returns s with every control character but a newline and a tab written as an escape,
// such as \x1b, so that s cannot change what a terminal shows.
func Printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			fmt.Fprintf(&b, `\x%02x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
