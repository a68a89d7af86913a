//go:build go1.25

package bench_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

// row is a situation in which waits are measured.
type row struct {
	waits     int           // at a time
	job       time.Duration // how long the jobs take, give or take half
	jobs      int           // how many are run
	delay     time.Duration // until a job may start
	others    int           // how many jobs of others complete each second
	noListing bool          // the server refuses to list completed jobs
}

// rows returns those of README.md.
func rows() []row {
	var all []row
	for _, waits := range []int{1, 10, 100, 1000} {
		for _, job := range []time.Duration{100 * time.Millisecond, time.Second, 10 * time.Second} {
			all = append(all, row{waits: waits, job: job, jobs: max(waits, 200)})
		}
		// More of these: the poll interval drifts, so that the jobs' phases are no longer even.
		all = append(all, row{waits: waits, job: 10 * time.Minute, jobs: max(waits, 400)})
	}
	return append(all,
		row{waits: 100, job: time.Second, jobs: 500, noListing: true},
		row{waits: 100, job: 10 * time.Second, jobs: 500, noListing: true},
		row{waits: 1000, job: 10 * time.Second, jobs: 1000, noListing: true},
		row{waits: 100, job: time.Second, jobs: 500, others: 200},
		row{waits: 100, job: 10 * time.Second, jobs: 500, others: 200},
		row{waits: 1, job: time.Second, jobs: 5, delay: 8 * time.Hour},
	)
}

func (r row) String() string {
	name := fmt.Sprintf("%g s", r.job.Seconds())
	if r.job >= time.Minute {
		name = fmt.Sprintf("%g min", r.job.Minutes())
	}
	switch {
	case r.noListing:
		name += ", no listing (403)"
	case r.others > 0:
		name += fmt.Sprintf(", while others complete %d a second", r.others)
	case r.delay > 0:
		name += fmt.Sprintf(", scheduled in %.0f h", r.delay.Hours())
	}
	return name
}

// cost is what a row's waits have cost.
type cost struct {
	p50, p99        time.Duration // how late half of the results were at most, and 99 of 100
	requests, bytes float64       // for each job
}

// measure runs the row's jobs with the facade or, polling, with a client that asks every 500 ms.
func (r row) measure(t *testing.T, polling bool) (c cost) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSimulation(t, polling)
		defer end()
		if r.noListing {
			refused := facadetest.Respond(http.StatusForbidden, nil, "not allowed")
			s.srv.Inject("listCompletedJobs", refused)
		}
		r.run(t, s)
		if len(s.late) != r.jobs {
			t.Fatalf("%d jobs have a result, want %d", len(s.late), r.jobs)
		}
		slices.Sort(s.late)
		jobs := float64(r.jobs)
		c = cost{
			p50:      s.late[int(math.Ceil(jobs*0.5))-1],
			p99:      s.late[int(math.Ceil(jobs*0.99))-1],
			requests: float64(s.srv.CountRequests("")) / jobs,
			bytes:    float64(s.bytes.Load()) / jobs,
		}
	})
	return c
}

// run lets the row's callers run one job after another.
func (r row) run(t *testing.T, s *simulation) {
	ctx, cancel := context.WithCancel(t.Context())
	var callers, others sync.WaitGroup
	if r.others > 0 {
		others.Go(func() { s.completeOthers(ctx, r.others) })
	}
	durations := r.durations()
	for i := range r.waits {
		callers.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(r.waits), uint64(i)))
			time.Sleep(time.Duration(chance.Int64N(int64(time.Second))))
			for n := i; n < len(durations); n += r.waits {
				if err := s.wait(ctx, r.delay, durations[n]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	cancel()
	others.Wait()
}

// durations draws them from half of r.job to one and a half. Their phases within the poll interval
// are spread evenly, so that they flatter neither client.
func (r row) durations() []time.Duration {
	chance := rand.New(rand.NewPCG(uint64(r.waits), uint64(r.job)))
	all := make([]time.Duration, r.jobs)
	for i := range all {
		part := (float64(i) + chance.Float64()) / float64(r.jobs)
		if r.job < 2*pollInterval {
			all[i] = r.job/2 + time.Duration(part*float64(r.job))
			continue
		}
		whole := float64(r.job/2/pollInterval) + float64(chance.Int64N(int64(r.job/pollInterval)))
		all[i] = time.Duration((whole + part) * float64(pollInterval))
	}
	chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// waitTable measures rows.
func waitTable(t *testing.T, rows []row) *table {
	tab := newTable("waits", "jobs", "late, median", "polling", "late, p99", "polling",
		"requests a job", "polling", "kB a job", "polling")
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	for _, r := range rows {
		ours, polling := r.measure(t, false), r.measure(t, true)
		tab.add(slices.Concat(
			[]string{strconv.Itoa(r.waits), r.String()},
			compare("%.0f ms", ms(ours.p50), ms(polling.p50)),
			compare("%.0f ms", ms(ours.p99), ms(polling.p99)),
			compare("%.1f", ours.requests, polling.requests),
			compare("%.1f", ours.bytes/1000, polling.bytes/1000),
		)...)
	}
	return tab
}

func TestWaitsAreSoonerThanPolling(t *testing.T) {
	r := row{waits: 5, job: time.Second, jobs: 50}
	ours, polling := r.measure(t, false), r.measure(t, true)
	if ours.p50 > polling.p50 || ours.p99 > polling.p99 || ours.requests > 12 {
		t.Errorf("%+v, want at most the lateness of %+v and 12 requests a job", ours, polling)
	}
}
