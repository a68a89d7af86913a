package bench_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// printing reports whether the tests print what they measure, as benchmarks do. They then measure more than what they check.
func printing() bool { return os.Getenv("WINDMILL_BENCH") == "print" }

// slack widens the bounds on memory and allocations under the race detector, which makes stack frames larger and lets pools lose a part of what they
// hold.
func slack() int {
	if race {
		return 2
	}
	return 1
}

// line prints a result as go test -bench does: a name, how often it was measured, and values with their units.
func line(t *testing.T, name string, times int, values ...string) {
	t.Log(name, times, values)
	if !printing() {
		return
	}
	fmt.Printf("Benchmark%s\t%d", name, times)
	for _, v := range values {
		fmt.Printf("\t%s", v)
	}
	fmt.Println()
}

func milliseconds(d time.Duration, unit string) string {
	return number(float64(d)/float64(time.Millisecond), unit)
}

func number(v float64, unit string) string {
	return strconv.FormatFloat(v, 'f', 2, 64) + " " + unit
}
