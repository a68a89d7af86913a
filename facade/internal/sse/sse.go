// Package sse reads server-sent events.
package sse

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Each calls f with the data of each event of r, until r ends, which is no error, or f returns one. io.EOF from f ends it without an error.
//
// An event of more than limit bytes is given to f as its beginning, with whole false, before the rest of it has been read. An
// event that r does not end is dropped.
func Each(r io.Reader, limit int, f func(data []byte, whole bool) error) error {
	lines := bufio.NewReader(r)
	var data []byte
	seen, cut := false, false // a data line, and its end
	for {
		line, err := lines.ReadSlice('\n')
		part := errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !part {
			return ignoreEOF(err)
		}
		value, isData := bytes.CutPrefix(line, []byte("data:"))
		for isData && !cut {
			if seen {
				data = append(data, '\n')
			}
			seen = true
			data = append(data, bytes.TrimPrefix(value, []byte(" "))...)
			if len(data) > limit {
				cut = true
				if err := f(data[:limit], false); err != nil {
					return ignoreEOF(err)
				}
			}
			if !part {
				break
			}
			if value, err = lines.ReadSlice('\n'); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return ignoreEOF(err)
			}
			part = errors.Is(err, bufio.ErrBufferFull)
			seen = false // the same line goes on
		}
		data = bytes.TrimRight(data, "\r\n")
		for part { // the rest of a line that does not matter
			if _, err = lines.ReadSlice('\n'); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return ignoreEOF(err)
			}
			part = errors.Is(err, bufio.ErrBufferFull)
		}
		if len(bytes.TrimRight(line, "\r\n")) > 0 {
			continue
		}
		if seen && !cut {
			if err := f(data, true); err != nil {
				return ignoreEOF(err)
			}
		}
		data, seen, cut = nil, false, false
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
