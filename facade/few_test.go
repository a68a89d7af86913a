package facade_test

import (
	"sync/atomic"
	"testing"
)

// shownFailures is how many failures a fewFailures shows.
const shownFailures = 3

// fewFailures is a test that may fail a thousand times for one reason. It shows the first failures and counts the others.
type fewFailures struct {
	*testing.T
	n atomic.Int64
}

func newFewFailures(t *testing.T) *fewFailures {
	t.Helper()
	f := &fewFailures{T: t}
	t.Cleanup(func() {
		if more := f.n.Load() - shownFailures; more > 0 {
			t.Logf("and %d more", more)
		}
	})
	return f
}

func (f *fewFailures) Errorf(format string, args ...any) {
	f.Helper()
	if f.n.Add(1) <= shownFailures {
		f.T.Errorf(format, args...)
	} else {
		f.Fail()
	}
}
