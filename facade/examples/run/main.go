// Run runs a script and shows a person which server it runs on, its log as it appears, every change of the job's status, the result,
// and how long it took.
//
//	go run ./facade/examples/run [SCRIPT [ARGS]]
//
// SCRIPT is a script's path or version hash, and ARGS a JSON object. With WM_BASE_URL, WM_TOKEN and WM_WORKSPACE in the environment it
// runs on that server. With none of them it runs on a Windmill in memory, which has three scripts to try:
// f/demo/report, f/demo/fail and f/demo/slow. Without SCRIPT, or with any other path, it runs f/demo/report.
//
// Ctrl-C cancels the job; a second one ends the program at once. The exit status is 0 if the script succeeded, 1 if it failed or could
// not be run, 2 if the program was called wrongly or the environment is incomplete, and 130 after Ctrl-C.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	windmill "example.com/windmill/facade"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // as shells have it: 128 and the number of the signal
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second Ctrl-C does not wait for the cancellation
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	server, err := connect(stderr)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	defer server.close()
	call, err := parse(args, server)
	if err != nil {
		fmt.Fprintf(stderr, "%v\n%s", err, usage)
		return exitUsage
	}

	told := server.offer(call.script)
	version, err := server.client.GetVersion(ctx)
	if err != nil {
		return explain(ctx, stderr, err)
	}
	fmt.Fprintf(stdout, "Windmill %s at %s, workspace %s%s\n", version, server.client.BaseURL(), server.workspace, server.note)
	fmt.Fprintf(stdout, "%s %s\n%s\n", call.script, call.args, told)

	start := time.Now()
	result, err := server.client.RunScriptSync(ctx, call.script, call.args, windmill.Verbose(stdout))
	took := time.Since(start).Round(time.Millisecond)
	switch {
	case err == nil:
		fmt.Fprintf(stdout, "\n%s\n\nDone in %v.\n", indent(result), took)
		return 0
	case neverSent(ctx, err):
		fmt.Fprintf(stderr, "%v\n%s", err, usage)
		return exitUsage
	case errors.As(err, new(*windmill.JobError)), errors.As(err, new(*windmill.WaitError)):
		fmt.Fprintf(stdout, "\nEnded after %v.\n", took)
	}
	status := explain(ctx, stderr, err)
	if errors.Is(err, windmill.ErrNotFound) && len(server.scripts) > 0 {
		fmt.Fprintf(stderr, "The server in memory has %s.\n", server.scripts)
	}
	return status
}

// neverSent tells whether the script or its arguments were refused before anything was sent: neither the server nor the network
// had a part in the error then.
func neverSent(ctx context.Context, err error) bool {
	return ctx.Err() == nil && !errors.As(err, new(*windmill.JobError)) && !errors.As(err, new(*windmill.WaitError)) &&
		!errors.As(err, new(*windmill.APIError)) && !errors.As(err, new(net.Error))
}

// explain tells what went wrong, and returns the exit status.
func explain(ctx context.Context, stderr io.Writer, err error) int {
	var job *windmill.JobError
	switch {
	case errors.As(err, &job):
		fmt.Fprintln(stderr, err)
		if job.Stack != "" {
			fmt.Fprintln(stderr, job.Stack)
		}
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "Interrupted: %v\n", err)
		return exitInterrupted
	default:
		fmt.Fprintln(stderr, err)
	}
	return exitFailed
}

// indent lays JSON out for a person, and leaves every number as it is.
func indent(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}
