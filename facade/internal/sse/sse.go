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
	seen, cut := false, false     // the event has data, and more than limit
	begun, isData := false, false // a line, whose end has not been read, and what it holds
	for {
		part, err := lines.ReadSlice('\n')
		more := errors.Is(err, bufio.ErrBufferFull)
		switch {
		case err != nil && !more:
			return ignoreEOF(err)
		case !begun && len(bytes.TrimRight(part, "\r\n")) == 0: // the end of the event
			if seen && !cut {
				if err := f(data, true); err != nil {
					return ignoreEOF(err)
				}
			}
			data, seen, cut = nil, false, false
			continue
		case !begun:
			if part, isData = bytes.CutPrefix(part, []byte("data:")); isData && seen {
				data = append(data, '\n')
			}
			seen = seen || isData
			part = bytes.TrimPrefix(part, []byte(" "))
		}
		begun = more
		if !isData || cut {
			continue
		}
		data = append(data, part...)
		if !more {
			data = bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
		}
		if len(data) > limit {
			cut = true
			if err := f(data[:limit], false); err != nil {
				return ignoreEOF(err)
			}
		}
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
