// Nightly schedules a script for the coming night, once, however often it is started: the id of the night's job follows from the date.
//
//	go run ./facade/examples/nightly
//
// Every deployment can start it, or every replica of a service: it needs no lock and no table of what has been scheduled.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/google/uuid"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const script = "f/demo/backup"

func main() {
	// A program of your own has a client of your server instead: windmill.NewClient("", "").
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script(script, backup)
	client := srv.Client()
	ctx := context.Background()

	for range 2 {
		night, jobID, err := scheduleNight(ctx, client, time.Now())
		if err != nil {
			log.Fatal(err)
		}
		status, err := client.GetJobStatus(ctx, jobID)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("the backup of %s is job %s, %v\n", night.Format("2006-01-02 15:04"), jobID, status)
	}

	fmt.Println("one more in two seconds, to see it happen:")
	result, err := runIn(ctx, client, 2*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", result)
}

// backups is the namespace of the ids that this program makes. Any random UUID will do, as long as it stays the same.
var backups = uuid.MustParse("6f1d7c53-0c53-4b0e-9f0e-3a5a3f6a7d11")

// scheduleNight schedules the backup for the next 02:00 after now. If that night's is scheduled already, it is left as it is.
func scheduleNight(ctx context.Context, client *windmill.Client, now time.Time) (night time.Time, jobID string, err error) {
	night = nextNight(now)
	id := uuid.NewSHA1(backups, []byte(night.Format(time.DateOnly)))
	args := map[string]string{"night": night.Format(time.DateOnly)}
	jobID, err = client.RunScriptAsync(ctx, script, args, windmill.ScheduledAt(night), windmill.JobID(id.String()))
	return night, jobID, err
}

// nextNight is the first 02:00 after now, by now's clock.
func nextNight(now time.Time) time.Time {
	night := time.Date(now.Year(), now.Month(), now.Day(), 2, 0, 0, 0, now.Location())
	if !night.After(now) {
		night = time.Date(now.Year(), now.Month(), now.Day()+1, 2, 0, 0, 0, now.Location())
	}
	return night
}

// runIn runs the backup after a delay, and waits for its result.
func runIn(ctx context.Context, client *windmill.Client, delay time.Duration) (json.RawMessage, error) {
	jobID, err := client.RunScriptAsync(ctx, script, map[string]string{"night": "none"}, windmill.ScheduledIn(delay))
	if err != nil {
		return nil, err
	}
	return client.GetResult(ctx, jobID, windmill.WaitForCompletion())
}

// backup is the script, as the server in memory runs it.
func backup(_ context.Context, job *facadetest.Job) (any, error) {
	var args struct{ Night string }
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	return map[string]any{"night": args.Night, "files": 1204}, nil
}
