// Resume survives a crash: it saves the id of its job in a file before it starts the job, and after
// a restart it joins that job instead of starting a second one.
//
//	go run ./facade/examples/resume
//
// It simulates the crash by giving up in the middle of the job and calling the same function again.
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

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func main() {
	// A real program uses windmill.NewClient("", "").
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
	fmt.Println("first start:", err)

	result, err := runOnce(context.Background(), client, state, "f/demo/import", nil)
	fmt.Printf("second start: result %s, error %v\n", result, err)
	fmt.Println("jobs:", len(srv.Jobs()))
}

// runOnce runs a script and returns its result. It joins the job of an earlier call with the same
// state file if that call did not return the job's result.
func runOnce(
	ctx context.Context, client *windmill.Client, state, script string, args any,
) (json.RawMessage, error) {
	id, err := jobID(state)
	if err != nil {
		return nil, err
	}
	// With KeepRunning, the end of the context leaves the job running for the next call.
	result, err := client.RunScriptSync(ctx, script, args, windmill.JobID(id), windmill.KeepRunning())
	if err != nil && !errors.As(err, new(*windmill.JobError)) {
		return nil, err
	}
	// The job has completed: the next call starts another.
	return result, errors.Join(err, os.Remove(state))
}

// jobID reads the id from the state file, or writes a new one there.
func jobID(state string) (string, error) {
	id, err := os.ReadFile(state)
	if err == nil {
		return string(id), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	id = []byte(windmill.NewJobID())
	// A rename is atomic: a crash leaves no truncated id.
	if err := os.WriteFile(state+".new", id, 0o600); err != nil {
		return "", err
	}
	return string(id), os.Rename(state+".new", state)
}

// importOrders is the script on the server in memory.
func importOrders(ctx context.Context, _ *facadetest.Job) (any, error) {
	select {
	case <-time.After(2 * time.Second):
		return map[string]int{"imported": 1204}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
