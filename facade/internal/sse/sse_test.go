package sse_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/internal/sse"
)

func TestEventsComeWholeAndInOrder(t *testing.T) {
	const limit = 30_000
	long := strings.Repeat(" 0123 56789\t", 2000)
	blank := strings.Repeat(" ", 10_000)
	for name, test := range map[string]struct {
		stream string
		want   []string
	}{
		"as the server writes them": {"data: a\n\ndata: b\n\n", []string{"a", "b"}},
		"with carriage returns":     {"data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
		"without a space":           {"data:a\n\n", []string{"a"}},
		"over several lines":        {"data: a\ndata: b\n\n", []string{"a\nb"}},
		"with comments and ids":     {": hi\n\nid: 1\ndata: a\nevent: x\n\n", []string{"a"}},
		"a long one":                {"data: " + long + "\n\ndata: b\n\n", []string{long, "b"}},
		"nothing but spaces":        {"data: " + blank + "\n\ndata: b\n\n", []string{blank, "b"}},
		"empty lines in it":         {"data: a\ndata:\ndata: \ndata: b\ndata:\n\n", []string{"a\n\n\nb\n"}},
		"as long as allowed":        {"data: " + strings.Repeat("x", limit) + "\r\n\n", []string{strings.Repeat("x", limit)}},
		"a long comment":            {": " + long + "\n\ndata: b\n\n", []string{"b"}},
		"one that was cut off":      {"data: a\n\ndata: b\n", []string{"a"}},
		"an empty one":              {"data:\n\ndata: b\n\n", []string{"", "b"}},
		"none":                      {"", nil},
	} {
		for _, r := range []io.Reader{strings.NewReader(test.stream), iotest.OneByteReader(strings.NewReader(test.stream))} {
			var got []string
			err := sse.Each(r, limit, func(data []byte, whole bool) error {
				if !whole {
					t.Errorf("%s: cut", name)
				}
				got = append(got, string(data))
				return nil
			})
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
	}
}

func TestOfALargeEventTheBeginningIsGiven(t *testing.T) {
	var got []string
	var wholes []bool
	stream := "data: 12\n\ndata: 123456789" + strings.Repeat("x", 10_000) + "\n\ndata: 34\n\n"
	err := sse.Each(strings.NewReader(stream), 4, func(data []byte, whole bool) error {
		got, wholes = append(got, string(data)), append(wholes, whole)
		return nil
	})
	if diff := cmp.Diff([]string{"12", "1234", "34"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]bool{true, false, true}, wholes); diff != "" {
		t.Errorf("whole (-want +got):\n%s", diff)
	}
}

func TestAnErrorEndsTheStream(t *testing.T) {
	broken := errors.New("broken")
	if err := sse.Each(io.MultiReader(strings.NewReader("data: a\n\n"), iotest.ErrReader(broken)), 10, func([]byte, bool) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("the reader's error came as %v", err)
	}
	if err := sse.Each(strings.NewReader("data: a\n\n"), 10, func([]byte, bool) error { return io.EOF }); err != nil {
		t.Errorf("io.EOF came as %v", err)
	}
}
