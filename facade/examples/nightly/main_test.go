package main

import (
	"testing"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestNextNightIsTheFirstTwoOClockAfterNow(t *testing.T) {
	at := func(year int, month time.Month, day, hour int) time.Time {
		return time.Date(year, month, day, hour, 0, 0, 0, time.FixedZone("Berlin", 2*60*60))
	}
	for name, test := range map[string]struct{ now, want time.Time }{
		"in the afternoon":       {at(2026, 6, 30, 15), at(2026, 7, 1, 2)},
		"after midnight":         {at(2026, 7, 1, 1), at(2026, 7, 1, 2)},
		"at two o'clock":         {at(2026, 7, 1, 2), at(2026, 7, 2, 2)},
		"on the last of a year":  {at(2026, 12, 31, 12), at(2027, 1, 1, 2)},
		"on the last of a month": {at(2026, 2, 28, 23), at(2026, 3, 1, 2)},
	} {
		if got := nextNight(test.now); !got.Equal(test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestANightIsScheduledOnce(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script(script, backup)
	now := time.Now().AddDate(0, 0, 1) // so that the night does not come during the test
	for range 3 {
		night, jobID, err := scheduleNight(t.Context(), srv.Client(), now)
		if err != nil {
			t.Fatal(err)
		}
		jobs := srv.Jobs()
		if len(jobs) != 1 || jobs[0].ID != jobID || !jobs[0].ScheduledFor.Equal(night) ||
			jobs[0].Status != windmill.JobWaiting {
			t.Fatalf("jobs %+v, want one, %s, scheduled for %v", jobs, jobID, night)
		}
	}
}
