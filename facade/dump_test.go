package facade_test

import (
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"example.com/windmill/facade"
)

func TestNoDumperFindsTheToken(t *testing.T) {
	const token = "t0ken-that-nobody-may-see"
	for name, http2 := range map[string]bool{"over HTTP/1.1": false, "over HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewUnstartedServer(wellAnswered("1"))
			srv.EnableHTTP2 = http2
			srv.StartTLS()
			defer srv.Close()
			c, err := facade.NewClient(srv.URL, token, facade.WithHTTPClient(srv.Client()))
			if err != nil {
				t.Fatal(err)
			}
			wantNoToken(t, c, token)
			if _, err := c.GetVersion(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantNoToken(t, c, token)
		})
	}
}

// wantNoToken walks over all that a dumper reaches from c.
func wantNoToken(t *testing.T, c *facade.Client, token string) {
	t.Helper()
	type place struct {
		address uintptr
		of      reflect.Type
	}
	seen := map[place]bool{}
	var walk func(v reflect.Value, where string)
	walk = func(v reflect.Value, where string) {
		switch v.Kind() {
		case reflect.String:
			if strings.Contains(v.String(), token) {
				t.Errorf("%s holds the token", where)
			}
		case reflect.Pointer:
			if at := (place{v.Pointer(), v.Type()}); !v.IsNil() && !seen[at] {
				seen[at] = true
				walk(v.Elem(), where)
			}
		case reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem(), where)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), where+"."+v.Type().Field(i).Name)
			}
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 && (v.Kind() == reflect.Slice || v.CanAddr()) {
				if strings.Contains(string(v.Bytes()), token) {
					t.Errorf("%s holds the token", where)
				}
				return
			}
			for i := range v.Len() {
				walk(v.Index(i), where)
			}
		case reflect.Map:
			for entries := v.MapRange(); entries.Next(); {
				walk(entries.Key(), where)
				walk(entries.Value(), where)
			}
		}
	}
	walk(reflect.ValueOf(c), "Client")
}
