//go:build unix && go1.25

package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"example.com/windmill/facade/facadetest"
)

// TestMain lets the tests run themselves as the program.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_CONFORMANCE") != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestEverythingIsRemovedWhenNobodyIsThereAnyMore(t *testing.T) {
	// So that the program does not inherit that hang-ups are ignored, where these tests run with nohup.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	hangUp := func(program *os.Process, _ io.Closer) error { return program.Signal(syscall.SIGHUP) }
	for name, leave := range map[string]func(program *os.Process, output io.Closer) error{
		"hang-ups":      hangUp,
		"a closed pipe": func(_ *os.Process, output io.Closer) error { return output.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			srv := facadetest.NewServer()
			defer srv.Close()
			w := &world{srv: srv, deployed: newDeployments(srv)}
			w.deployed.handle()
			program := exec.Command(os.Args[0])
			program.Env = append(os.Environ(), "RUN_CONFORMANCE=1", "WM_BASE_URL="+srv.URL, "WM_TOKEN="+srv.Token, "WM_WORKSPACE="+srv.Workspace)
			program.Stderr = &w.stderr
			output, err := program.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := program.Start(); err != nil {
				t.Fatal(err)
			}
			srv.InjectFunc("DELETE /w/{ws}/resources/delete/{path...}", func(*http.Request) facadetest.Fault {
				_ = leave(program.Process, output) // again, as shells do
				return facadetest.Fault{}
			})
			for lines := bufio.NewScanner(output); lines.Scan() && !strings.HasPrefix(lines.Text(), "ok"); {
			}
			if err := leave(program.Process, output); err != nil {
				t.Error(err)
			}
			_, _ = io.Copy(io.Discard, output)
			var ended *exec.ExitError
			if err := program.Wait(); !errors.As(err, &ended) || ended.ExitCode() != exitFailed {
				t.Errorf("it ended with %v, want status %d: %s", err, exitFailed, &w.stderr)
			}
			w.empty(t)
		})
	}
}
