package facade

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// secret holds the token in closures, where no printer or dumper that walks a Client by reflection finds it.
type secret struct {
	token  func() string
	redact func(string) string // removes the token, however it is spelled
}

func newSecret(token string) secret {
	pattern := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(spellings(token)) })
	return secret{
		token: func() string { return token },
		redact: func(s string) string {
			const shortest = 5 // what is shorter is no secret, and part of many words
			if len(token) < shortest {
				return s
			}
			return pattern().ReplaceAllLiteralString(s, "[token]")
		},
	}
}

// spellings is a pattern of the forms in which a server or proxy may repeat a token: however it is escaped, in base64, alone or in the
// middle of something longer, and its beginning, which the server puts into some of its errors.
func spellings(token string) string {
	const beginning = 10
	forms := []string{spelling(token)}
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + token))
		// The characters at both ends depend on what stands beside the token.
		encoded = encoded[(before*8+5)/6 : (before+len(token))*8/6]
		forms = append(forms, spelling(encoded), spelling(strings.NewReplacer("+", "-", "/", "_").Replace(encoded)))
	}
	if len(token) > beginning {
		forms = append(forms, spelling(strings.ToValidUTF8(token[:beginning], "")))
	}
	return strings.Join(forms, "|")
}

// spelling is a pattern of a text whose characters, but for letters and digits, may each be escaped for URLs, JSON or HTML.
func spelling(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			b.WriteRune(r)
			continue
		}
		inURL := regexp.MustCompile("..").ReplaceAllString(fmt.Sprintf("%x", string(r)), "%(25)*$0")
		fmt.Fprintf(&b, `(\\*%s|(?i:%s|\\+u%04x|&#0*%d;|&#x0*%x;|&[a-z]+;))`, regexp.QuoteMeta(string(r)), inURL, r, r, r)
	}
	return b.String()
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
