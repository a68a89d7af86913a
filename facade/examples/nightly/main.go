// Nightly schedules a script for the next night, once, no matter how often it is started: it
// computes the job's id from the date.
//
//	go run ./facade/examples/nightly
//
// Each replica of a service can start it. It needs no lock and no table of scheduled jobs.
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
	// A real program uses windmill.NewClient("", "").
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

	fmt.Println("another one in two seconds:")
	result, err := runIn(ctx, client, 2*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", result)
}

// backups is the namespace of this program's job ids. [windmill.NewJobID] made it, once.
var backups = uuid.MustParse("01a22fbb-5f4e-7d92-a661-3509bac73219")

// scheduleNight schedules the backup for the next 02:00 after now, unless it is scheduled already.
func scheduleNight(
	ctx context.Context, client *windmill.Client, now time.Time,
) (night time.Time, jobID string, err error) {
	night = nextNight(now)
	id := uuid.NewSHA1(backups, []byte(night.Format(time.DateOnly)))
	args := map[string]string{"night": night.Format(time.DateOnly)}
	jobID, err = client.RunScriptAsync(ctx, script, args,
		windmill.ScheduledAt(night), windmill.JobID(id.String()))
	return night, jobID, err
}

// nextNight returns the first 02:00 after now, in the time zone of now.
func nextNight(now time.Time) time.Time {
	night := time.Date(now.Year(), now.Month(), now.Day(), 2, 0, 0, 0, now.Location())
	if !night.After(now) {
		night = time.Date(now.Year(), now.Month(), now.Day()+1, 2, 0, 0, 0, now.Location())
	}
	return night
}

// runIn runs the backup after a delay and waits for the result.
func runIn(
	ctx context.Context, client *windmill.Client, delay time.Duration,
) (json.RawMessage, error) {
	args := map[string]string{"night": "none"}
	return client.RunScriptSync(ctx, script, args, windmill.ScheduledIn(delay))
}

// backup is the script on the server in memory.
func backup(_ context.Context, job *facadetest.Job) (any, error) {
	var args struct{ Night string }
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	return map[string]any{"night": args.Night, "files": 1204}, nil
}
