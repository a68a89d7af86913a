package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// reader reads an upstream description, as far as it is asked for: what nobody looks at may be as broken as it likes.
type reader struct {
	ctx    context.Context
	source *source
	files  map[string]*file
	hops   int      // references being followed
	wrong  []string // what was looked at and is broken
}

type file struct {
	uri  *url.URL
	root any
	err  error
}

// value is a place in a description. What it asks for and does not find is absent; what it finds and is not as it should
// be is absent too, and noted by the reader.
type value struct {
	r    *reader
	file *file
	at   string // a JSON pointer
	data any
}

// open reads the file of a description that the others hang on.
func open(ctx context.Context, s *source) (value, error) {
	r := &reader{ctx: ctx, source: s, files: make(map[string]*file)}
	f := r.load(s.root)
	doc := value{r: r, file: f, data: f.root}
	if f.err != nil {
		return doc, f.err
	}
	fields, _ := f.root.(map[string]any)
	version, _ := scalar(fields["openapi"])
	swagger, _ := scalar(fields["swagger"])
	paths, _ := fields["paths"].(map[string]any)
	release, _ := fields["info"].(map[string]any)
	named, _ := scalar(release["version"])
	switch {
	case swagger != "":
		return doc, fmt.Errorf("it is Swagger %s; only OpenAPI 3.0 and 3.1 can be read", swagger)
	case len(paths) == 0 || version == "":
		return doc, errors.New("it describes no operations")
	case !strings.HasPrefix(version+".", "3.0.") && !strings.HasPrefix(version+".", "3.1."):
		return doc, fmt.Errorf("it is OpenAPI %s; only 3.0 and 3.1 can be read", version)
	case named == "":
		return doc, errors.New("it does not say which version of Windmill it describes (info.version)")
	}
	return doc, nil
}

func (r *reader) load(uri *url.URL) *file {
	whole := *uri
	whole.Fragment, whole.RawFragment = "", ""
	f := r.files[whole.String()]
	if f == nil {
		f = &file{uri: &whole}
		r.files[whole.String()] = f
		data, err := r.source.read(r.ctx, &whole)
		if err == nil {
			f.root, err = decode(data)
		}
		f.err = err
	}
	return f
}

func (v value) complain(format string, args ...any) {
	where := "#" + v.at
	if v.file.uri.String() != v.r.source.root.String() {
		where = path.Base(v.file.uri.Path) + where
	}
	text := fmt.Sprintf(format, args...) + ", at " + where
	if !slices.Contains(v.r.wrong, text) {
		v.r.wrong = append(v.r.wrong, text)
	}
}

// quietly looks at what need not be right.
func (r *reader) quietly(look func()) {
	known := len(r.wrong)
	look()
	r.wrong = r.wrong[:known]
}

func (v value) exists() bool { return v.data != nil }

const maxHops = 32

// target follows references.
func (v value) target() value {
	for range maxHops {
		m, _ := v.data.(map[string]any)
		ref, ok := m["$ref"].(string)
		if !ok {
			// A field may have this name, too.
			if _, isField := m["$ref"].(map[string]any); !isField && m["$ref"] != nil {
				v.complain("a reference is a text, not %s", excerpt(m["$ref"]))
			}
			return v
		}
		next, why := v.r.follow(v.file, ref)
		if why != "" {
			v.complain("the reference %q %s", ref, why)
			return value{r: v.r, file: v.file, at: v.at}
		}
		v = next
	}
	v.complain("the references go in a circle")
	return value{r: v.r, file: v.file, at: v.at}
}

func (r *reader) follow(from *file, ref string) (to value, why string) {
	relative, err := url.Parse(ref)
	if err != nil {
		return to, "is no URL"
	}
	if r.hops++; r.hops > maxHops {
		r.hops--
		return to, "leads to itself"
	}
	defer func() { r.hops-- }()
	f := r.load(from.uri.ResolveReference(relative))
	if f.err != nil {
		return to, "cannot be followed: " + f.err.Error()
	}
	to = value{r: r, file: f, data: f.root}
	if relative.Fragment == "" {
		return to, ""
	}
	pointer, ok := strings.CutPrefix(relative.Fragment, "/")
	for _, key := range strings.Split(pointer, "/") {
		inner := to.target()
		if list, isList := inner.data.([]any); isList {
			i, err := strconv.Atoi(key)
			if ok = ok && err == nil && i >= 0 && i < len(list); ok {
				to = inner.child(key, list[i])
			}
		} else {
			m, _ := inner.data.(map[string]any)
			to = inner.child(key, m[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)])
		}
		if !ok || !to.exists() {
			return to, "leads nowhere"
		}
	}
	return to, ""
}

func (v value) child(key string, data any) value {
	return value{r: v.r, file: v.file, at: v.at + "/" + key, data: data}
}

// members returns what a map has, by name.
func (v value) members() map[string]value {
	v = v.target()
	if !v.exists() {
		return nil
	}
	m, ok := v.data.(map[string]any)
	// In OpenAPI 3.1, true is a schema too: anything.
	if _, isBool := v.data.(bool); !ok && !isBool {
		v.complain("want a map, not %s", excerpt(v.data))
	}
	all := make(map[string]value, len(m))
	for key, data := range m {
		all[key] = v.child(strings.NewReplacer("~", "~0", "/", "~1").Replace(key), data)
	}
	return all
}

func (v value) get(key string) value {
	v = v.target()
	if m, ok := v.data.(map[string]any); ok {
		return v.child(strings.NewReplacer("~", "~0", "/", "~1").Replace(key), m[key])
	}
	v.members() // complains
	return v.child(key, nil)
}

func (v value) items() []value {
	v = v.target()
	list, ok := v.data.([]any)
	if !ok && v.exists() {
		v.complain("want a list, not %s", excerpt(v.data))
	}
	all := make([]value, len(list))
	for i, data := range list {
		all[i] = v.child(strconv.Itoa(i), data)
	}
	return all
}

func (v value) text() string {
	text, ok := scalar(v.data)
	if !ok && v.exists() {
		v.complain("want a text, not %s", excerpt(v.data))
	}
	return text
}

func (v value) isTrue() bool {
	b, ok := v.data.(bool)
	if !ok && v.exists() {
		v.complain("want true or false, not %s", excerpt(v.data))
	}
	return b
}

func scalar(data any) (string, bool) {
	switch data := data.(type) {
	case string:
		return data, true
	case json.Number:
		return data.String(), true
	}
	return "", false
}

// excerpt shows a value that has no business where it is.
func excerpt(data any) string {
	switch data := data.(type) {
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case string:
		return strconv.Quote(data[:min(len(data), 40)])
	}
	return fmt.Sprint(data)
}
