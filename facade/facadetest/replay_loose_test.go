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

// exclusions are the recorded exchanges that are not replayed, by a part of their path.
var exclusions = []struct{ path, reason string }{
	{"/jobs_u/get_logs/", "the library reads logs with getJobUpdates and getJobUpdatesSSE, which give offsets"},
	{"/resources/get/", "the library reads the values of resources only, not what is known about them"},
	{"/users/whoami", "no operation of the library"},
}

// exclusion tells whether an exchange is not replayed, and by what part of its path.
func exclusion(ex exchange) (path string, excluded bool) {
	for _, e := range exclusions {
		if strings.Contains(ex.Request.Path, e.path) {
			return e.path, true
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
	{"a Go function is no process with a memory of its own; the server leaves it out too where it did not measure", regexp.MustCompile(`,"mem_peak":\d+`), ""},
	{"a Go function has no source in bash (the older server shows it unasked)", regexp.MustCompile(`"raw_code":"(\\.|[^"\\])*"`), `"raw_code":"CODE"`},
	{"the recorded servers were built from source and say so; this one says what a release image says", regexp.MustCompile(`^CE .*`), "CE VERSION"},
}

// looseHeaders are the headers that are not compared.
var looseHeaders = []struct{ name, reason string }{
	{"date", "the recording left it out"},
	{"content-length", "follows from the body, which is compared"},
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
