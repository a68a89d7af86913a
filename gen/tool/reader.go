package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// reader reads the files of a description as references lead to them.
type reader struct {
	ctx    context.Context
	root   *url.URL
	files  map[string]*file
	broken []string // references that were followed and lead nowhere
}

type file struct {
	url  *url.URL
	root any
	err  error
}

// value is a place in a description. What is not there, or of another kind than was asked for, is
// an absent value: one without data.
type value struct {
	r    *reader
	file *file
	data any
}

// open reads the file of a description that refers to the others.
func open(ctx context.Context, root *url.URL) (value, error) {
	r := &reader{ctx: ctx, root: root, files: make(map[string]*file)}
	f := r.load(root)
	doc := value{r: r, file: f, data: f.root}
	version := doc.get("openapi").text()
	switch {
	case f.err != nil:
		return doc, f.err
	case version == "" || len(doc.get("paths").members()) == 0:
		return doc, errors.New("it is not an OpenAPI description with operations in it")
	case !strings.HasPrefix(version, "3.0"):
		return doc, fmt.Errorf("it is OpenAPI %s; only 3.0 can be read", version)
	case doc.get("info").get("version").text() == "":
		return doc, errors.New("it does not say which Windmill it describes (info.version)")
	}
	return doc, nil
}

// load reads each file once. A description from a server must not lead to other places.
func (r *reader) load(u *url.URL) *file {
	whole := *u
	whole.Fragment, whole.RawFragment = "", ""
	f := r.files[whole.String()]
	if f == nil {
		f = &file{url: &whole}
		r.files[whole.String()] = f
		if whole.Scheme != r.root.Scheme || whole.Host != r.root.Host {
			f.err = fmt.Errorf("it leads elsewhere, to %s", shown(&whole))
			return f
		}
		var data []byte
		if data, f.err = readURL(r.ctx, &whole); f.err == nil {
			f.root, f.err = decode(data)
		}
	}
	return f
}

// maxReferences bounds a chain of references, which may be a circle.
const maxReferences = 32

// target follows references. What leads nowhere is absent, and noted.
func (v value) target() value {
	at := v
	for range maxReferences {
		ref, ok := at.reference()
		if !ok {
			return at
		}
		next, err := at.follow(ref)
		if err != nil {
			return v.broken(ref, err)
		}
		at = next
	}
	ref, _ := v.reference()
	return v.broken(ref, errors.New("it leads to itself"))
}

func (v value) reference() (ref string, ok bool) {
	m, _ := v.data.(map[string]any)
	ref, ok = m["$ref"].(string)
	return ref, ok
}

func (v value) broken(ref string, err error) value {
	text := fmt.Sprintf("the reference %q cannot be followed: %v", ref, err)
	if !slices.Contains(v.r.broken, text) {
		v.r.broken = append(v.r.broken, text)
	}
	return v.with(nil)
}

func (v value) follow(ref string) (value, error) {
	relative, err := url.Parse(ref)
	if err != nil {
		return v, errors.New("it is not a URL")
	}
	f := v.r.load(v.file.url.ResolveReference(relative))
	to := value{r: v.r, file: f, data: f.root}
	if relative.Fragment == "" || f.err != nil {
		return to, f.err
	}
	for _, key := range strings.Split(strings.TrimPrefix(relative.Fragment, "/"), "/") {
		if list, ok := to.data.([]any); ok {
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(list) {
				return to, errors.New("nothing is there")
			}
			to = to.with(list[i])
			continue
		}
		m, _ := to.data.(map[string]any)
		to = to.with(m[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)])
	}
	if !to.exists() {
		return to, errors.New("nothing is there")
	}
	return to, nil
}

func (v value) with(data any) value { return value{r: v.r, file: v.file, data: data} }

func (v value) exists() bool { return v.data != nil }

func (v value) get(key string) value {
	v = v.target()
	m, _ := v.data.(map[string]any)
	return v.with(m[key])
}

// members returns what a map has, by name.
func (v value) members() map[string]value {
	v = v.target()
	m, _ := v.data.(map[string]any)
	all := make(map[string]value, len(m))
	for key, data := range m {
		all[key] = v.with(data)
	}
	return all
}

func (v value) items() []value {
	v = v.target()
	list, _ := v.data.([]any)
	all := make([]value, len(list))
	for i, data := range list {
		all[i] = v.with(data)
	}
	return all
}

func (v value) text() string {
	switch data := v.data.(type) {
	case string:
		return data
	case json.Number:
		return data.String()
	}
	return ""
}

func (v value) isTrue() bool { return v.data == true }
