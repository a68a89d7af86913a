//go:build go1.25

package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// In a bubble of testing/synctest the clock jumps to the next thing that happens, so that a night takes no time.
func TestTheBackupRunsAtTwoOClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer()
		defer srv.Close()
		srv.Script(script, backup)
		client := srv.Client()
		ctx, stop := context.WithTimeout(t.Context(), 48*time.Hour)
		defer stop()

		night, jobID, err := scheduleNight(ctx, client, time.Now().UTC())
		if err != nil {
			t.Fatal(err)
		}
		result, err := client.GetResult(ctx, jobID, windmill.WaitForCompletion())
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"files":1204,"night":"` + night.Format(time.DateOnly) + `"}`; string(result) != want {
			t.Errorf("result %s, want %s", result, want)
		}
		job, _ := srv.Job(jobID)
		if late := job.StartedAt.Sub(night); late < 0 || late > time.Second {
			t.Errorf("the job started at %v, want %v", job.StartedAt, night)
		}
	})
}

func TestADelayedRunStartsAfterItsDelayAndItsResultIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer()
		defer srv.Close()
		srv.Script(script, backup)
		start := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Hour)
		defer stop()
		if _, err := runIn(ctx, srv.Client(), time.Hour); err != nil {
			t.Fatal(err)
		}
		if jobs := srv.Jobs(); len(jobs) != 1 || jobs[0].StartedAt.Before(start.Add(time.Hour)) {
			t.Errorf("jobs on the server: %+v, want one that started an hour after it was asked for", jobs)
		}
	})
}
