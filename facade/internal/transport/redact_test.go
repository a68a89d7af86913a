//go:build go1.25

package transport

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedactRemovesTheTokenAndItsBeginning(t *testing.T) {
	transport := newTransport(t, "http://windmill.test", nil)
	for text, want := range map[string]string{
		"nothing secret":                   "nothing secret",
		"Bearer " + someToken:              "Bearer [token]",
		someToken + someToken:              "[token][token]",
		`token_prefix: "` + someToken[:10]: `token_prefix: "[token]`,
		someToken[:9]:                      someToken[:9],
	} {
		if got := transport.Redact(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	for token, want := range map[string]string{
		"": "a text", "a": "a text", "text": "a text", "a tex": "[token]t",
	} {
		transport.Token = func() string { return token }
		if got := transport.Redact("a text"); got != want {
			t.Errorf("without the token %q: %q, want %q", token, got, want)
		}
	}
}

func TestExcerptsAreShortValidText(t *testing.T) {
	transport := newTransport(t, "http://windmill.test", nil)
	for text, want := range map[string]string{
		" \n some text\n ":                  "some text",
		"\xff\xfetext":                      "\uFFFDtext",
		"0123456789abcdefghijklmnopqr":      "0123456789abcdefghij…",
		"0123456789abcdefghiéxyz":           "0123456789abcdefghi…",
		"0123456789abcdefg " + someToken:    "0123456789abcdefg [t…",
		strings.Repeat(" ", 1<<17) + "late": "",
	} {
		got := transport.Excerpt(text, 23)
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%.40q became %q, want %q", text, got, want)
		}
	}
}

func TestPrintableEscapesControlCharacters(t *testing.T) {
	for text, want := range map[string]string{
		"two\nlines\tand a tab": "two\nlines\tand a tab",
		"é你🎉":                   "é你🎉",
		"\x1b[2J\r\x00\a\x7f":   `\x1b[2J\x0d\x00\x07\x7f`,
		"\u009b2J\u0085":        `\x9b2J\x85`,
	} {
		if got := Printable(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
