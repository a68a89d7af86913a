package bench_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// printing tells whether the tests that measure shall print what they measured, as benchmarks do. They then measure more than they need for
// what they check.
func printing() bool { return os.Getenv("WINDMILL_BENCH") == "print" }

// sizes are numbers of waits: those that are always checked, and with them those for the tables and the picture.
func sizes() []int {
	if printing() {
		return []int{1, 3, 10, 30, 100, 300, 1000, 3000, 10_000}
	}
	return []int{1, 30, 300}
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
