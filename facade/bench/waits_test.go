//go:build go1.25

package bench_test

import (
	"math"
	"testing"
	"time"
)

const (
	few  = 10 // waits, at most
	many = 100
)

// Tolerances, where a bound cannot be met or measured to the letter.
const (
	// apart is by how much later than the poller's a result may be: a look that an event brings forward is one more trip, and what was drawn at
	// random varies by 10 ms. Medians vary by more, see sampling.
	apart = 40 * time.Millisecond
	// young is what a job of a moment may cost beyond the poller's bytes. The poller sends three requests for it and is up to half a second
	// late; the looks of a job's first second that make its result early are worth their bytes.
	young = 4000
	// atOnce widens the limit of status requests by those that fall into the seconds at which counting begins and ends.
	atOnce = 1.05
)

// sampling returns by how much the medians of two such samples of delays differ by chance: their standard error, if the delays are spread evenly
// over the poller's interval.
func sampling(jobs int) time.Duration {
	return time.Duration(float64(pollEvery) / math.Sqrt(2*float64(max(jobs, 1))))
}

// cost is what the waits of a row have cost, for each job.
type cost struct {
	jobs            int
	requests, bytes float64
	p50, p99        time.Duration
	status          float64 // requests a second, besides one that submits a job and one that fetches its result
	over            float64 // the most requests for a job beyond mostRequests
}

func measureRow(t *testing.T, client string, r row) cost {
	var lasted time.Duration
	s := simulate(t, client, func(t *testing.T, s *simulation) { lasted = s.play(t, r) })
	jobs := float64(max(len(s.late), 1))
	requests := float64(s.requests.Load())
	c := cost{
		jobs: len(s.late), requests: requests / jobs, bytes: float64(s.bytes.Load()) / jobs, p50: s.quantile(0.5), p99: s.quantile(0.99),
		status: (requests - 2*jobs) / lasted.Seconds(), over: s.over,
	}
	return c
}

func (c cost) print(t *testing.T, r row, client string) {
	line(t, "Waits/"+r.String()+"/client="+client, c.jobs, number(c.requests, "requests/wait"), number(c.bytes, "B/wait"),
		milliseconds(c.p50, "p50-late-ms"), milliseconds(c.p99, "p99-late-ms"), number(c.status, "status-requests/s"))
}

// mostRequests is how many a single wait for a job may send, its submission and the one that fetches its result included.
func mostRequests(job time.Duration) float64 {
	return 12 + 2*max(0, (job-45*time.Second).Minutes())
}

func TestWaitsAreSoonerAndCheaperThanPolling(t *testing.T) {
	pollers := map[row]cost{}
	for _, r := range rows() {
		t.Run(r.String(), func(t *testing.T) {
			ours := measureRow(t, "facade", r)
			ours.print(t, r, "facade")
			if r.delay > 0 {
				if ours.requests > 500 {
					t.Errorf("%.0f requests for a scheduled job, want at most 500", ours.requests)
				}
				if !printing() {
					return // the poller sends 57,600
				}
			}
			same := r
			same.others = 0 // it does not see them
			poller, ok := pollers[same]
			if !ok {
				poller = measureRow(t, "poller", same)
				pollers[same] = poller
			}
			poller.print(t, r, "poller")
			checkLateness(t, r, ours, poller)
			checkRequests(t, r, ours)
			checkBytes(t, r, ours, poller)
		})
	}
}

func checkLateness(t *testing.T, r row, ours, poller cost) {
	// A scheduled job is one sample: its delay says nothing about others'.
	worst := poller.p99 + apart
	if r.job >= pollEvery {
		worst = max(poller.p99, pollEvery) + apart // its draws do not always meet the whole of its interval
	}
	if r.delay == 0 && ours.p99 > worst {
		t.Errorf("one in a hundred results is %v late, want at most %v: the poller's is %v", ours.p99, worst, poller.p99)
	}
	if most := poller.p50 + apart + sampling(ours.jobs); r.waits <= few && r.delay == 0 && ours.p50 > most {
		t.Errorf("half of the results are %v late, want at most %v: the poller's are %v", ours.p50, most, poller.p50)
	}
	if most := 60 * time.Millisecond; r.waits <= few && r.job > 0 && r.job <= time.Second && ours.p50 > most {
		t.Errorf("half of the results are %v late, want at most %v", ours.p50, most)
	}
	if most := 50 * time.Millisecond; r.waits == many && ours.p50 > most {
		t.Errorf("half of the results are %v late, want at most %v", ours.p50, most)
	}
}

func checkRequests(t *testing.T, r row, ours cost) {
	if r.waits == 1 && r.delay == 0 && ours.over > 0 {
		t.Errorf("a job took %.1f requests more than 12, and 2 for each minute after 45 s", ours.over)
	}
	if most := mostRequests(r.job); r.waits <= few && r.delay == 0 && ours.requests > most {
		t.Errorf("%.1f requests a job, want at most %.1f", ours.requests, most)
	}
	// A few have their requests a job: the jobs of ten callers can be over many times a second.
	if r.waits > few && ours.status > 20*atOnce {
		t.Errorf("%.1f status requests a second, want at most 20", ours.status)
	}
}

func checkBytes(t *testing.T, r row, ours, poller cost) {
	most := poller.bytes * 1.1
	if r.waits <= few {
		most = max(most, poller.bytes+young)
	}
	if ours.bytes > most {
		t.Errorf("%.0f bytes a job, want at most %.0f: the poller's are %.0f", ours.bytes, most, poller.bytes)
	}
}
