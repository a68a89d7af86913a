package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// stateVariable makes the test's binary a program that calls runOnce with the state file that it names.
const stateVariable = "RESUME_TEST_STATE"

func TestMain(m *testing.M) {
	state := os.Getenv(stateVariable)
	if state == "" {
		os.Exit(m.Run())
	}
	client, err := windmill.NewClient("", "")
	if err == nil {
		_, err = runOnce(context.Background(), client, state, "f/demo/import", nil)
	}
	fmt.Println(err)
}

// patience is how long a test waits for a call, far longer than it takes.
const patience = 10 * time.Second

func TestAProgramThatIsKilledJoinsItsJobWhenItIsStartedAgain(t *testing.T) {
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

	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), stateVariable+"="+state,
		"BASE_INTERNAL_URL="+srv.URL, "WM_TOKEN="+srv.Token, "WM_WORKSPACE="+srv.Workspace)
	var said strings.Builder
	program.Stdout = &said
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = program.Wait()
		close(ended)
	}()
	select {
	case <-started:
	case <-ended:
		t.Fatalf("the program has ended by itself: %s", &said)
	case <-time.After(patience):
		t.Error("the program has started no job")
	}
	if err := program.Process.Kill(); err != nil {
		t.Error(err)
	}
	<-ended
	close(finish)

	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	result, err := runOnce(ctx, srv.Client(), state, "f/demo/import", nil)
	if err != nil || string(result) != `"imported"` {
		t.Errorf("the second start got %s and error %v", result, err)
	}
	if n := len(srv.Jobs()); n != 1 {
		t.Errorf("%d jobs have been started, want 1", n)
	}
	if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the state file is still there: %v", err)
	}
}

func TestACallThatIsGivenUpLeavesTheJobToBeJoined(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	started, finish := make(chan struct{}, 2), make(chan struct{})
	srv.Script("f/demo/import", func(ctx context.Context, _ *facadetest.Job) (any, error) {
		started <- struct{}{}
		select {
		case <-finish:
			return 7, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	state := filepath.Join(t.TempDir(), "import.job")
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	given, giveUp := context.WithCancel(ctx)
	defer giveUp()
	go func() {
		select {
		case <-started:
			giveUp()
		case <-given.Done():
		}
	}()
	_, err := runOnce(given, srv.Client(), state, "f/demo/import", nil)
	if wait := (*windmill.WaitError)(nil); !errors.As(err, &wait) || !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want a WaitError about the context", err)
	}
	close(finish)
	if result, err := runOnce(ctx, srv.Client(), state, "f/demo/import", nil); err != nil || string(result) != "7" {
		t.Errorf("the second call got %s and error %v", result, err)
	}
	if n := len(srv.Jobs()); n != 1 {
		t.Errorf("%d jobs have been started, want 1", n)
	}
}

func TestAfterAJobHasCompletedTheNextCallStartsAnother(t *testing.T) {
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
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	_, err := runOnce(ctx, srv.Client(), state, "f/demo/import", nil)
	if job := (*windmill.JobError)(nil); !errors.As(err, &job) || job.Message != "no orders" {
		t.Errorf("error %v, want the script's failure", err)
	}
	result, err := runOnce(ctx, srv.Client(), state, "f/demo/import", nil)
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff("2", string(result)); diff != "" {
		t.Errorf("result of the second job (-want +got):\n%s", diff)
	}
}
