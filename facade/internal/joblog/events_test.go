package joblog_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/internal/joblog"
)

func TestEventsComeWholeAndInOrder(t *testing.T) {
	const limit, bom = 30_000, "\ufeff"
	long := strings.Repeat(" 0123 56789\t", 2000)
	blank := strings.Repeat(" ", 10_000)
	full := strings.Repeat("x", limit)
	for name, test := range map[string]struct {
		stream string
		want   []string
	}{
		"as the server writes them": {"data: a\n\ndata: b\n\n", []string{"a", "b"}},
		"with carriage returns":     {"data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
		"without a space":           {"data:a\n\n", []string{"a"}},
		"over several lines":        {"data: a\ndata: b\n\n", []string{"a\nb"}},
		"empty lines in it":         {"data: a\ndata:\ndata: \ndata: b\n\n", []string{"a\n\n\nb"}},
		"an empty line at its end":  {"data: a\ndata:\n\n", []string{"a\n"}},
		"comments and other fields": {": hi\n\nid: 1\ndata: a\nevent: x\n\nretry: 1\n\n", []string{"a"}},
		"after a byte order mark":   {bom + "data: a\n\ndata: b\n\n", []string{"a", "b"}},
		"a mark before a comment":   {bom + ": hi\n\ndata: a\n\n", []string{"a"}},
		"a mark before an event's":  {bom + "event: x\r\ndata: a\r\n\r\n", []string{"a"}},
		"a mark and nothing else":   {bom + "\n\ndata: a\n\n", []string{"a"}},
		"a mark within the data":    {"data: " + bom + "a\n\n", []string{bom + "a"}},
		"a long one":                {"data: " + long + "\n\ndata: b\n\n", []string{long, "b"}},
		"nothing but spaces":        {"data: " + blank + "\n\ndata: b\n\n", []string{blank, "b"}},
		"as long as allowed":        {"data: " + full + "\r\n\n", []string{full}},
		"a long comment":            {": " + long + "\n\ndata: b\n\n", []string{"b"}},
		"truncated after a line":    {"data: a\n\ndata: b\n", []string{"a"}},
		"truncated within a line":   {"data: a\n\ndata: b", []string{"a"}},
		"truncated within its end":  {"data: a\n\ndata: b\r\n\r", []string{"a"}},
		"an empty one":              {"data:\n\ndata: b\n\n", []string{"", "b"}},
		"none":                      {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{
				strings.NewReader(test.stream),
				iotest.OneByteReader(strings.NewReader(test.stream)),
			} {
				var got []string
				err := joblog.Events(r, limit, func(data []byte, whole bool) error {
					if !whole {
						t.Error("only its beginning came")
					}
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

func TestOfALargeEventTheBeginningComesBeforeTheRest(t *testing.T) {
	type event struct {
		Data  string
		Whole bool
	}
	long := strings.Repeat("x", 10_000)
	for name, stream := range map[string]string{
		"in one line":      "data: 12\n\ndata: 1234" + long + "\n\ndata: 34\n\n",
		"in several lines": "data: 12\n\ndata: 1234\ndata: " + long + "\ndata: 5\n\ndata: 34\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			var got []event
			add := func(data []byte, whole bool) error {
				got = append(got, event{string(data), whole})
				return nil
			}
			err := joblog.Events(strings.NewReader(stream), 4, add)
			want := []event{{"12", true}, {"1234", false}, {"34", true}}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	enough := errors.New("enough")
	unread := iotest.ErrReader(errors.New("the rest was read"))
	begin := io.MultiReader(strings.NewReader("data: "+long), unread)
	err := joblog.Events(begin, 4, func([]byte, bool) error { return enough })
	if !errors.Is(err, enough) {
		t.Error(err)
	}
}

func TestAnErrorEndsTheEvents(t *testing.T) {
	broken := errors.New("broken")
	stream := io.MultiReader(strings.NewReader("data: a\n\n"), iotest.ErrReader(broken))
	for name, test := range map[string]struct {
		r         io.Reader
		err, want error
	}{
		"of the reader":            {stream, nil, broken},
		"of the function":          {strings.NewReader("data: a\n\n"), broken, broken},
		"unless it is the EOF":     {strings.NewReader("data: a\n\n"), io.EOF, nil},
		"of a beginning":           {strings.NewReader("data: 123\n\n"), broken, broken},
		"unless it is a beginning": {strings.NewReader("data: 123\n\n"), io.EOF, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := joblog.Events(test.r, 2, func([]byte, bool) error { return test.err })
			if !errors.Is(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
