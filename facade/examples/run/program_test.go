//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

func TestCtrlCCancelsTheJob(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/wait", func(ctx context.Context, _ *facadetest.Job) (any, error) {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	environment(t, srv.URL, srv.Token, srv.Workspace)
	ctx, stop := interruptible(t.Context())
	defer stop()
	var stdout, stderr bytes.Buffer
	if status := run(ctx, []string{"f/demo/wait"}, &stdout, &stderr); status != exitInterrupted {
		t.Errorf("exit status %d, want %d", status, exitInterrupted)
	}
	inOrder(t, stderr.String(), "Interrupted: ")
	if jobs := srv.Jobs(); len(jobs) != 1 || !jobs[0].Canceled {
		t.Errorf("jobs %+v, want one that was canceled", jobs)
	}
}

func TestMakePassesArgumentsAsTheyWereTyped(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/echo", func(_ context.Context, job *facadetest.Job) (any, error) {
		return job.Args, nil
	})
	environment(t, srv.URL, srv.Token, srv.Workspace)
	t.Setenv("MAKEFLAGS", "") // of the make that runs this test
	const args = `{"text":"it's $5, $(shell echo no), $$HOME, ` + "`id`" + `, #1, 100%, ü \\ \n"}`
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx,
		"make", "-C", "../../..", "run", "SCRIPT=f/demo/echo", "ARGS="+args)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make run: %v\n%s", err, out)
	}
	if jobs := srv.Jobs(); len(jobs) != 1 || string(jobs[0].Args) != args {
		t.Errorf("jobs %+v, want one with the arguments %s", jobs, args)
	}
}
