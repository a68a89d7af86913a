//go:build go1.25

package bench_test

import (
	"fmt"
	"testing"
	"time"
)

// trips is what the way to the server and back adds to a delay: a look may just have left when the job ends, and have to be made again.
const trips = 5 * time.Millisecond

func TestOneWaitEndsSoonAfterItsJob(t *testing.T) {
	const waits = 25
	for _, job := range []time.Duration{10 * time.Millisecond, 100 * time.Millisecond, time.Second, 10 * time.Second, 100 * time.Second} {
		for _, client := range clients() {
			w := simulate(t, client, func(t *testing.T, w *world) {
				for _, d := range spread(job, waits) {
					w.wait(t, d)
				}
			})
			line(t, fmt.Sprintf("OneWait/job=%v/client=%s", job, client), len(w.delays),
				milliseconds(w.delay(0.5), "p50-delay-ms"), milliseconds(w.delay(1), "max-delay-ms"),
				number(float64(w.requests.Load())/waits, "requests/wait"))
			if client != "facade" {
				continue
			}
			// Within 10 ms of the end of a short job, and within 3 % of a long one, never more than 2 s.
			longest := job * 12 / 10
			if most := min(max(10*time.Millisecond, longest*3/100), 2*time.Second) + trips; w.delay(1) > most {
				t.Errorf("jobs of about %v: a result was %v late, want at most %v", job, w.delay(1), most)
			}
		}
	}
}

func TestManyWaitsCostTheServerHardlyMoreThanOne(t *testing.T) {
	for _, n := range sizes() {
		for _, client := range clients() {
			var lasted time.Duration
			w := simulate(t, client, func(t *testing.T, w *world) { lasted = w.crowd(t, n) })
			perSecond := float64(w.status()) / lasted.Seconds()
			line(t, fmt.Sprintf("Waits/waits=%d/client=%s", n, client), len(w.delays),
				milliseconds(w.delay(0.5), "p50-delay-ms"), milliseconds(w.delay(0.99), "p99-delay-ms"), milliseconds(w.delay(1), "max-delay-ms"),
				number(float64(w.requests.Load())/float64(len(w.delays)), "requests/wait"), number(perSecond, "status-requests/s"))
			if client != "facade" {
				continue
			}
			// One alone may look more often while its job is young.
			if perSecond > 21 && n > 1 {
				t.Errorf("%d waits: %.1f status requests a second, want about 20 at most", n, perSecond)
			}
			if n <= 1000 && (w.delay(0.5) > 100*time.Millisecond || w.delay(0.99) > time.Second) {
				t.Errorf("%d waits: half of the results were %v late, one in a hundred %v, want at most 100ms and 1s", n, w.delay(0.5), w.delay(0.99))
			}
		}
	}
}

func TestWaitsForLongJobsCostEverLess(t *testing.T) {
	for _, n := range sizes() {
		for _, client := range clients() {
			while := time.Minute
			if client == "poller" {
				while = 2 * time.Second // it asks as often in its first minute as later
			}
			var perSecond float64
			simulate(t, client, func(t *testing.T, w *world) { perSecond = w.siege(t, n, while) })
			line(t, fmt.Sprintf("LongWaits/waits=%d/client=%s", n, client), 1, number(perSecond, "status-requests/s"))
			if client == "facade" && perSecond > 10 {
				t.Errorf("%d waits for jobs that run for more than a minute: %.1f status requests a second, want at most 10", n, perSecond)
			}
		}
	}
}
