//go:build go1.25

package bench_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// row is a situation in which the facade is compared with the poller.
type row struct {
	waits  int           // at a time
	job    time.Duration // about how long the jobs take; 0 stands for 0.1 to 10 s, half of them less than one
	others int           // how many jobs of others complete each second
	delay  time.Duration // until a job may start
	jobs   int           // how many are run
}

func (r row) String() string {
	job := "mixed"
	if r.job > 0 {
		job = r.job.String()
	}
	if r.delay > 0 {
		job = "in-" + r.delay.String()
	}
	return fmt.Sprintf("waits=%d/job=%s/others=%d", r.waits, job, r.others)
}

// rows returns those that are always checked or, to print them, all.
func rows() []row {
	var all []row
	for _, n := range pick([]int{1, 3, 10, 100, 1000}, []int{1, 2, 3, 10, 100, 1000, 10_000}) {
		all = append(all, row{waits: n})
	}
	for _, job := range []time.Duration{100 * time.Millisecond, time.Second, 10 * time.Second, 100 * time.Second} {
		all = append(all, row{waits: 1, job: job, jobs: pick(50, 200)}, row{waits: 10, job: job, jobs: pick(50, 200)})
	}
	all = append(all, row{waits: 1, job: 10 * time.Minute, jobs: pick(50, 100)}, row{waits: 10, job: 10 * time.Minute, jobs: pick(50, 100)})
	for _, others := range []int{100, 1000} {
		all = append(all, row{waits: 10, others: others}, row{waits: 100, others: others})
	}
	all = append(all, row{waits: 1, job: time.Second, delay: 8 * time.Hour, jobs: pick(1, 4)})
	if race { // it makes them ten times slower, and the small ones have the same races
		all = slices.DeleteFunc(all, func(r row) bool { return r.waits > many || r.job > 10*time.Second })
	}
	return all
}

func pick[T any](always, printed T) T {
	if printing() {
		return printed
	}
	return always
}

// play lets the row's callers run one job after another.
func (s *simulation) play(t *testing.T, r row) (lasted time.Duration) {
	ctx, cancel := context.WithCancel(t.Context())
	var background, callers sync.WaitGroup
	background.Go(func() { s.completeOthers(ctx, r.others) })
	durations := r.durations()
	for i := range r.waits {
		callers.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(r.waits), uint64(i)))
			time.Sleep(time.Duration(chance.Int64N(int64(time.Second))))
			if r.job == 0 {
				s.playMixed(t, r, chance)
				return
			}
			for n := i; n < len(durations) && !s.failed.Load(); n += r.waits {
				s.wait(t, r.delay, durations[n])
			}
		})
	}
	callers.Wait()
	lasted = time.Since(s.start)
	cancel()
	background.Wait()
	return lasted
}

// playMixed lets a caller go on for ten seconds, and longer where callers are few, so that there is something to count.
func (s *simulation) playMixed(t *testing.T, r row, chance *rand.Rand) {
	long := max(pick(300*time.Second, 3000*time.Second)/time.Duration(r.waits), 10*time.Second)
	for time.Since(s.start) < long && !s.failed.Load() {
		s.wait(t, 0, time.Duration(float64(100*time.Millisecond)*math.Pow(100, chance.Float64())))
	}
}

// durations draws them from half of r.job to one and a half. Their phases within the poller's interval are spread evenly, so that they flatter
// neither client.
func (r row) durations() []time.Duration {
	chance := rand.New(rand.NewPCG(uint64(r.waits), uint64(r.job)))
	all := make([]time.Duration, r.jobs)
	for i := range all {
		part := (float64(i) + chance.Float64()) / float64(r.jobs)
		if r.job < 2*pollEvery {
			all[i] = r.job/2 + time.Duration(part*float64(r.job))
			continue
		}
		whole := float64(r.job/2/pollEvery) + float64(chance.Int64N(int64(r.job/pollEvery)))
		all[i] = time.Duration((whole + part) * float64(pollEvery))
	}
	chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}
