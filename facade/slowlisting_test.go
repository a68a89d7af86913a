//go:build go1.25

package facade_test

import (
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

func TestWaitsAreNotHeldUpByTheListing(t *testing.T) {
	for name, fault := range map[string]facadetest.Fault{
		"hangs": facadetest.Hang(), "takes five seconds": facadetest.DelayAfter(5 * time.Second), "takes fifteen seconds": facadetest.DelayAfter(15 * time.Second),
	} {
		t.Run("where it "+name, func(t *testing.T) { waitWithListing(t, fault, 10*time.Second) })
	}
}
