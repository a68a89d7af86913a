//go:build go1.25

package facade_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/windmill/facade"
)

func TestATokenIsHiddenHoweverItIsSpelled(t *testing.T) {
	const token = `se"cr/et+&t\oken-0123456789`
	quoted := strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(token)
	for name, spelled := range map[string]string{
		"as it is": token, "query-escaped": url.QueryEscape(token), "path-escaped": url.PathEscape(token),
		"query-escaped in small letters": strings.ToLower(url.QueryEscape(token)), "in JSON": quoted,
		"escaped here and there": strings.ReplaceAll(url.PathEscape(token), "%2F", "/"), "escaped twice": url.QueryEscape(url.QueryEscape(token)),
		"in HTML": html.EscapeString(token), "in HTML by numbers": strings.NewReplacer(`"`, "&#34;", "/", "&#x2F;", "+", "&#43;").Replace(token),
		"in HTML by names":   strings.NewReplacer(`"`, "&quot;", "&", "&amp;").Replace(token),
		"in JSON by numbers": strings.NewReplacer(`"`, `\u0022`, `\`, `\\`, "+", `\u002B`, "&", `\u0026`).Replace(token),
		"in JSON in JSON":    strings.NewReplacer(`"`, `\\\"`, `\`, `\\\\`).Replace(token), "in base64 in a URL": url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(token))),
		"in base64": base64.StdEncoding.EncodeToString([]byte(token)), "in base64 for URLs": base64.URLEncoding.EncodeToString([]byte(token)),
		"in base64, behind something": base64.StdEncoding.EncodeToString([]byte("Bearer " + token)),
		"its beginning":               token[:10],
	} {
		var log bytes.Buffer
		c, err := facade.NewClient("http://windmill.test", token, facade.WithWorkspace("test"), facade.WithMaxRetries(1),
			facade.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
			facade.WithHTTPClient(&http.Client{Transport: &fakeServer{handler: answering(503, "text/plain", "Bad request: <"+spelled+">")}}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.GetVersion(t.Context())
		if err == nil || strings.Contains(err.Error(), spelled[2:len(spelled)-4]) || strings.Contains(log.String(), spelled[2:len(spelled)-4]) {
			t.Errorf("%s: %v\n%s", name, err, &log)
		}
	}
}
