package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestTheNextNightIsTheFirstTwoOClockAfterNow(t *testing.T) {
	berlin := time.FixedZone("Berlin", 2*60*60)
	tests := map[string]struct{ now, want time.Time }{
		"in the afternoon":      {time.Date(2026, 6, 30, 15, 4, 5, 0, berlin), time.Date(2026, 7, 1, 2, 0, 0, 0, berlin)},
		"after midnight":        {time.Date(2026, 7, 1, 0, 30, 0, 0, berlin), time.Date(2026, 7, 1, 2, 0, 0, 0, berlin)},
		"at two o'clock sharp":  {time.Date(2026, 7, 1, 2, 0, 0, 0, berlin), time.Date(2026, 7, 2, 2, 0, 0, 0, berlin)},
		"on the last of a year": {time.Date(2026, 12, 31, 12, 0, 0, 0, berlin), time.Date(2027, 1, 1, 2, 0, 0, 0, berlin)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, nextNight(test.now)); diff != "" {
				t.Errorf("the next night (-want +got):\n%s", diff)
			}
		})
	}
}

func TestANightIsScheduledOnceHoweverOftenItIsAskedFor(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script(script, backup)
	client := srv.Client()
	now := time.Now().AddDate(0, 0, 1) // a day on, so that the night does not come while the test runs
	for range 3 {
		night, jobID, err := scheduleNight(t.Context(), client, now)
		if err != nil {
			t.Fatal(err)
		}
		jobs := srv.Jobs()
		if len(jobs) != 1 || jobs[0].ID != jobID || !jobs[0].ScheduledFor.Equal(night) {
			t.Fatalf("jobs on the server: %+v, want one, %s, scheduled for %v", jobs, jobID, night)
		}
	}
	if _, _, err := scheduleNight(t.Context(), client, now.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	if n := len(srv.Jobs()); n != 2 {
		t.Errorf("%d jobs for two nights", n)
	}
	for _, job := range srv.Jobs() {
		if job.Status != windmill.JobWaiting {
			t.Errorf("job %s of a night to come is %v", job.ID, job.Status)
		}
	}
}
