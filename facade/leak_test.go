package facade_test

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails the package when a goroutine is left after all of its tests. While fuzzing it does not look, since the
// fuzzer's own are there then.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.fuzz"); f != nil && f.Value.String() != "" {
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}

// leavesNothing fails a test that leaves a goroutine behind. It comes first in the test, so that all that the test cleans up
// is cleaned up before. A test inside a testing/synctest bubble needs none: the bubble looks itself.
func leavesNothing(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		if !t.Failed() {
			goleak.VerifyNone(t, before)
		}
	})
}
