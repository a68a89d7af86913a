//go:build go1.25

package facadetest_test

import (
	"maps"
	"regexp"
	"strings"
	"time"
)

// What is not compared between the recorded answers and this server's, or compared loosely, stands in this file, and
// nowhere else. Job ids that the server makes are not here: the replay puts one for the other, and compares.

// exclusions are the recorded exchanges that are not replayed, by a part of their path or name.
var exclusions = []struct{ part, reason string }{
	{"/jobs_u/get_logs/", "the library reads logs with getJobUpdates and getJobUpdatesSSE, which give offsets"},
	{"/resources/get/", "the library reads the values of resources only, not what is known about them"},
	{"/users/whoami", "no operation of the library"},
	{"/queue/force_cancel/", "the library never cancels by force"},
	{"after the force cancel", "the library never cancels by force"},
}

// exclusion tells whether an exchange is not replayed, and by what part of its path or name.
func exclusion(ex exchange) (part string, excluded bool) {
	for _, e := range exclusions {
		if strings.Contains(ex.Request.Path, e.part) || strings.Contains(ex.Name, e.part) {
			return e.part, true
		}
	}
	return "", false
}

// loose are the places of bodies that are not compared: each is replaced by the same text on both sides.
var loose = []struct {
	reason  string
	pattern *regexp.Regexp
	by      string
}{
	{"when things happened", regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"`), `"TIME"`},
	{"how long a job ran", regexp.MustCompile(`"duration_ms":\d+`), `"duration_ms":N`},
	{"which of the workers ran a job is chance, as is its name; the name's length is not, log offsets depend on it", regexp.MustCompile(`wk-default-vm-\w{5}`), "wk-default-vm-XXXXX"},
	{"how much memory a script needs", regexp.MustCompile(`"mem_peak":\d+`), `"mem_peak":N`},
	{"what the parser says about broken JSON, and where it broke: the standard library says it in words that change", regexp.MustCompile(`((?i)invalid json|body as JSON): .* at line \d+ column \d+`), "$1: WHAT"},
	{"the children were recorded on another installation, whose administrator has another address", regexp.MustCompile(`"email":"admin@windmill.dev"`), `"email":"admin@example.com"`},
	{"a Go function has no source in bash (the older server shows it unasked)", regexp.MustCompile(`"raw_code":"(\\.|[^"\\])*"`), `"raw_code":"CODE"`},
	{"the recorded servers were built from source and say so; this one says what a release image says", regexp.MustCompile(`^CE .*`), "CE VERSION"},
}

// looseHeaders are the headers that are not compared.
var looseHeaders = []struct{ name, reason string }{
	{"date", "the recording left it out"},
	{"content-length", "follows from the body, which is compared"},
	{"access-control-allow-origin", "the recording left it out"},
	{"vary", "the recording left it out"},
}

// loosen takes out of an answer what is not compared.
func loosen(a answer) answer {
	a.Headers = maps.Clone(a.Headers)
	for _, header := range looseHeaders {
		delete(a.Headers, header.name)
	}
	for _, l := range loose {
		a.Body = l.pattern.ReplaceAllString(a.Body, l.by)
	}
	return a
}

// patience is how long a stream is read. The recorder read one for twelve seconds of a real clock and saw the ping of
// the sixth second, but not that of the twelfth, which was late by the time the server's looks had taken.
func patience(ex exchange) time.Duration {
	if ex.Name == "sse: waiting, first 12 s" {
		return 12*time.Second - time.Millisecond
	}
	return 5 * time.Minute
}
