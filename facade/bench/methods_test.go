package bench_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// firstLook is when the bare client looks at a job, about as late as RunScriptSync, so that both send the same requests.
const firstLook = 20 * time.Millisecond

const (
	script   = "f/bench/echo"
	resource = "f/bench/settings"
)

func newServer(opts ...facadetest.Option) *facadetest.Server {
	srv := facadetest.NewServer(append(opts, facadetest.KeepRequests(0))...)
	srv.SetResource(resource, map[string]any{"host": "db.example.com", "port": 5432, "ssl": true})
	srv.Script(script, func(_ context.Context, job *facadetest.Job) (any, error) { return job.Args, nil })
	return srv
}

// method is one of the six, and the bare requests that do the same.
type method struct {
	name         string
	facade, bare func(ctx context.Context) error
}

// methods needs the id of a job that has completed.
func methods(c *facade.Client, b bare, done string) []method {
	args := map[string]any{"name": "Ada", "n": 3}
	withID := func(ctx context.Context) (string, error) {
		return b.submit(ctx, script, "?job_id="+uuid.Must(uuid.NewV7()).String(), args)
	}
	resourceURL := b.api + "/w/test/resources/get_value_interpolated/" + resource
	return []method{
		{"GetVersion",
			func(ctx context.Context) error { _, err := c.GetVersion(ctx); return err },
			func(ctx context.Context) error { _, err := b.get(ctx, b.api+"/version"); return err }},
		{"GetResource",
			func(ctx context.Context) error { _, err := c.GetResource(ctx, resource); return err },
			func(ctx context.Context) error { _, err := b.get(ctx, resourceURL); return err }},
		{"RunScriptAsync",
			func(ctx context.Context) error { _, err := c.RunScriptAsync(ctx, script, args); return err },
			func(ctx context.Context) error { _, err := withID(ctx); return err }},
		{"RunScriptSync",
			func(ctx context.Context) error { _, err := c.RunScriptSync(ctx, script, args); return err },
			func(ctx context.Context) error {
				id, err := withID(ctx)
				if err == nil {
					_, err = b.await(ctx, id, firstLook)
				}
				return err
			}},
		{"GetJobStatus",
			func(ctx context.Context) error { _, err := c.GetJobStatus(ctx, done); return err },
			func(ctx context.Context) error {
				_, err := b.get(ctx, b.jobs+"/get/"+done+"?no_logs=true&no_code=true")
				return err
			}},
		{"GetResult",
			func(ctx context.Context) error { _, err := c.GetResult(ctx, done); return err },
			func(ctx context.Context) error { _, err := b.result(ctx, done); return err }},
	}
}

func completedJob(tb testing.TB, c *facade.Client) string {
	tb.Helper()
	id := uuid.Must(uuid.NewV7()).String()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	if _, err := c.RunScriptSync(ctx, script, nil, facade.JobID(id)); err != nil {
		tb.Fatal(err)
	}
	return id
}

func BenchmarkMethod(b *testing.B) {
	// A server each, as those that run scripts leave jobs behind.
	for i := range methods(nil, bare{}, "") {
		for _, client := range []string{"bare", "facade"} {
			srv := newServer()
			c := srv.Client()
			m := methods(c, bareClient(srv), completedJob(b, c))[i]
			call := m.bare
			if client == "facade" {
				call = m.facade
			}
			b.Run("method="+m.name+"/client="+client, func(b *testing.B) { measure(b, call) })
			srv.Close()
		}
	}
}

func measure(b *testing.B, call func(context.Context) error) {
	b.ReportAllocs()
	for b.Loop() {
		if err := call(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
