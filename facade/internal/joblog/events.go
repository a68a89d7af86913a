package joblog

import (
	"bufio"
	"bytes"
	"io"
)

// Events reads server-sent events and calls f with the data of each, until r ends or f returns an
// error. It returns that error, or [bufio.ErrTooLong] if a line is not shorter than limit; the rest
// of that line is not read.
//
// Windmill writes an event as one line, and nothing but its data. Other lines, such as a proxy's
// comments, are skipped.
func Events(r io.Reader, limit int, f func(data []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, limit)
	for lines.Scan() {
		data, isData := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
		if !isData {
			continue
		}
		if err := f(bytes.TrimSpace(data)); err != nil {
			return err
		}
	}
	return lines.Err()
}
