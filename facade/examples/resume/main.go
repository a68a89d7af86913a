// Resume survives its own crash: it keeps the id of its job in a file before it starts the job, and when it is started again it joins that job
// instead of starting a second one.
//
//	go run ./facade/examples/resume
//
// To show this, it gives up in the middle of a job, as if it had crashed, and calls the same function once more.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func main() {
	// A program of your own has a client of your server instead: windmill.NewClient("", "").
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", importOrders)
	client := srv.Client()

	dir, err := os.MkdirTemp("", "resume")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	state := filepath.Join(dir, "import.job")

	crash, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err = runOnce(crash, client, state, "f/demo/import", nil)
	fmt.Println("the first start ends early:", err)

	result, err := runOnce(context.Background(), client, state, "f/demo/import", nil)
	fmt.Printf("the second start has the result: %s, error: %v\n", result, err)
	fmt.Println("jobs that were started:", len(srv.Jobs()))
}

// runOnce runs a script and returns its result. If an earlier call with the same state file did not come to an end, whatever ended it, that call's
// job is joined.
func runOnce(ctx context.Context, client *windmill.Client, state, script string, args any) (json.RawMessage, error) {
	id, err := jobID(state)
	if err != nil {
		return nil, err
	}
	// KeepRunning, so that a context that ends leaves the job to be joined.
	result, err := client.RunScriptSync(ctx, script, args, windmill.JobID(id), windmill.KeepRunning())
	if err != nil && !errors.As(err, new(*windmill.JobError)) {
		return nil, err
	}
	// The job has completed, well or not: the next call is to start another.
	return result, errors.Join(err, os.Remove(state))
}

// jobID reads the id in the state file, or makes one and writes it there.
func jobID(state string) (string, error) {
	id, err := os.ReadFile(state)
	if err == nil {
		return string(id), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	id = []byte(uuid.NewString())
	// Written beside it and then renamed, so that a crash leaves no half of an id.
	if err := os.WriteFile(state+".new", id, 0o600); err != nil {
		return "", err
	}
	return string(id), os.Rename(state+".new", state)
}

// importOrders is the script, as the server in memory runs it.
func importOrders(ctx context.Context, _ *facadetest.Job) (any, error) {
	select {
	case <-time.After(2 * time.Second):
		return map[string]int{"imported": 1204}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
