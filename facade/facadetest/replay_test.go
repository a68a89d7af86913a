//go:build go1.25

package facadetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

// exchange is a request that was sent to a running Windmill, and what it answered.
type exchange struct {
	Name    string
	Request struct {
		Method, Path, Token string
		Query               map[string]any
		ContentType         *string `json:"content_type"`
		Body                *string
	}
	Response answer
}

// answer is the part of an answer that is compared.
type answer struct {
	Status  int
	Headers map[string]string
	Body    string
}

func TestServerAnswersAsTheRecordedOnesDid(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		t.Run(release, func(t *testing.T) {
			exchanges := readExchanges(t, "testdata/traces-"+release+".json")
			synctest.Test(t, func(t *testing.T) {
				r := newReplay(t, release)
				for _, ex := range exchanges {
					if !excluded(ex) {
						r.compare(t, ex)
					}
				}
			})
		})
	}
}

func readExchanges(t *testing.T, file string) []exchange {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []exchange
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	if err := dec.Decode(&list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 100 {
		t.Fatalf("%s holds %d exchanges: that is not the recording", file, len(list))
	}
	return list
}

// replay sends recorded requests to a server in the state of the recorded one.
type replay struct {
	srv    *facadetest.Server
	tokens map[string]string
	seen   map[string]bool   // names of exchanges
	ids    map[string]string // this server's job ids, by the recorded ones
}

func newReplay(t *testing.T, release string) *replay {
	srv := newServer(t, facadetest.Release(release))
	// The recorded requests ask for what has completed since January 2026.
	time.Sleep(time.Until(time.Date(2026, time.November, 24, 3, 34, 22, 0, time.UTC)))
	deployRecordedScripts(srv, release)
	setRecordedResources(srv)
	return &replay{
		srv: srv, seen: map[string]bool{}, ids: map[string]string{},
		tokens: map[string]string{
			"valid": srv.Token,
			"none":  "",
			"valid, of a user who is no admin": srv.AddToken(
				facadetest.Access{Token: "TOKENSTARTandmore", User: "dev"}),
			"valid, limited to resources:read": srv.AddToken(
				facadetest.Access{Scopes: []string{"resources:read"}}),
		},
	}
}

// compare sends a recorded request and compares the answer with the recorded one.
func (r *replay) compare(t *testing.T, ex exchange) {
	t.Helper()
	if prepare := preparations[ex.Name]; prepare != nil && !r.seen[ex.Name] {
		prepare(t, r, ex)
	}
	r.seen[ex.Name] = true
	ctx, cancel := context.WithTimeout(t.Context(), patience(ex))
	defer cancel()
	got := r.send(t, ctx, ex)
	want := ex.Response
	if ex.Response.Status == http.StatusCreated && !strings.Contains(ex.Name, "chosen") {
		r.ids[want.Body] = got.Body
	}
	want.Body = r.translate(want.Body)
	want, got = loosen(want), loosen(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s %s: the answer differs from the recorded one (-recorded +got):\n%s", ex.Name,
			ex.Request.Method, ex.Request.Path, diff)
	}
}

// translate puts this server's job ids in the place of the recorded ones.
func (r *replay) translate(text string) string {
	for recorded, id := range r.ids {
		text = strings.ReplaceAll(text, recorded, id)
	}
	return text
}

func (r *replay) send(t *testing.T, ctx context.Context, ex exchange) answer {
	t.Helper()
	query := url.Values{}
	for name, value := range ex.Request.Query {
		query.Set(name, r.translate(fmt.Sprint(value)))
	}
	var body io.Reader
	if ex.Request.Body != nil {
		body = strings.NewReader(*ex.Request.Body)
	}
	target := r.srv.URL + r.translate(ex.Request.Path)
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, ex.Request.Method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	if ex.Request.ContentType != nil {
		req.Header.Set("Content-Type", *ex.Request.ContentType)
	}
	if token := r.token(t, ex); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := r.srv.HTTPClient().Do(req)
	if err != nil {
		t.Fatalf("%s: %v", ex.Name, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%s: body: %v", ex.Name, err)
	}
	got := answer{Status: resp.StatusCode, Headers: map[string]string{}, Body: string(raw)}
	for name := range resp.Header {
		got.Headers[strings.ToLower(name)] = resp.Header.Get(name)
	}
	if len(resp.TransferEncoding) > 0 {
		got.Headers["transfer-encoding"] = resp.TransferEncoding[0]
	}
	return got
}

func (r *replay) token(t *testing.T, ex exchange) string {
	t.Helper()
	if ex.Request.Token == "invalid" {
		if ex.Name == "cancel with bad token" {
			return "short" // the recorded server crashed over a token of fewer than ten characters
		}
		return "an unknown token"
	}
	token, known := r.tokens[ex.Request.Token]
	if !known {
		t.Fatalf("%s: the replay does not know the token %q", ex.Name, ex.Request.Token)
	}
	return token
}
