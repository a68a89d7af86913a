// Command soak works one client hard for a while, over a link that breaks and with a server that is away now and then, and checks that
//
//   - every call ends with the right result, or with the right error;
//   - no job runs twice, and every job on the server is known to its caller, also where the submission was lost and then refused;
//   - memory and goroutines stay what they were once it was warm.
//
// It prints a line at the end, and exits with 1 when something was wrong:
//
//	go run ./facade/bench/soak -duration 10m -seed 1
//
// The seed decides which calls are made and which requests fail. How they fall together is up to the machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// longest is how long a call may take: far longer than its script and all that goes wrong on its way.
const longest = 2 * time.Minute

func main() {
	duration := flag.Duration("duration", 10*time.Minute, "how long to go on")
	seed := flag.Uint64("seed", 1, "of all that is left to chance")
	callers := flag.Int("callers", 100, "how many calls are under way at once")
	flag.Parse()
	if flag.NArg() > 0 || *duration <= 0 || *callers <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ok := run(ctx, os.Stdout, *duration, longest, *seed, *callers)
	stop()
	if !ok {
		os.Exit(1)
	}
}

// run soaks until the duration is over or ctx ends, and tells whether all was well.
func run(ctx context.Context, out io.Writer, duration, longest time.Duration, seed uint64, callers int) bool {
	fmt.Fprintf(out, "soak: %v with %d callers, seed %d\n", duration, callers, seed)
	s := newSoak(seed, longest)
	defer s.close()
	began := time.Now()
	samples := s.work(ctx, duration, callers)
	trend := judge(samples)
	for _, problem := range append(s.problems(), trend.problems...) {
		fmt.Fprintln(out, "soak: wrong:", problem)
	}
	verdict := "all well"
	if len(s.problems())+len(trend.problems) > 0 {
		verdict = "FAILED"
	}
	failed, outlasted := s.world.faults.count()
	fmt.Fprintf(out, "soak: %s: %s in %v, seed %d; %d requests, %d made to fail, %d cancellations for too long; %s\n",
		verdict, s.tally(), time.Since(began).Round(time.Second), seed, s.world.srv.CountRequests(""), failed, outlasted, trend)
	return verdict == "all well"
}
