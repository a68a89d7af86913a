package facade

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// secret holds the token in closures, where no printer or dumper that walks a Client by reflection finds it.
type secret struct {
	token  func() string
	redact func(string) string // removes the token, however it is spelled
}

func newSecret(token string) secret {
	forms := formsOf(token)
	var marks, patterns []string
	for _, form := range forms {
		marks, patterns = append(marks, plainest(form)), append(patterns, spelling(form))
	}
	pattern := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(strings.Join(patterns, "|")) })
	return secret{
		token: func() string { return token },
		redact: func(s string) string {
			if !slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(s, mark) }) {
				return s // as nearly always, and much faster
			}
			return pattern().ReplaceAllLiteralString(s, "[token]")
		},
	}
}

// formsOf lists the forms in which a server or proxy may repeat a token: as it is, in base64, alone or in the middle of something longer,
// and its beginning, which the server puts into some of its errors.
func formsOf(token string) []string {
	const beginning, shortest = 10, 5 // what is shorter is no secret, and part of many words
	if len(token) < shortest {
		return nil
	}
	forms := []string{token}
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + token))
		// The characters at both ends depend on what stands beside the token.
		encoded = encoded[(before*8+5)/6 : (before+len(token))*8/6]
		forms = append(forms, encoded, strings.NewReplacer("+", "-", "/", "_").Replace(encoded))
	}
	if len(token) > beginning {
		forms = append(forms, strings.ToValidUTF8(token[:beginning], ""))
	}
	return forms
}

// spelling is a pattern of a text whose characters, but for letters and digits, may each be escaped for URLs, JSON or HTML.
func spelling(s string) string {
	var b strings.Builder
	for _, r := range s {
		if !special(r) {
			b.WriteRune(r)
			continue
		}
		inURL := ""
		for _, c := range []byte(string(r)) {
			inURL += fmt.Sprintf("%%(25)*%02x", c)
		}
		fmt.Fprintf(&b, `(\\*%s|(?i:%s|\\+u%04x|&#0*%d;|&#x0*%x;|&[a-z]+;))`, regexp.QuoteMeta(string(r)), inURL, r, r, r)
	}
	return b.String()
}

// plainest returns the longest part of a text that is the same in all spellings.
func plainest(s string) string {
	return slices.MaxFunc(append(strings.FieldsFunc(s, special), ""), func(a, b string) int { return len(a) - len(b) })
}

// special reports whether a character may be escaped.
func special(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

const (
	maxExcerpt = 2000 // bytes of an error's Message
	maxShown   = 300  // bytes of somebody else's text in an error's own text
)

// excerpt returns somebody else's text as it may stand in an error: without the token, at most limit bytes long.
func (c *Client) excerpt(s string, limit int) string {
	s = s[:min(len(s), maxErrorBody)]
	s = strings.TrimSpace(c.secret.redact(strings.ToValidUTF8(s, "\uFFFD")))
	return shorten(s, limit)
}

func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
