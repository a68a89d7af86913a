package facade_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// TestLargeResultsComeBackByteForByte gives one client one answer after another, since what it does with a large one depends on those before.
func TestLargeResultsComeBackByteForByte(t *testing.T) {
	rows := "[" + strings.Repeat(`{"a":"]}","b":[1,2,{"c":"\""}]},`, 100_000) + "null]"
	object := `{"rows":` + rows + `}`
	const head, small = `{"started":true,"success":true,"completed":true,"result":`, `[{"small":1}]`
	tests := []struct {
		name         string
		answer, want string // no want is an error
	}{
		{"the first is large", head + rows + "}", rows},
		{"a small one", head + small + "}", small},
		{"an array", head + rows + "}", rows},
		{"an object", head + object + "}", object},
		{"spaces around it", head + " \n" + rows + "\n }\n", rows},
		{"members after it", head + rows + `,"next":1}`, rows},
		{"a string", head + `"` + strings.Repeat(`\"`, 1<<20) + `"}`, `"` + strings.Repeat(`\"`, 1<<20) + `"`},
		{"members before it", `{"result":` + rows + `,"started":true,"success":true,"completed":true}`, rows},
		{"a member after it that ends as it does, where such have been seen", head + rows + `,"next":[1]}`, rows},
		{"a key of the same name deeper down", `{"x":{"result":1},"success":true,"completed":true,"result":` + rows + `}`, rows},
		{"nothing but spaces", `{"result":` + strings.Repeat(" ", 2<<20), ""},
		{"spaces and a brace", `{"result":` + strings.Repeat(" ", 2<<20) + "}", ""},
		{"a single bracket", head + strings.Repeat(" ", 2<<20) + "[}", ""},
		{"cut off where a row ends", head + rows[:strings.LastIndex(rows, ",null")] + "}", ""},
		{"cut off in the middle", head + rows[:len(rows)/2], ""},
		{"cut off before the end", head + rows, ""},
	}
	var answer string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer))
	}))
	defer srv.Close()
	c, err := facade.NewClient(srv.URL, "a-token", facade.WithWorkspace("test"), facade.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		answer = tt.answer
		got, err := c.GetResult(t.Context(), uuid.NewString())
		if (err != nil) != (tt.want == "") {
			t.Errorf("%s: error %v", tt.name, err)
		}
		if !bytes.Equal(got, []byte(tt.want)) {
			t.Errorf("%s: %d bytes, want the %d that were sent", tt.name, len(got), len(tt.want))
		}
	}
}
