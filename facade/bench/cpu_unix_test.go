//go:build unix

package bench_test

import (
	"syscall"
	"time"
)

// cpuTime is what the process has used so far. Where a method spends most of its time waiting, the clock alone would hide what it costs.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
