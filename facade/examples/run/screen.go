package main

import (
	"io"
	"os"
	"regexp"
	"strings"
)

// screen writes what [windmill.Verbose] writes, which are whole lines, with the job's id only once.
type screen struct {
	w     io.Writer
	color bool
	jobID string // "" until the first line
}

// statusLine is a line of [windmill.Verbose] about the job.
var statusLine = regexp.MustCompile(`^\[windmill\] job ([0-9a-f-]{36}): (.*)`)

func (s *screen) Write(p []byte) (int, error) {
	var out strings.Builder
	for line := range strings.Lines(string(p)) {
		match := statusLine.FindStringSubmatch(line)
		if match == nil {
			out.WriteString(line)
			continue
		}
		status := match[2]
		if s.jobID == "" {
			s.jobID = match[1]
			status = "job " + s.jobID + ": " + status
		}
		if s.color {
			status = "\x1b[36m" + status + "\x1b[0m"
		}
		out.WriteString(status + "\n")
	}
	if _, err := io.WriteString(s.w, out.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// hasColor reports whether w is a terminal with colours and NO_COLOR is not set.
func hasColor(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	if term := os.Getenv("TERM"); term == "" || term == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
