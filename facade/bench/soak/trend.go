package main

import (
	"fmt"
	"slices"
)

// sample is what the process holds when it has nothing to do.
type sample struct {
	goroutines int
	memory     uint64 // bytes of live objects
}

const (
	// leastSamples are needed for a judgement: with fewer, only the calls are checked.
	leastSamples = 6
	// memorySlack is what memory may vary by: caches fill, and pools keep what they like.
	memorySlack = 1 << 20
	// goroutineSlack is how many goroutines may be on their way out.
	goroutineSlack = 2
)

// trend is how a process developed.
type trend struct {
	early, late sample
	judged      bool
	problems    []string
}

// judge compares the end with the beginning, once the process was warm: the first fifth does not count. Of what remains the medians of the first and
// the last third are compared, so that a single odd sample decides nothing.
func judge(samples []sample) trend {
	warm := samples[len(samples)/5:]
	if len(warm) < leastSamples {
		return trend{}
	}
	third := len(warm) / 3
	t := trend{early: median(warm[:third]), late: median(warm[len(warm)-third:]), judged: true}
	if t.late.goroutines > t.early.goroutines+goroutineSlack {
		t.problems = append(t.problems, fmt.Sprintf("%d goroutines at the end, and %d once it was warm", t.late.goroutines, t.early.goroutines))
	}
	if t.late.memory > t.early.memory+memorySlack {
		t.problems = append(t.problems, fmt.Sprintf("%s at the end, and %s once it was warm", megabytes(t.late.memory), megabytes(t.early.memory)))
	}
	return t
}

func (t trend) String() string {
	if !t.judged {
		return "too short to judge memory and goroutines"
	}
	return fmt.Sprintf("at rest %s and %d goroutines once warm, %s and %d at the end",
		megabytes(t.early.memory), t.early.goroutines, megabytes(t.late.memory), t.late.goroutines)
}

func median(samples []sample) sample {
	var goroutines []int
	var memory []uint64
	for _, s := range samples {
		goroutines, memory = append(goroutines, s.goroutines), append(memory, s.memory)
	}
	slices.Sort(goroutines)
	slices.Sort(memory)
	return sample{goroutines: goroutines[len(goroutines)/2], memory: memory[len(memory)/2]}
}

func megabytes(n uint64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
