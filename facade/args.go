package facade

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"unicode/utf8"
)

// encodeArgs returns the body of a submission: a JSON object without space before it, since the server silently wraps anything else.
func encodeArgs(args any) ([]byte, error) {
	body, err := json.Marshal(args)
	switch {
	case err != nil:
		return nil, fmt.Errorf("encoding the arguments: %w", err)
	case string(body) == "null":
		return []byte("{}"), nil
	case body[0] != '{':
		return nil, fmt.Errorf("the arguments, a %T, do not encode to a JSON object: give a map or a struct with a member for each, or nil for none", args)
	case !utf8.Valid(body) || replaced(args, body):
		return nil, errors.New("the arguments have a text that is not UTF-8, which JSON cannot hold: encode it, in base64 for example")
	}
	return body, nil
}

// replaced reports whether encoding/json has put U+FFFD in the place of what is not UTF-8. Callers may have written that too, so what is replaced has
// to be found as well.
func replaced(args any, body []byte) bool {
	mark, _ := json.Marshal("\xff") // an escape, or the character itself in the next version of encoding/json
	return bytes.Contains(body, bytes.Trim(mark, `"`)) && !texts{}.valid(reflect.ValueOf(args), false)
}

// texts looks for text that is not UTF-8. It remembers where it has been, since types that encode themselves may refer to each other in circles.
type texts map[place]bool

type place struct {
	address uintptr
	of      reflect.Type
	deep    bool
}

// valid reports whether all that encoding/json may have made texts of is UTF-8. deep is inside of a type that encodes itself, which may use whatever
// it has.
func (t texts) valid(v reflect.Value, deep bool) bool {
	kind := v.Kind()
	switch {
	case kind == reflect.Interface:
		return t.valid(v.Elem(), deep)
	case kind == reflect.Invalid, kind == reflect.Pointer && v.IsNil():
		return true
	}
	if _, ok := as[json.Marshaler](v); ok {
		deep = true
	} else if m, ok := as[encoding.TextMarshaler](v); ok {
		text, _ := m.MarshalText()
		return utf8.Valid(text)
	}
	if kind == reflect.Pointer || kind == reflect.Map {
		at := place{v.Pointer(), v.Type(), deep}
		if t[at] {
			return true
		}
		t[at] = true
	}
	switch kind {
	case reflect.String:
		return utf8.ValidString(v.String())
	case reflect.Pointer:
		return t.valid(v.Elem(), deep)
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return !deep || kind == reflect.Array || utf8.Valid(v.Bytes())
		}
		for i := range v.Len() {
			if !t.valid(v.Index(i), deep) {
				return false
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if !t.valid(entries.Key(), deep) || !t.valid(entries.Value(), deep) {
				return false
			}
		}
	case reflect.Struct:
		return t.validFields(v, deep)
	}
	return true
}

func (t texts) validFields(v reflect.Value, deep bool) bool {
	isLock := func(f reflect.StructField) bool {
		return reflect.PointerTo(f.Type).Implements(reflect.TypeFor[sync.Locker]())
	}
	if deep && slices.ContainsFunc(reflect.VisibleFields(v.Type()), isLock) {
		return true // others may be changing the rest
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if used := deep || (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-"; used && !t.valid(v.Field(i), deep) {
			return false
		}
	}
	return true
}

// as returns what has the methods of T, v or a pointer to v, as encoding/json looks for them.
func as[T any](v reflect.Value) (m T, ok bool) {
	if !v.Type().Implements(reflect.TypeFor[T]()) && v.CanAddr() {
		v = v.Addr() // a copy of v might be made while others change it
	}
	if v.CanInterface() {
		m, ok = v.Interface().(T)
	}
	return m, ok
}
