package facade_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"example.com/windmill/facade"
)

// Types that encode themselves.
type (
	plainText string             // as text
	keptText  struct{ s string } // as text, from a field that nobody else sees
	keptKey   struct{ s string }
	record    struct{ Text string }
	value     struct{ text string }
	letters   struct{ b []byte }
	family    struct {
		Name   string
		Parent *family
	}
	ordered struct {
		keys   []string
		values map[string]any
	}
	guarded struct {
		mu       sync.Mutex
		text     string
		changing sync.WaitGroup
	}
)

func (p plainText) MarshalText() ([]byte, error) { return []byte(p), nil }
func (k *keptText) MarshalText() ([]byte, error) { return []byte(k.s), nil }
func (k keptKey) MarshalText() ([]byte, error)   { return []byte(k.s), nil }

func (r record) MarshalJSON() ([]byte, error) {
	type plain record
	return json.Marshal(plain(r))
}
func (v value) MarshalJSON() ([]byte, error)   { return json.Marshal(v.text) }
func (l letters) MarshalJSON() ([]byte, error) { return json.Marshal(string(l.b)) }
func (f *family) MarshalJSON() ([]byte, error) { return json.Marshal(f.Name) }
func (o ordered) MarshalJSON() ([]byte, error) { return json.Marshal(o.values[o.keys[0]]) }
func (g *guarded) MarshalJSON() ([]byte, error) {
	g.changing.Add(1)
	go func() {
		defer g.changing.Done()
		g.mu.Lock()
		defer g.mu.Unlock()
		g.text = "changed"
	}()
	return []byte(`"\ufffd"`), nil
}

type blob string

func (b *blob) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, []byte(*b)), nil
}

type rawMessage string

func (r rawMessage) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// secretly is what encodes bytes that are no text, in base64.
type secretly struct{ S string }

func (s secretly) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.StdEncoding.EncodeToString([]byte(s.S)))
}

func TestNoArgumentIsSentAsAnotherText(t *testing.T) {
	const bad = "a\xffb"
	parent := &family{Name: "a"}
	child := &family{Name: bad, Parent: parent}
	parent.Parent = child
	for name, args := range map[string]any{
		"a text":               map[string]any{"x": bad},
		"a key":                map[string]int{bad: 1},
		"a text beside U+FFFD": map[string]any{"x": bad, "y": "\uFFFD"},
		"in a struct":          struct{ A []record }{[]record{{"good"}, {bad}}},
		"in a struct with a lock": &struct {
			sync.Mutex
			X string
		}{X: bad},
		"of a MarshalText":               map[string]any{"x": plainText(bad)},
		"of a key's MarshalText":         map[keptKey]int{{bad}: 1},
		"of a pointer's MarshalText":     map[string]any{"x": &keptText{bad}},
		"of a field's MarshalText":       &struct{ X keptText }{keptText{bad}},
		"of an embedded MarshalText":     map[string]any{"x": struct{ plainText }{bad}},
		"of a MarshalJSON":               record{bad},
		"of a nested MarshalJSON":        map[string]any{"x": []any{&record{bad}}},
		"of a MarshalJSON's own field":   map[string]any{"x": value{bad}},
		"of a MarshalJSON's own bytes":   map[string]any{"x": letters{[]byte(bad)}},
		"of a MarshalJSON's own map":     map[string]any{"x": ordered{[]string{"k"}, map[string]any{"k": bad}}},
		"of a MarshalJSON in a circle":   map[string]any{"x": child},
		"from json.RawMessage":           map[string]any{"x": json.RawMessage(`"` + bad + `"`)},
		"from a MarshalJSON of raw JSON": map[string]any{"x": rawMessage(`"` + bad + `"`)},
	} {
		c, srv := newFake(t, wellAnswered("1"))
		_, err := c.RunScriptAsync(t.Context(), somePath, args)
		if !errors.Is(err, facade.ErrInvalidArgument) || !strings.Contains(err.Error(), "UTF-8") || len(srv.requests()) > 0 {
			t.Errorf("%s: %v, after %d requests", name, err, len(srv.requests()))
		}
	}
}

func TestTextThatIsUTF8IsSentAsItIs(t *testing.T) {
	const bad = "a\xffb"
	circle := &family{Name: "\uFFFD"}
	circle.Parent = circle
	for name, test := range map[string]struct {
		args any
		want string
	}{
		"U+FFFD":                     {map[string]any{"x": "\uFFFD"}, `{"x":"` + "\uFFFD" + `"}`},
		"U+FFFD of a MarshalText":    {map[string]any{"x": plainText("\uFFFD")}, `{"x":"` + "\uFFFD" + `"}`},
		"U+FFFD in a circle":         {map[string]any{"x": circle}, `{"x":"` + "\uFFFD" + `"}`},
		"an escape of raw JSON":      {map[string]any{"x": json.RawMessage(`"\ufffd"`)}, `{"x":"\ufffd"}`},
		"an escape of a MarshalJSON": {map[string]any{"x": rawMessage(`"\ufffd"`)}, `{"x":"\ufffd"}`},
		"an escape beside bytes":     {map[string]any{"x": rawMessage(`"\ufffd"`), "y": []byte("\xff")}, `{"x":"\ufffd","y":"/w=="}`},
		"an escape beside a text left out": {struct {
			X rawMessage
			Y string `json:"-"`
		}{`"\ufffd"`, bad}, `{"X":"\ufffd"}`},
		"bytes of a MarshalJSON": {map[string]any{"x": secretly{bad}}, `{"x":"Yf9i"}`},
		"bytes of a MarshalText": {&struct{ X blob }{bad}, `{"X":"Yf9i"}`},
		"bytes of a MarshalText, beside it": {&struct {
			X blob
			Y rawMessage
		}{bad, `"\ufffd"`}, `{"X":"Yf9i","Y":"\ufffd"}`},
		"nothing where text could be": {map[string]any{"x": (*keptText)(nil), "y": rawMessage(`"\ufffd"`)}, `{"x":null,"y":"\ufffd"}`},
	} {
		var got string
		c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = string(body)
			wellAnswered("1")(w, r)
		})
		if _, err := c.RunScriptAsync(t.Context(), somePath, test.args); err != nil || got != test.want {
			t.Errorf("%s: sent %s, %v; want %s", name, got, err, test.want)
		}
	}
}

func TestWhatALockGuardsIsNotReadWithoutIt(t *testing.T) {
	c, _ := newFake(t, wellAnswered("1"))
	shared := &guarded{}
	if _, err := c.RunScriptAsync(t.Context(), somePath, map[string]any{"x": shared}); err != nil {
		t.Error(err)
	}
	shared.changing.Wait()
}
