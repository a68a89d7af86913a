//go:build go1.25

package joblog_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/internal/joblog"
)

func TestLinesAreWrittenWholeAndAsSoonAsTheyAre(t *testing.T) {
	const banner = "job=7 tag=bash\n\n\n--- BASH CODE EXECUTION ---\n"
	for name, test := range map[string]struct{ pieces, want []string }{
		"nothing":                  {[]string{"", "", ""}, []string{"", "", ""}},
		"a line":                   {[]string{"a\n"}, []string{"a\n", ""}},
		"two lines in one Write":   {[]string{"a\nb\n"}, []string{"a\nb\n", ""}},
		"a line in three pieces":   {[]string{"a", "b", "c\n"}, []string{"", "", "abc\n", ""}},
		"a newline by itself":      {[]string{"a", "\n", "b\n"}, []string{"", "a\n", "b\n", ""}},
		"an end and a beginning":   {[]string{"a", "b\nc", "d\n"}, []string{"", "ab\n", "cd\n", ""}},
		"an end without a newline": {[]string{"a\nb"}, []string{"a\n", "b\n"}},
		"as the server sends a job's log": {
			[]string{banner, "\na", "\nb\nc", "", "\nd"},
			[]string{banner, "\na\n", "b\nc\n", "", "d\n", ""},
		},
		"the first line with the banner": {
			[]string{banner + "\na", "\nb", "\n", "\n\nc"},
			[]string{banner + "\na\n", "b\n", "", "\n\nc\n", ""},
		},
		"text that a container writes": {
			[]string{banner, "a", "\n", "b", "\n"},
			[]string{banner, "", "a\n", "", "b\n", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out, got := &output{}, []string{}
				l := joblog.New(out, options(false))
				sofar := 0
				note := func() {
					got = append(got, out.String()[sofar:])
					sofar = len(out.String())
				}
				for _, text := range test.pieces {
					feed(l, text)
					time.Sleep(time.Hour)
					note()
				}
				l.Close(time.Minute)
				note()
				want := append(test.want, "")[:len(got)]
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("written after each piece and at the end (-want +got):\n%s", diff)
				}
				if len(out.writes) > len(got) {
					t.Errorf("%d Writes: %q", len(out.writes), out.writes)
				}
			})
		})
	}
}
