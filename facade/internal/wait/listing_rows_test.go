//go:build go1.25

package wait

import (
	"testing"
	"time"
)

func TestRowsOfAnOddTimeDelayNoResult(t *testing.T) {
	for name, odd := range map[string][]time.Duration{
		"seconds before the listing begins": {2 * time.Second},
		"hours before it":                   {5 * time.Hour},
		"some of each":                      {5 * time.Hour, 2 * time.Second, 10 * time.Second, 100 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, v *server) {
				v.others, v.odd = 2, odd
				if late := waitAll(t, v, 300, 2*time.Minute); late[150] > 500*time.Millisecond || late[299] > time.Second {
					t.Errorf("%v late at the median, %v at most", late[150], late[299])
				}
			})
		})
	}
}
