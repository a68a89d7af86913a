package bench_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const (
	script   = "f/bench/echo"
	resource = "f/bench/settings"
)

// method is one of the six, and the bare requests that do the same.
type method struct {
	name         string
	facade, bare func(ctx context.Context) error
}

func newServer(t *testing.T) *facadetest.Server {
	srv := facadetest.NewServer(facadetest.KeepRequests(0))
	t.Cleanup(srv.Close)
	srv.SetResource(resource, map[string]any{"host": "db.example.com", "port": 5432, "ssl": true})
	srv.Script(script, func(_ context.Context, job *facadetest.Job) (any, error) {
		return job.Args, nil
	})
	return srv
}

// methods returns all six, with a server of their own.
func methods(t *testing.T) []method {
	srv := newServer(t)
	c, b := srv.Client(), bare{srv.HTTPClient(), srv.URL, srv.Workspace, srv.Token}
	args, completed := map[string]any{"name": "Ada", "n": 3}, facade.NewJobID()
	if _, err := c.RunScriptSync(t.Context(), script, args, facade.JobID(completed)); err != nil {
		t.Fatal(err)
	}
	submit := func(ctx context.Context) (string, error) {
		return b.submit(ctx, script, "?job_id="+facade.NewJobID(), args)
	}
	return []method{
		{"GetVersion",
			func(ctx context.Context) error { _, err := c.GetVersion(ctx); return err },
			func(ctx context.Context) error { _, err := b.get(ctx, "/version"); return err }},
		{"GetResource",
			func(ctx context.Context) error { _, err := c.GetResource(ctx, resource); return err },
			func(ctx context.Context) error {
				_, err := b.getInWorkspace(ctx, "/resources/get_value_interpolated/"+resource)
				return err
			}},
		{"RunScriptAsync",
			func(ctx context.Context) error { _, err := c.RunScriptAsync(ctx, script, args); return err },
			func(ctx context.Context) error { _, err := submit(ctx); return err }},
		{"RunScriptSync",
			func(ctx context.Context) error { _, err := c.RunScriptSync(ctx, script, args); return err },
			func(ctx context.Context) error {
				id, err := submit(ctx)
				if err == nil {
					time.Sleep(20 * time.Millisecond) // about as long as RunScriptSync
					_, err = b.result(ctx, id)
				}
				return err
			}},
		{"GetJobStatus",
			func(ctx context.Context) error { _, err := c.GetJobStatus(ctx, completed); return err },
			func(ctx context.Context) error {
				_, err := b.getInWorkspace(ctx, "/jobs_u/get/"+completed+"?no_logs=true&no_code=true")
				return err
			}},
		{"GetResult",
			func(ctx context.Context) error { _, err := c.GetResult(ctx, completed); return err },
			func(ctx context.Context) error { _, err := b.result(ctx, completed); return err }},
	}
}

func TestMethodsAndBareRequestsWork(t *testing.T) {
	for _, m := range methods(t) {
		if err := m.facade(t.Context()); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		if err := m.bare(t.Context()); err != nil {
			t.Errorf("%s, bare: %v", m.name, err)
		}
	}
}

func methodTable(t *testing.T) *table {
	tab := newTable("method", "time", "bare", "allocations", "bare")
	for i := range methods(t) {
		// A server for each, as those that run scripts leave jobs behind.
		m := methods(t)[i]
		ours, bare := fastest(m.facade), fastest(m.bare)
		micros := func(r testing.BenchmarkResult) string {
			return fmt.Sprintf("%d µs", r.NsPerOp()/1000)
		}
		tab.add(m.name, micros(ours), micros(bare),
			fmt.Sprint(ours.AllocsPerOp()), fmt.Sprint(bare.AllocsPerOp()))
	}
	return tab
}

// fastest returns the best of a few measurements: other processes can only slow them down.
func fastest(call func(context.Context) error) testing.BenchmarkResult {
	var best testing.BenchmarkResult
	for i := range 5 {
		r := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := call(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
		if i == 0 || r.NsPerOp() < best.NsPerOp() {
			best = r
		}
	}
	return best
}
