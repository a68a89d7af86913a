//go:build go1.25

package joblog_test

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade/internal/joblog"
)

func TestWhatIsThereIsSkippedAndAGapIsNotTaken(t *testing.T) {
	event := func(text string, end int) joblog.Update {
		return joblog.Update{Text: text, End: end}
	}
	poll := func(text string, end int) joblog.Update {
		return joblog.Update{Text: text, End: end, Polled: true}
	}
	for name, test := range map[string]struct {
		updates []joblog.Update
		want    string
		refused int // how many updates
		offset  int
		warning string
	}{
		"nothing":             {nil, "", 0, 0, ""},
		"a poll without news": {[]joblog.Update{poll("", 0)}, "", 0, 0, ""},
		"an empty log":        {[]joblog.Update{event("", 1), poll("", 1)}, "", 0, 0, ""},
		"one after the other": {[]joblog.Update{event("a\n", 3), event("b\n", 5)}, "a\nb\n", 0, 5, ""},
		"characters, not bytes": {
			[]joblog.Update{event("é🚀\n", 4), event("你\n", 6)}, "é🚀\n你\n", 0, 6, "",
		},
		"the same twice": {[]joblog.Update{event("a\n", 3), event("a\n", 3)}, "a\n", 0, 3, ""},
		"an old one": {
			[]joblog.Update{event("é\nb\n", 5), poll("é\n", 3)}, "é\nb\n", 0, 5, "",
		},
		"one that overlaps": {
			[]joblog.Update{event("é\n", 3), poll("é\n🚀\n", 5)}, "é\n🚀\n", 0, 5, "",
		},
		"after a lost event":    {[]joblog.Update{event("a\n", 3), event("c\n", 7)}, "a\n", 1, 3, ""},
		"no text, a lost event": {[]joblog.Update{event("a\n", 3), event("", 5)}, "a\n", 1, 3, ""},
		"a poll after the gap": {
			[]joblog.Update{event("a\n", 3), event("c\n", 7), poll("b\nc\n", 7), event("d\n", 9)},
			"a\nb\nc\nd\n", 1, 9, "",
		},
		"without offsets": {
			[]joblog.Update{poll("é\n", 0), event("", 0), event("b\n", 0), poll("b\n", 0), event("c\n", 7)},
			"é\nb\nc\n", 1, 7, "",
		},
		"text that the server no longer has": {
			[]joblog.Update{poll("a\n", 3), event("c\n", 10), poll("c\n", 10), event("d\n", 12)},
			"a\nc\nd\n", 1, 12, "characters=5",
		},
		"text between two lines' halves that the server no longer has": {
			[]joblog.Update{poll("\na", 3), poll("\nc", 10), poll("a", 11), poll("c", 15), poll("\n", 16)},
			"\na\nc\na\nc\n", 0, 16, "characters=5",
		},
		"all text is moved away": {
			[]joblog.Update{poll("a\n", 3), poll("", 8), event("d\n", 10)},
			"a\nd\n", 0, 10, "characters=5",
		},
		"the log is deleted": {
			[]joblog.Update{event("a long line, by now\n", 21), poll("", 12), event("", 12)},
			"a long line, by now\n", 0, 21, "",
		},
		"the log is deleted before": {
			[]joblog.Update{poll("##DELETED##", 12)}, "##DELETED##\n", 0, 12, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out, logged bytes.Buffer
			opts := options(false)
			opts.Log = slog.New(slog.NewTextHandler(&logged, nil))
			l := joblog.New(&out, opts)
			refused := 0
			for _, u := range test.updates {
				if !l.Apply(u) {
					refused++
				}
			}
			l.Close(time.Minute)
			if out.String() != test.want || l.Offset() != test.offset || refused != test.refused {
				t.Errorf("%q, offset %d, %d refused; want %q, %d and %d", &out, l.Offset(),
					refused, test.want, test.offset, test.refused)
			}
			if got := logged.String(); !strings.Contains(got, test.warning) ||
				(got == "") != (test.warning == "") {
				t.Errorf("logged %q, want %q", got, test.warning)
			}
		})
	}
}

func TestALogIsCompleteWhenItsEndIsKnown(t *testing.T) {
	type update = joblog.Update
	for name, test := range map[string]struct {
		update update
		want   bool
	}{
		"a poll":                     {update{Polled: true}, true},
		"a poll that brings the end": {update{Polled: true, Text: "b", End: 4}, true},
		"a poll of a deleted log":    {update{Polled: true, End: 2}, true},
		"an event with the end":      {update{Text: "b", End: 4}, true},
		"an event with the offset":   {update{End: 3}, true},
		"an event without either":    {update{}, false},
		"an event after a lost one":  {update{Text: "c", End: 5}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := joblog.New(io.Discard, options(true))
			defer l.Close(time.Minute)
			feed(l, "a\n")
			if l.Completed() {
				t.Error("complete before the job has completed")
			}
			test.update.Completed = true
			if l.Apply(test.update); l.Completed() != test.want {
				t.Errorf("Completed is %t", l.Completed())
			}
		})
	}
}
