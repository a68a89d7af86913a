package joblog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Events reads server-sent events and calls f with the data of each, until r ends, which is no
// error, or f returns an error. [io.EOF] from f ends it without an error.
//
// Of an event with more than limit bytes, f gets the first limit bytes, with whole false, before
// the rest is read. An event that is truncated by the end of r is dropped.
func Events(r io.Reader, limit int, f func(data []byte, whole bool) error) error {
	err := readEvents(bufio.NewReader(r), limit, f)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func readEvents(r *bufio.Reader, limit int, f func(data []byte, whole bool) error) error {
	var data []byte // of the event, with a newline after each line
	var isData, tooLong, lineContinues bool
	for {
		continued := lineContinues
		part, isPrefix, err := r.ReadLine()
		if err != nil {
			return err
		}
		lineContinues = isPrefix
		if !continued {
			part = bytes.TrimPrefix(part, []byte("\ufeff")) // a byte order mark
			if len(part) == 0 {                             // the end of the event
				if len(data) > 0 && !tooLong {
					if err := f(data[:len(data)-1], true); err != nil {
						return err
					}
				}
				data, tooLong = nil, false
				continue
			}
			part, isData = bytes.CutPrefix(part, []byte("data:"))
			part = bytes.TrimPrefix(part, []byte(" "))
		}
		if !isData || tooLong {
			continue
		}
		if data = append(data, part...); len(data) > limit {
			tooLong = true
			if err := f(data[:limit], false); err != nil {
				return err
			}
		}
		if !lineContinues {
			data = append(data, '\n')
		}
	}
}
