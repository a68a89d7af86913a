package facadetest

// logText is a job's log, in characters, which is how the server counts it.
type logText []rune

func (l *logText) append(piece []byte) { *l = append(*l, []rune(string(piece))...) }

// next is the offset from which a reader who has read everything continues.
func (l logText) next() int { return len(l) + 1 }

// from returns the log from an offset on. Offsets count characters from 1; 0 is the beginning too,
// and beyond the end there is nothing.
func (l logText) from(offset int) string {
	return string(l[min(len(l), max(0, offset-1)):])
}

// tail returns the last n characters.
func (l logText) tail(n int) string { return string(l[max(0, len(l)-n):]) }
