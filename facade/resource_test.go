package facade_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/windmill/facade"
)

func TestResourcesMayBeNestedAsDeepAsResults(t *testing.T) {
	const depth = 20_000
	deep := strings.Repeat(`{"a":[`, depth) + `1` + strings.Repeat(`]}`, depth)
	for name, handler := range map[string]http.HandlerFunc{
		"from a server of today": wellAnswered(deep),
		"from one of old": func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/get_value_interpolated/") {
				reply(w, 404, "", "")
				return
			}
			reply(w, 200, "application/json", deep)
		},
	} {
		c, _ := newFake(t, handler, facade.WithMaxRetries(0))
		if got, err := c.GetResource(t.Context(), "f/a/b"); string(got) != deep || err != nil {
			t.Errorf("%s: %d of %d bytes, %v", name, len(got), len(deep), err)
		}
	}
}
