package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// stateVariable makes the test binary a program that calls runOnce with the state file in it.
const stateVariable = "RESUME_TEST_STATE"

func TestMain(m *testing.M) {
	state := os.Getenv(stateVariable)
	if state == "" {
		os.Exit(m.Run())
	}
	client, err := windmill.NewClient("", "")
	if err != nil {
		panic(err)
	}
	_, _ = runOnce(context.Background(), client, state, "f/demo/import", nil) // until it is killed
}

func TestAProgramThatIsKilledJoinsItsJobAfterARestart(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	started, finish := make(chan struct{}, 2), make(chan struct{})
	srv.Script("f/demo/import", func(ctx context.Context, _ *facadetest.Job) (any, error) {
		started <- struct{}{}
		select {
		case <-finish:
			return "imported", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	state := filepath.Join(t.TempDir(), "import.job")
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()

	program := exec.CommandContext(ctx, os.Args[0])
	program.Env = append(os.Environ(), stateVariable+"="+state,
		"BASE_INTERNAL_URL="+srv.URL, "WM_TOKEN="+srv.Token, "WM_WORKSPACE="+srv.Workspace)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-started:
	case <-ctx.Done():
		t.Error("the program has started no job")
	}
	if err := program.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = program.Wait() // it was killed
	close(finish)

	result, err := runOnce(ctx, srv.Client(), state, "f/demo/import", nil)
	if err != nil || string(result) != `"imported"` || len(srv.Jobs()) != 1 {
		t.Errorf("result %s, error %v, %d jobs", result, err, len(srv.Jobs()))
	}
}

func TestTheCallAfterACompletedJobStartsAnother(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	calls := 0
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) {
		if calls++; calls == 1 {
			return nil, errors.New("no orders")
		}
		return calls, nil
	})
	state := filepath.Join(t.TempDir(), "import.job")
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	_, err := runOnce(ctx, srv.Client(), state, "f/demo/import", nil)
	if !errors.As(err, new(*windmill.JobError)) {
		t.Errorf("error %v, want a JobError", err)
	}
	result, err := runOnce(ctx, srv.Client(), state, "f/demo/import", nil)
	if err != nil || string(result) != "2" {
		t.Errorf("result %s and error %v of the second call", result, err)
	}
}
