package facadetest_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/windmill/facade/facadetest"
)

func TestBodiesBecomeArguments(t *testing.T) {
	srv := newServer(t, facadetest.Workers(0))
	srv.Script("f/demo/x", returning(1))
	const json = "application/json"
	for name, c := range map[string]struct{ contentType, body, want string }{
		"an object": {
			json, `{"bb":1, "a": {"x":  1e400}, "bb":2}`, `{"a":{"x":  1e400},"bb":2}`,
		},
		"an object after a space":       {json, ` {"a":1}`, `{"body":{"a":1}}`},
		"an array":                      {json + "; charset=utf-8", `[1]`, `{"body":[1]}`},
		"null":                          {json, `null`, `{"body":null}`},
		"JSON of no type":               {"", `{"a":1}`, `{"a":1}`},
		"nothing of no type":            {"", ``, `{}`},
		"text":                          {"text/plain", `{"a":1}`, `{"raw_string":"{\"a\":1}"}`},
		"JSON of a type in big letters": {"Application/JSON", `{}`, `{"raw_string":"{}"}`},
		"a key that has to be escaped":  {json, `{"a\"":1}`, `{"a\"":1}`},
		"no NUL, but its spelling":      {json, `{"a":"\\u0000"}`, `{"a":"\\u0000"}`},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
				srv.URL+"/api/w/test/jobs/run/p/f/demo/x", strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+srv.Token)
			if c.contentType != "" {
				req.Header.Set("Content-Type", c.contentType)
			}
			resp, err := srv.HTTPClient().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			jobs := srv.Jobs()
			if resp.StatusCode != http.StatusCreated || len(jobs) == 0 {
				t.Fatalf("%s", resp.Status)
			}
			if got := string(jobs[len(jobs)-1].Args); got != c.want {
				t.Errorf("arguments %s, want %s", got, c.want)
			}
		})
	}
}
