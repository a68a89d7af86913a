package jsonscan

// state is what may come next inside of an object or array.
type state uint8

const (
	wantValue state = iota
	wantValueOrEnd
	wantKey
	wantKeyOrEnd
	wantCommaOrEnd
)

// nested returns the end of the object or array that begins at i.
func (s *scanner) nested(i int) int {
	var open levels
	var next state
	for i < len(s.b) {
		c := s.b[i]
		switch s.classes[c] {
		case space:
			i++
		case quote:
			i = s.text(i)
			switch next {
			case wantKey, wantKeyOrEnd:
				if i = s.space(i); s.at(i) != ':' {
					return cut
				}
				i++
				next = wantValue
			case wantValue, wantValueOrEnd:
				next = wantCommaOrEnd
			default:
				return cut
			}
		case scalar:
			if next > wantValueOrEnd {
				return cut
			}
			i = s.skip(scalar, i+1)
			next = wantCommaOrEnd
		case opening:
			if next > wantValueOrEnd {
				return cut
			}
			open.push(c == '{')
			i++
			next = wantValueOrEnd
			if c == '{' {
				next = wantKeyOrEnd
			}
		case closing:
			if next == wantValue || next == wantKey || open.inObject() != (c == '}') {
				return cut
			}
			i++
			if open.pop(); open.depth == 0 {
				return i
			}
			next = wantCommaOrEnd
		case comma:
			if next != wantCommaOrEnd {
				return cut
			}
			i++
			next = wantValue
			if open.inObject() {
				next = wantKey
			}
		default:
			return cut
		}
	}
	return cut
}

// levels remembers which of the open brackets are braces, a bit for each.
type levels struct {
	depth int
	bits  []uint64
}

func (l *levels) push(object bool) {
	if l.depth/64 == len(l.bits) {
		l.bits = append(l.bits, 0)
	}
	bit := uint64(1) << (l.depth % 64)
	l.bits[l.depth/64] &^= bit
	if object {
		l.bits[l.depth/64] |= bit
	}
	l.depth++
}

func (l *levels) pop() { l.depth-- }

func (l *levels) inObject() bool {
	return l.bits[(l.depth-1)/64]>>((l.depth-1)%64)&1 == 1
}
