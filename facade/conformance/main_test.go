//go:build go1.25

package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/windmill/facade/facadetest"
)

// world is a server to try, and what the program said.
type world struct {
	srv            *facadetest.Server
	deployed       *deployments
	cfg            config
	stdout, stderr bytes.Buffer
}

// inWorld calls test with a server of a release, inside a bubble.
func inWorld(t *testing.T, release string, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer(facadetest.Release(release))
		defer srv.Close()
		w := &world{srv: srv, deployed: newDeployments(srv), cfg: realServer()}
		w.cfg.baseURL, w.cfg.token, w.cfg.workspace = srv.URL, srv.Token, srv.Workspace
		w.cfg.transport = srv.HTTPClient().Transport
		w.deployed.handle()
		test(t, w)
	})
}

func (w *world) run(ctx context.Context) int { return run(ctx, w.cfg, &w.stdout, &w.stderr) }

// said is what the program has said of the promises, and on the standard error.
func (w *world) said() string {
	_, promises, _ := strings.Cut(w.stdout.String(), "\n\n")
	return promises + w.stderr.String()
}

// empty fails the test if something was left behind.
func (w *world) empty(t *testing.T) {
	t.Helper()
	if len(w.deployed.things) > 0 {
		t.Errorf("left behind: %v", w.deployed.things)
	}
	for _, job := range w.srv.Jobs() {
		if job.CompletedAt.IsZero() && !job.Canceled {
			t.Errorf("job %s of %s goes on", job.ID, job.Path)
		}
	}
}

func TestEveryPromiseHoldsInEachRelease(t *testing.T) {
	for _, release := range []string{"1.743.0", "1.505.0"} {
		t.Run(release, func(t *testing.T) {
			inWorld(t, release, func(t *testing.T, w *world) {
				status := w.run(t.Context())
				t.Log(w.stdout.String())
				if status != 0 || w.stderr.Len() > 0 {
					t.Errorf("status %d, and on the standard error:\n%s", status, &w.stderr)
				}
				var missing []string
				for _, p := range promises() {
					if !strings.Contains(w.stdout.String(), "\nok         "+p.name+": ") {
						missing = append(missing, p.name)
					}
				}
				if len(missing) > 0 {
					t.Errorf("not said to hold: %q", missing)
				}
				if want := fmt.Sprintf("%d of %d promises hold.", len(promises()), len(promises())); !strings.Contains(w.stdout.String(), want) {
					t.Errorf("no line %q", want)
				}
				w.empty(t)
			})
		})
	}
}
