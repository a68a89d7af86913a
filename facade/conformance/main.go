// Conformance tells whether the library keeps its promises on a real Windmill.
//
//	WM_BASE_URL=https://windmill.example.com WM_TOKEN=… WM_WORKSPACE=team make conformance
//
// It deploys a few bash scripts, a variable and resources under f/windmill_go_conformance, runs them, and removes them again, also after a
// failure, Ctrl-C, or when its terminal or the reader of its output goes away. It refuses a workspace where that folder holds anything
// else. Nothing outside the folder is touched; the jobs stay in the workspace's list of past runs. It takes a minute or two, and wants a
// worker that is not busy with other jobs. Two runs at a time in one workspace disturb each other.
//
// It prints a line for each promise, with what was seen. What the token may not do is not tried, and the line says which scope it lacks.
// The exit status is 0 if all that was tried holds, 1 if not, or if it could not be tried, and 2 if the program was called wrongly.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"example.com/windmill/facade"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

const usage = `usage: conformance
The environment names the server: WM_BASE_URL, WM_TOKEN and WM_WORKSPACE.
`

func main() {
	ctx, stop := signal.NotifyContext(untilHangUp(context.Background()), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second Ctrl-C does not wait for the removal
	os.Exit(start(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// start reads the command line and the environment, and runs the program.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		fmt.Fprintf(stderr, "unexpected argument %q\n%s", args[0], usage)
		return exitUsage
	}
	cfg := realServer()
	var missing []string
	for _, v := range []struct {
		name string
		into *string
	}{{"WM_BASE_URL", &cfg.baseURL}, {"WM_TOKEN", &cfg.token}, {"WM_WORKSPACE", &cfg.workspace}} {
		if *v.into = os.Getenv(v.name); *v.into == "" {
			missing = append(missing, v.name)
		}
	}
	if len(missing) > 0 {
		fmt.Fprintf(stderr, "the environment lacks %s\n%s", strings.Join(missing, " and "), usage)
		return exitUsage
	}
	return run(ctx, cfg, stdout, stderr)
}

// run tries the promises on the server that cfg names, and returns the exit status.
func run(ctx context.Context, cfg config, stdout, stderr io.Writer) int {
	s, err := newSession(cfg)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	if err := s.look(ctx); err != nil {
		fmt.Fprintf(stderr, "nothing was tried, and nothing changed: %v\n", err)
		return exitFailed
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	heard := &heardWriter{to: stdout, unheard: stop}
	status := s.report(ctx, heard, stderr)
	if heard.err != nil {
		fmt.Fprintf(stderr, "the run was ended, as its output went nowhere: %v\n", heard.err)
		return exitFailed
	}
	return status
}

// heardWriter ends the run when what it says goes nowhere, so that what was made is removed.
type heardWriter struct {
	to      io.Writer
	unheard context.CancelFunc
	err     error
}

func (h *heardWriter) Write(p []byte) (int, error) {
	n, err := h.to.Write(p)
	if err != nil {
		h.err = err
		h.unheard()
	}
	return n, err
}

// report deploys, tries and removes, and returns the exit status.
func (s *session) report(ctx context.Context, stdout, stderr io.Writer) int {
	s.announce(stdout)
	status := 0
	if err := s.deploy(ctx); err != nil {
		fmt.Fprintf(stderr, "not everything could be deployed, so nothing was tried: %v\n", err)
		status = exitFailed
	} else if s.noWorker(ctx) {
		fmt.Fprintf(stderr, "nothing was tried: no worker took a bash job in %v; start one that serves the tag bash, or try again when one is free\n", statusTime)
		status = exitFailed
	} else if !s.try(ctx, stdout) {
		status = exitFailed
	}
	goOn, err := s.remove(ctx)
	if len(goOn) > 0 {
		fmt.Fprintf(stdout, "Not canceled, and over by themselves in %v: job %s.\n", endless, strings.Join(goOn, ", job "))
	}
	if s.folderStays() {
		fmt.Fprintf(stdout, "The folder f/%s stays, as the token may not tell whether it holds %s.\n", folder, strings.Join(s.unlooked, ", "))
	}
	if err != nil {
		fmt.Fprintf(stderr, "not everything could be removed; please remove what is left of f/%s by hand: %v\n", folder, err)
		return exitFailed
	}
	fmt.Fprintln(stdout, "Removed what was deployed.")
	return status
}

// session is one run of the program.
type session struct {
	cfg     config
	client  *facade.Client
	traffic *traffic // of client

	made     []thing           // what is to be removed, in the order in which it was made
	hashes   map[string]string // of the deployed scripts
	lacks    map[string]error  // why something could not be deployed, by its kind
	unlooked []string          // kinds that the token may not list
	started  []string          // jobs that may still be there at the end
	burst    *burst            // the many waits, for the listing to show
}

func newSession(cfg config) (*session, error) {
	// Inside a job of Windmill's, every job here would be a child of it, and children are canceled in other ways.
	_, _ = os.Unsetenv("WM_JOB_ID"), os.Unsetenv("WM_ROOT_FLOW_JOB_ID")
	if cfg.transport == nil {
		cfg.transport = http.DefaultTransport
	}
	s := &session{cfg: cfg, traffic: &traffic{next: cfg.transport}, hashes: map[string]string{}, lacks: map[string]error{}}
	var err error
	s.client, err = s.newClient(cfg.token, s.traffic)
	return s, err
}

func (s *session) newClient(token string, transport http.RoundTripper) (*facade.Client, error) {
	return facade.NewClient(s.cfg.baseURL, token, facade.WithWorkspace(s.cfg.workspace), facade.WithHTTPClient(&http.Client{Transport: transport}))
}

// announce says what is about to happen, and where.
func (s *session) announce(w io.Writer) {
	fmt.Fprintf(w, "Trying the library on %s, workspace %s.\n", s.client.BaseURL(), s.cfg.workspace)
	fmt.Fprintf(w, "This deploys %d scripts, %d variable and %d resources under f/%s, runs about %d jobs, and removes what it deployed,\nin a minute or two. ",
		len(scripts()), len(variables()), len(resources()), folder, s.cfg.waits+s.cfg.linkRuns+30)
	fmt.Fprintf(w, "The jobs stay in the list of past runs. Ctrl-C ends it at any time, and removes all the same.\n\n")
}
