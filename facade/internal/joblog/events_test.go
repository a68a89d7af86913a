package joblog_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/internal/joblog"
)

func TestEventsComeWholeAndInOrder(t *testing.T) {
	long := strings.Repeat("0123 56789\t", 2000) + "x"
	for name, test := range map[string]struct {
		stream string
		want   []string
	}{
		"as the server writes them": {"data: a\n\ndata: b\n\n", []string{"a", "b"}},
		"with carriage returns":     {"data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
		"without a space":           {"data:a\n\n", []string{"a"}},
		"comments and other fields": {": hi\n\nid: 1\ndata: a\nevent: x\n\nretry: 1\n\n", []string{"a"}},
		"a long one":                {"data: " + long + "\n\ndata: b\n\n", []string{long, "b"}},
		"a long comment":            {": " + long + "\n\ndata: b\n\n", []string{"b"}},
		"an empty one":              {"data:\n\ndata: b\n\n", []string{"", "b"}},
		"none":                      {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{
				strings.NewReader(test.stream),
				iotest.OneByteReader(strings.NewReader(test.stream)),
			} {
				var got []string
				err := joblog.Events(r, 30_000, func(data []byte) error {
					got = append(got, string(data))
					return nil
				})
				if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
			}
		})
	}
}

func TestWhatEndsTheEvents(t *testing.T) {
	broken, enough := errors.New("broken"), errors.New("enough")
	long := "data: b\n\ndata: " + strings.Repeat("x", 100)
	for name, test := range map[string]struct {
		stream    string
		next      error // of the reader, after the stream
		ends, err error // what the function returns, and Events
	}{
		"an error of the reader":     {"data: b\n\n", broken, nil, broken},
		"an error of the function":   {"data: b\n\n", broken, enough, enough},
		"one that is too long":       {long + "\n\n", io.EOF, nil, bufio.ErrTooLong},
		"before the rest of it came": {long, broken, nil, bufio.ErrTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			r := io.MultiReader(strings.NewReader(test.stream), iotest.ErrReader(test.next))
			n := 0
			err := joblog.Events(r, 100, func([]byte) error {
				n++
				return test.ends
			})
			if n != 1 || !errors.Is(err, test.err) {
				t.Errorf("%d events and %v, want 1 and %v", n, err, test.err)
			}
		})
	}
}
