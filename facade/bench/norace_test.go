//go:build !race

package bench_test

// slack is by what the bounds on memory and allocations are widened: not at all.
const slack = 1
