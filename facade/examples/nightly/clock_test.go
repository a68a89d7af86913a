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

// In a bubble of testing/synctest the clock is simulated: a night takes no time.
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
		want := `{"files":1204,"night":"` + night.Format(time.DateOnly) + `"}`
		if string(result) != want {
			t.Errorf("result %s, want %s", result, want)
		}
		job, _ := srv.Job(jobID)
		if late := job.StartedAt.Sub(night); late < 0 || late > time.Second {
			t.Errorf("the job started at %v, want %v", job.StartedAt, night)
		}
	})
}
