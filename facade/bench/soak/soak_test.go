package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestASoakForAMomentFindsNothingWrong(t *testing.T) {
	var out strings.Builder
	if !run(t.Context(), &out, 2*time.Second, 20*time.Second, 1, 8) {
		t.Error("something was wrong")
	}
	t.Log(out.String())
	if !strings.Contains(out.String(), "seed 1") || !strings.Contains(out.String(), "all well") {
		t.Errorf("the output is %q, want the seed and the verdict in it", out.String())
	}
}

func TestATrendIsJudgedByTheEndsOfWhatFollowsTheWarmUp(t *testing.T) {
	const mb = 1 << 20
	samples := func(goroutines func(i int) int, memory func(i int) uint64) []sample {
		var all []sample
		for i := range 30 {
			all = append(all, sample{goroutines(i), memory(i)})
		}
		return all
	}
	constant := func(int) int { return 10 }
	tests := []struct {
		name     string
		samples  []sample
		problems []string
	}{
		{"flat is well", samples(constant, func(int) uint64 { return 5 * mb }), nil},
		{"too few samples are not judged", samples(constant, func(i int) uint64 { return uint64(i) * 5 * mb })[:5], nil},
		{"growth while it warms up is well", samples(constant, func(i int) uint64 { return uint64(min(i, 5)+1) * 5 * mb }), nil},
		{"one odd sample is well", samples(constant, func(i int) uint64 {
			if i == 28 {
				return 100 * mb
			}
			return 5 * mb
		}), nil},
		{"falling is well", samples(func(i int) int { return 40 - i }, func(i int) uint64 { return uint64(40-i) * mb }), nil},
		{"memory that grows is a problem", samples(constant, func(i int) uint64 { return uint64(10+i) * mb / 2 }),
			[]string{"18.9 MB at the end, and 10.5 MB once it was warm"}},
		{"goroutines that stay are a problem", samples(func(i int) int { return 10 + i }, func(int) uint64 { return mb }),
			[]string{"36 goroutines at the end, and 20 once it was warm"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.problems, judge(tt.samples).problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
