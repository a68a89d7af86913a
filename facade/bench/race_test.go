//go:build race

package bench_test

// slack is by what the bounds on memory and allocations are widened: the race detector makes stack frames larger, and lets pools lose a part of
// what they hold.
const slack = 2
