package facade

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
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
	case !utf8.Valid(body) || !validText(reflect.ValueOf(args)):
		return nil, errors.New("the arguments have a text that is not UTF-8, which JSON cannot hold: encode it, in base64 for example")
	}
	return body, nil
}

// validText reports whether all strings in v are UTF-8. encoding/json would replace what is not.
func validText(v reflect.Value) bool {
	if !v.IsValid() || encodesItself(v.Type()) || v.CanAddr() && encodesItself(reflect.PointerTo(v.Type())) {
		return true
	}
	switch v.Kind() {
	case reflect.String:
		return utf8.ValidString(v.String())
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || validText(v.Elem())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return true
		}
		for i := range v.Len() {
			if !validText(v.Index(i)) {
				return false
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if !validText(entries.Key()) || !validText(entries.Value()) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" && !validText(v.Field(i)) {
				return false
			}
		}
	}
	return true
}

func encodesItself(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}
