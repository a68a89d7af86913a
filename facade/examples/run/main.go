// Run runs a script and shows the server, the job's log while it runs, each change of its status,
// the result and the time that it took.
//
//	go run ./facade/examples/run [SCRIPT [ARGS]]
//
// SCRIPT is the path of a script or the hash of a version, and ARGS a JSON object. If WM_BASE_URL,
// WM_TOKEN and WM_WORKSPACE are set, the script runs on that server. If none is set, it runs on a
// server in memory, which has f/demo/report, f/demo/fail and f/demo/slow; any other path, and no
// SCRIPT, means f/demo/report.
//
// Ctrl-C cancels the job; a second one ends the program at once. The exit status is 0 if the script
// succeeded, 1 if it failed or could not run, 2 if the arguments or the environment are wrong, and
// 130 after Ctrl-C.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	windmill "example.com/windmill/facade"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 and the number of the signal, as in shells
)

func main() {
	ctx, _ := interruptible(context.Background())
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// interruptible returns a context that ends at the first Ctrl-C. A second one ends the program.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
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
	if err := server.greet(ctx, stdout, call); err != nil {
		return explain(ctx, stderr, err)
	}

	screen := &screen{w: stdout, color: hasColor(stdout)}
	start := time.Now()
	result, err := server.client.RunScriptSync(ctx, call.script, call.args, windmill.Verbose(screen))
	took := time.Since(start).Round(time.Millisecond)
	if err != nil {
		status := explain(ctx, stderr, err)
		if errors.Is(err, windmill.ErrNotFound) && len(server.scripts) > 0 {
			fmt.Fprintf(stderr, "The server in memory has %s.\n", server.scripts)
		}
		return status
	}
	fmt.Fprintf(stdout, "\n%s\n\nDone in %v.\n", indent(result), took)
	if link := server.link(screen.jobID); link != "" {
		fmt.Fprintln(stdout, link)
	}
	return 0
}

// explain prints the error of a run and returns the exit status.
func explain(ctx context.Context, stderr io.Writer, err error) int {
	var job *windmill.JobError
	switch {
	case errors.As(err, &job):
		fmt.Fprintln(stderr, err)
		if job.Stack != "" {
			fmt.Fprintln(stderr, job.Stack)
		}
	case errors.Is(err, windmill.ErrInvalidArgument):
		fmt.Fprintf(stderr, "%v\n%s", err, usage)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "Interrupted: %v\n", err)
		return exitInterrupted
	default:
		fmt.Fprintln(stderr, err)
	}
	return exitFailed
}

// indent formats JSON for a person. It keeps every number as it is.
func indent(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}
