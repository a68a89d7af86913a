package facade_test

import (
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"example.com/windmill/facade"
)

func TestNewClientAcceptsBaseURLsAsPeopleWriteThem(t *testing.T) {
	for given, want := range map[string]string{
		"http://localhost:8000":                   "http://localhost:8000/api",
		"http://localhost:8000/":                  "http://localhost:8000/api",
		"http://localhost:8000/api":               "http://localhost:8000/api",
		"http://localhost:8000/api/":              "http://localhost:8000/api",
		"https://tools.example.com/windmill":      "https://tools.example.com/windmill/api",
		"https://tools.example.com/windmill/api/": "https://tools.example.com/windmill/api",
		"https://tools.example.com/api/v2":        "https://tools.example.com/api/v2/api",
		"http://[::1]:8000":                       "http://[::1]:8000/api",
	} {
		c, err := facade.NewClient(given, "")
		if err != nil || c.BaseURL() != want {
			t.Errorf("%s: %v, %v; want %s", given, c, err, want)
		}
	}
}

func TestNewClientRefusesOtherBaseURLs(t *testing.T) {
	for given, says := range map[string]string{
		"localhost:8000":                  "not an absolute URL",
		"windmill.example.com/api":        "not an absolute URL",
		"ftp://windmill.example.com":      `"ftp"`,
		"http://":                         "missing host",
		"http://localhost:":               "missing port after the colon",
		"http://user:s3cret@example.com":  "user or password",
		"http://example.com/api?token=s3": "query",
		"http://example.com/#x":           "fragment",
		"http://example.com/a/../b":       `".."`,
		"http://example.com/a%2Fb":        "escaped slash",
		"http://example.com/%2e%2e/b":     "escaped",
		"http://exa mple.com":             "not an absolute URL",
		"http://example.com:s3cret/":      "not an absolute URL",
	} {
		_, err := facade.NewClient(given, "")
		checkRefused(t, given, err, says)
		if err != nil && strings.Contains(err.Error(), "s3") {
			t.Errorf("%s: the error quotes a secret: %v", given, err)
		}
	}
}

func TestNewClientRefusesInvalidOptions(t *testing.T) {
	for name, opt := range map[string]facade.ClientOption{
		"WithWorkspace":  facade.WithWorkspace(""),
		"workspace":      facade.WithWorkspace("../admins"),
		"WithHTTPClient": facade.WithHTTPClient(nil),
		"WithMaxRetries": facade.WithMaxRetries(-1),
		"WithMaxOutage":  facade.WithMaxOutage(0),
		"WithLogger":     facade.WithLogger(nil),
		"WithUserAgent":  facade.WithUserAgent("two\r\nlines"),
		"nil":            nil,
	} {
		_, err := facade.NewClient("", "", opt)
		checkRefused(t, name, err, name)
	}
}

func TestDumpersDoNotFindTheToken(t *testing.T) {
	for name, http2 := range map[string]bool{"over HTTP/1.1": false, "over HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewUnstartedServer(okHandler("1"))
			srv.EnableHTTP2 = http2
			srv.StartTLS()
			defer srv.Close()
			c, err := facade.NewClient(srv.URL, someToken, facade.WithHTTPClient(srv.Client()))
			if err != nil {
				t.Fatal(err)
			}
			d := dumper{t: t, seen: map[place]bool{}}
			d.dump(reflect.ValueOf(c), "Client")
			if _, err := c.GetVersion(t.Context()); err != nil {
				t.Fatal(err)
			}
			d.seen = map[place]bool{}
			d.dump(reflect.ValueOf(c), "Client")
		})
	}
}

// dumper looks for the token in all that can be reached from a value by reflection.
type dumper struct {
	t    *testing.T
	seen map[place]bool
}

type place struct {
	address uintptr
	of      reflect.Type
}

func (d dumper) dump(v reflect.Value, where string) {
	switch v.Kind() {
	case reflect.String:
		d.check(v.String(), where)
	case reflect.Pointer:
		if at := (place{v.Pointer(), v.Type()}); !v.IsNil() && !d.seen[at] {
			d.seen[at] = true
			d.dump(v.Elem(), where)
		}
	case reflect.Interface:
		if !v.IsNil() {
			d.dump(v.Elem(), where)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			d.dump(v.Field(i), where+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && (v.Kind() == reflect.Slice || v.CanAddr()) {
			d.check(string(v.Bytes()), where)
			return
		}
		for i := range v.Len() {
			d.dump(v.Index(i), where)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			d.dump(entries.Key(), where)
			d.dump(entries.Value(), where)
		}
	}
}

func (d dumper) check(text, where string) {
	if strings.Contains(text, someToken) {
		d.t.Errorf("%s holds the token", where)
	}
}
