package facadetest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

func TestMistakesOfATestPanicWithTheWayOut(t *testing.T) {
	srv := newServer(t)
	for name, c := range map[string]struct {
		do   func()
		want string
	}{
		"a negative number of workers":   {func() { facadetest.Workers(-1) }, "negative"},
		"a delay before the due time":    {func() { facadetest.StartDelay(-1) }, "negative"},
		"a release that is not imitated": {func() { facadetest.Release("1.0.0") }, `"1.505.0"`},
		"a negative number of requests":  {func() { facadetest.KeepRequests(-1) }, "negative"},
		"a hash that is none":            {func() { facadetest.WithHash("xyz") }, "16 hex"},
		"a resource that is not JSON":    {func() { srv.SetResource("f/a", func() {}) }, "f/a"},
		"a fault of an unknown operation": {
			func() { srv.Inject("runScript", facadetest.Hang()) }, "runScriptByHash",
		},
		"a deciding fault of one":         {func() { srv.InjectFunc("x", nil) }, "runScriptByHash"},
		"a count of an unknown operation": {func() { srv.CountRequests("x") }, "runScriptByHash"},
		"a cut before the beginning":      {func() { facadetest.CutBody(-1) }, "negative"},
		"an answer that is no answer":     {func() { facadetest.Respond(100, nil, "") }, "status"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := panics(c.do); !strings.Contains(got, c.want) ||
				!strings.HasPrefix(got, "facadetest: ") {
				t.Errorf("panic %q, want one that begins with the package's name and contains %q", got, c.want)
			}
		})
	}
}

func TestCloseEndsScriptsAndStreamsAndWaitsForThem(t *testing.T) {
	srv := facadetest.NewServer()
	started := make(chan struct{})
	ended := false
	srv.Script("f/demo/long", func(ctx context.Context, _ *facadetest.Job) (any, error) {
		close(started)
		<-ctx.Done()
		ended = true
		return nil, ctx.Err()
	})
	id := run(t, srv, "f/demo/long", "{}", "")
	<-started
	streamed := make(chan reply)
	go func() { streamed <- get(t, srv, "w/test/jobs_u/getupdate_sse/"+id) }()
	hung := make(chan reply)
	srv.Inject("backendVersion", facadetest.Hang())
	go func() { hung <- get(t, srv, "version") }()
	for srv.CountRequests("getJobUpdatesSSE")+srv.CountRequests("backendVersion") < 2 {
		time.Sleep(time.Millisecond)
	}
	srv.Close()
	if !ended {
		t.Error("Close returned before the script's function did")
	}
	if got := <-streamed; got.err == nil && strings.Contains(got.body, `"completed":true`) {
		t.Errorf("the stream ended with %q, want it broken off", got.body)
	}
	if got := <-hung; got.err == nil {
		t.Errorf("the hanging request got %d, want an error", got.status)
	}
	srv.Close() // does nothing
	if got := get(t, srv, "version"); got.err == nil {
		t.Error("the server still answers after Close")
	}
}
