//go:build go1.25

package facade_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/windmill/facade"
)

func TestResultsAndResourcesComeBackByteForByte(t *testing.T) {
	rows := "[" + strings.Repeat(`{"a":"]}","b":[1,2,{"c":"\""}]},`, 1000) + "null]"
	long := `"` + strings.Repeat(`0123456789abcde\"`, 1<<18) + `"`
	const head = `{"started":true,"success":true,"completed":true,"result":`
	for name, test := range map[string]struct {
		body string
		want string // empty means an error
	}{
		"a number of many digits":    {head + "12345678901234567890.10}", "12345678901234567890.10"},
		"an array":                   {head + rows + "}", rows},
		"an object":                  {head + `{"rows":` + rows + "}}", `{"rows":` + rows + "}"},
		"4 MB":                       {head + long + "}", long},
		"spaces around it":           {head + " \n" + rows + "\n }\n", rows},
		"members after it":           {head + rows + `,"next":1}`, rows},
		"the same name deeper down":  {`{"x":{"result":1},` + head[1:] + rows + `}`, rows},
		"null":                       {head + "null}", "null"},
		"spaces alone":               {`{"result":` + strings.Repeat(" ", 1<<20), ""},
		"a single bracket":           {head + "[}", ""},
		"truncated where a row ends": {head + rows[:strings.LastIndex(rows, ",null")] + "}", ""},
		"truncated in the middle":    {head + rows[:len(rows)/2], ""},
		"truncated before its end":   {head + rows, ""},
	} {
		c, _ := newFake(t, answering(200, "application/json", test.body), facade.WithMaxRetries(0))
		got, err := c.GetResult(t.Context(), someJob)
		if string(got) != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(test.want))
		}
		if test.want != "" {
			c, _ = newFake(t, answering(200, "application/json", test.want), facade.WithMaxRetries(0))
			if got, err := c.GetResource(t.Context(), "f/a/b"); string(got) != test.want || err != nil {
				t.Errorf("%s, as a resource: %d bytes, %v", name, len(got), err)
			}
		}
	}
}

// A transport of a test, or one between net/http and the client, may give any length.
func TestBodiesAreReadWholeWhateverTheirLengthIsSaidToBe(t *testing.T) {
	const result = `{"a":"0123456789012345678901234567890123456789"}`
	for name, change := range map[string]func(*http.Response){
		"a length of 0":      func(resp *http.Response) { resp.ContentLength = 0 },
		"no length":          func(resp *http.Response) { resp.ContentLength = -1 },
		"a length too short": func(resp *http.Response) { resp.ContentLength = 5 },
		"a length too long":  func(resp *http.Response) { resp.ContentLength = 1 << 20 },
		"decompressed, with the compressed length": func(resp *http.Response) {
			body, _ := io.ReadAll(resp.Body)
			var packed bytes.Buffer
			zip := gzip.NewWriter(&packed)
			_, _ = zip.Write(body)
			zip.Close()
			resp.ContentLength = int64(packed.Len())
			resp.Header.Set("Content-Encoding", "gzip")
			unpacked, _ := gzip.NewReader(&packed)
			resp.Body = io.NopCloser(unpacked)
		},
	} {
		synctest.Test(t, func(t *testing.T) { checkLength(t, name, result, change) })
	}
}

func checkLength(t *testing.T, name, result string, change func(*http.Response)) {
	srv := &fakeServer{handler: okHandler(result)}
	c := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := srv.RoundTrip(r)
		if err == nil {
			change(resp)
		}
		return resp, err
	}), facade.WithMaxRetries(0))
	for method, call := range calls {
		if err := call(t.Context(), c); err != nil {
			t.Errorf("%s, %s: %v", method, name, err)
		}
	}
	got, err := c.RunScriptSync(t.Context(), somePath, nil, facade.Logs(io.Discard))
	if string(got) != result || err != nil {
		t.Errorf("RunScriptSync, %s: %s, %v", name, got, err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet,
		c.BaseURL()+"/w/test/resources/get_value_interpolated/f/a/b", nil)
	resp, err := c.Do(req)
	if err != nil {
		t.Errorf("Do, %s: %v", name, err)
		return
	}
	if got, err := io.ReadAll(resp.Body); string(got) != result || err != nil {
		t.Errorf("Do, %s: %q, %v", name, got, err)
	}
}
