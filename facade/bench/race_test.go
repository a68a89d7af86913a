//go:build race

package bench_test

// race reports whether the race detector is on.
const race = true
