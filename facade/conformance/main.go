// Conformance tries the library's promises on a real Windmill.
//
//	WM_BASE_URL=https://windmill.example.com WM_TOKEN=… WM_WORKSPACE=team make conformance
//
// It creates a folder under a name of its own, deploys a few bash scripts, a variable and resources
// in it, runs the scripts, and removes what it deployed, also after a failure or Ctrl-C. It touches
// nothing else. The jobs stay in the workspace's list of past runs; one that could not be canceled
// ends by itself within a few minutes, or stays queued if it has no worker. It takes about two
// minutes and needs a worker that is not busy with other jobs.
//
// It prints a line for each promise, with what was seen. What the token may not do is not tried,
// and the line names the scope that it lacks. The exit status is 0 if everything that was tried
// holds.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	// With make conformance | tee, Ctrl-C ends tee as well: the removal must not end with it.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second Ctrl-C ends the removal too
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 100
	if err := run(ctx, transport, promises(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run tries promises on the server that the environment names.
func run(ctx context.Context, transport http.RoundTripper, all []promise, out io.Writer) error {
	var missing []string
	for _, name := range []string{"WM_BASE_URL", "WM_TOKEN", "WM_WORKSPACE"} {
		if os.Getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("set %s to name the server to try", strings.Join(missing, " and "))
	}
	s, err := newSession(transport)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Trying the library on %s, workspace %s, in folder f/%s.\n",
		s.client.BaseURL(), s.client.Workspace(), s.folder)
	fmt.Fprint(out, "This takes about two minutes. Ctrl-C ends it and removes what was deployed.\n\n")
	if err = s.deploy(ctx); err == nil {
		err = s.findWorker(ctx)
	}
	if err != nil {
		err = fmt.Errorf("nothing was tried: %w", err)
	} else {
		err = s.try(ctx, all, out)
	}
	if left := s.remove(ctx); left != nil {
		return errors.Join(err, fmt.Errorf("remove what is left of f/%s by hand: %w", s.folder, left))
	}
	fmt.Fprintln(out, "Removed what was deployed.")
	return err
}
