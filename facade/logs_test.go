package facade_test

import (
	"regexp"
	"strings"
)

// ownLine is a line that the facade writes among a job's logs.
var ownLine = regexp.MustCompile(`\[windmill\] job [0-9a-f-]{36}: [^\n]*\n`)

// hasExactly tells whether out is a job's log, each character once and in order, with lines of the facade's own in it. Where a line of the log has
// no end yet, the facade ends it before it writes its own, and at the end of the log.
func hasExactly(out, log string) bool {
	at := ownLine.FindStringIndex(out)
	if at == nil {
		return out == log || out == log+"\n" && log != "" && !strings.HasSuffix(log, "\n")
	}
	before, after := out[:at[0]], out[at[1]:]
	if rest, ok := strings.CutPrefix(log, before); ok && (before == "" || strings.HasSuffix(before, "\n")) && hasExactly(after, rest) {
		return true
	}
	before, ended := strings.CutSuffix(before, "\n")
	rest, ok := strings.CutPrefix(log, before)
	return ended && before != "" && !strings.HasSuffix(before, "\n") && ok && hasExactly(after, rest)
}

// ownLines are the lines of the facade's own, without what they have in common.
func ownLines(out string) []string {
	var lines []string
	for _, line := range ownLine.FindAllString(out, -1) {
		_, what, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "[windmill] job "), ": ")
		lines = append(lines, what)
	}
	return lines
}
