package facade

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
)

// secret holds the token in closures, where no printer or dumper that walks a Client by reflection finds it.
type secret struct {
	token  func() string
	redact func(string) string // removes the token, however it is spelled
}

func newSecret(token string) secret {
	replacer := strings.NewReplacer(spellings(token)...)
	return secret{
		token:  func() string { return token },
		redact: replacer.Replace,
	}
}

// spellings lists, for a replacer, the forms in which a server or proxy may repeat a token: as it is, escaped for URLs, JSON and
// HTML, in base64, alone or in the middle of something longer, and its beginning, which the server puts into some of its errors.
func spellings(token string) []string {
	const beginning, shortest = 10, 5 // what is shorter is no secret, and part of many words
	if len(token) < shortest {
		return nil
	}
	quoted, _ := json.Marshal(token) // a string always encodes
	inJSON := string(quoted[1 : len(quoted)-1])
	forms := []string{token, url.QueryEscape(token), url.PathEscape(token), inJSON,
		strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(inJSON),
		html.EscapeString(token), strings.ReplaceAll(token, "/", `\/`)}
	for _, escaped := range []string{url.QueryEscape(token), url.PathEscape(token)} {
		forms = append(forms, lowerEscapes(escaped))
	}
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + token))
		// The characters at both ends depend on what stands beside the token.
		encoded = encoded[(before*8+5)/6 : (before+len(token))*8/6]
		forms = append(forms, encoded, strings.NewReplacer("+", "-", "/", "_").Replace(encoded))
	}
	if len(token) > beginning {
		forms = append(forms, token[:beginning])
	}
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, "[token]")
	}
	return pairs
}

// lowerEscapes writes the escapes of a URL with small letters: %2f for %2F.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:], strings.ToLower(string(b[i:i+3])))
		}
	}
	return string(b)
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
