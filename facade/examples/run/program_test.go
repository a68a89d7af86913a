//go:build unix

package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

// interrupted builds the program, runs a script with it that does not end by itself, and sends it a Ctrl-C when the script's log appears.
func interrupted(t *testing.T, srv *facadetest.Server, further func(*os.Process)) (end *os.ProcessState, stderr string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "run")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	srv.Script("f/demo/wait", func(ctx context.Context, job *facadetest.Job) (any, error) {
		job.Logf("waiting for the end")
		<-ctx.Done()
		return nil, ctx.Err()
	})
	cmd := exec.CommandContext(soon(t), program, "f/demo/wait")
	cmd.Env = append(os.Environ(), "WM_BASE_URL="+srv.URL, "WM_TOKEN="+srv.Token, "WM_WORKSPACE="+srv.Workspace)
	var once sync.Once
	cmd.Stdout = &screen{seen: func(text string) {
		if strings.Contains(text, "waiting for the end") {
			once.Do(func() {
				_ = cmd.Process.Signal(os.Interrupt) // if it fails, the program does not end, and the test neither
				go further(cmd.Process)
			})
		}
	}}
	var shown screen
	cmd.Stderr = &shown
	if err := cmd.Run(); err == nil {
		t.Error("the program ended well")
	}
	return cmd.ProcessState, shown.String()
}

func TestCtrlCEndsTheProgramWith130AndCancelsTheJob(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	end, stderr := interrupted(t, srv, func(*os.Process) {})
	if end.ExitCode() != exitInterrupted {
		t.Errorf("the program ended with %v, want exit status %d; stderr: %s", end, exitInterrupted, stderr)
	}
	inOrder(t, stderr, "(the job was canceled)")
	if jobs := srv.Jobs(); len(jobs) != 1 || !jobs[0].Canceled {
		t.Errorf("jobs on the server: %+v, want one that is canceled", jobs)
	}
}

func TestASecondCtrlCDoesNotWaitForTheCancellation(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	canceling := make(chan struct{}, 1)
	srv.InjectFunc("cancelQueuedJob", func(*http.Request) facadetest.Fault {
		select {
		case canceling <- struct{}{}:
		default:
		}
		return facadetest.Hang()
	})
	end, stderr := interrupted(t, srv, func(program *os.Process) {
		<-canceling
		// More than once, since the program may not have got round to letting the signal through.
		for program.Signal(os.Interrupt) == nil {
			time.Sleep(10 * time.Millisecond)
		}
	})
	if status, ok := end.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		t.Errorf("the program ended with %v, want that the signal ended it; stderr: %s", end, stderr)
	}
}

func makeRun(t *testing.T, variables ...string) ([]byte, error) {
	t.Helper()
	t.Setenv("MAKEFLAGS", "") // of the make that runs this test
	// Make builds it again, in no time.
	if out, err := exec.Command("go", "build", "-o", os.DevNull, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(soon(t), "make", append([]string{"--no-print-directory", "-C", "../../..", "run"}, variables...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // which make passes on
	return cmd.CombinedOutput()
}

func TestMakeHandsTheScriptAndItsArgumentsOnAsTheyWereTyped(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/echo", func(_ context.Context, job *facadetest.Job) (any, error) {
		return job.Args, nil
	})
	environment(t, srv.URL, srv.Token, srv.Workspace)
	const args = `{"text":"it's $5, $(shell echo no), $$HOME, ` + "`id`" + `, #1, 100%, ü \\ \n"}`
	for _, typed := range []string{args, strings.Replace(args, "{", "{\n  ", 1)} {
		if out, err := makeRun(t, "SCRIPT=f/demo/echo", "ARGS="+typed); err != nil {
			t.Fatalf("make run: %v\n%s", err, out)
		}
	}
	for _, job := range srv.Jobs() {
		if diff := cmp.Diff(args, string(job.Args)); diff != "" {
			t.Errorf("the job's arguments (-typed +got):\n%s", diff)
		}
	}
	if n := len(srv.Jobs()); n != 2 {
		t.Errorf("%d jobs have been started, want 2", n)
	}
}

func TestMakeRefusesAVariableThatItDoesNotKnow(t *testing.T) {
	environment(t, "", "", "")
	out, err := makeRun(t, "SCRIPT=f/demo/report", "day=mon$day")
	if err == nil {
		t.Error("make run has ended well although it does not know day")
	}
	inOrder(t, string(out), "make run takes SCRIPT and ARGS, not day", `ARGS='{"day":"monday"}'`)
}

func TestMakeTellsTheProgramsExitStatus(t *testing.T) {
	environment(t, "", "", "")
	out, err := makeRun(t, "SCRIPT=f/demo/fail")
	if err == nil {
		t.Error("make run has ended well although the script failed")
	}
	inOrder(t, string(out), "ValueError: there is no report for a sunday", "Error 1")
}
