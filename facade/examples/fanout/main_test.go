package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestEveryPhotoIsResizedAndTheFailedOnesAreNamed(t *testing.T) {
	srv := facadetest.NewServer(facadetest.Workers(8))
	defer srv.Close()
	srv.Script("f/demo/thumbnail", thumbnail)
	photos := []photo{{"a.jpg", 4000, 3000}, {"flat.jpg", 4000, 50}, {"b.jpg", 1000, 1000}}

	var out strings.Builder
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	err := resizeAll(ctx, srv.Client(), photos, &out)

	if job := (*windmill.JobError)(nil); !errors.As(err, &job) || !strings.HasPrefix(err.Error(), "flat.jpg: ") {
		t.Errorf("error %v, want the failure of flat.jpg alone", err)
	}
	if lines := strings.Split(out.String(), "\r"); lines[len(lines)-1] != "3 of 3 done, 1 failed\n" {
		t.Errorf("the progress ends with %q", lines[len(lines)-1])
	}
}

func TestNoMoreThanTheLimitRunAtATimeAndResultsKeepTheirOrder(t *testing.T) {
	const limit = 3
	srv := facadetest.NewServer(facadetest.Workers(20))
	defer srv.Close()
	var running, most atomic.Int64
	srv.Script("f/demo/square", func(_ context.Context, job *facadetest.Job) (any, error) {
		now := running.Add(1)
		defer running.Add(-1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		var args struct{ N int }
		err := job.Decode(&args)
		return args.N * args.N, err
	})
	client := srv.Client()
	square := func(ctx context.Context, n int) (int, error) {
		return windmill.As[int](client.RunScriptSync(ctx, "f/demo/square", map[string]int{"n": n}))
	}
	steps := 0
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	results := fanOut(ctx, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, limit, square, func(int, int) { steps++ })

	var got []int
	for _, r := range results {
		if r.err != nil {
			t.Error(r.err)
		}
		got = append(got, r.value)
	}
	if diff := cmp.Diff([]int{1, 4, 9, 16, 25, 36, 49, 64, 81}, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if most.Load() > limit {
		t.Errorf("%d jobs ran at a time, want at most %d", most.Load(), limit)
	}
	if steps != len(results) {
		t.Errorf("progress was told %d times, want %d", steps, len(results))
	}
}

func TestWhenTheContextEndsRunningJobsAreCanceledAndNoFurtherOnesStart(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	srv.Script("f/demo/wait", func(ctx context.Context, _ *facadetest.Job) (any, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	})
	client := srv.Client()
	wait := func(ctx context.Context, _ string) (any, error) {
		return client.RunScriptSync(ctx, "f/demo/wait", nil)
	}
	results := fanOut(ctx, []string{"a", "b", "c", "d", "e", "f"}, 1, wait, func(int, int) {})

	for i, r := range results {
		if !errors.Is(r.err, context.Canceled) {
			t.Errorf("input %d: error %v, want that of the context", i, r.err)
		}
	}
	var states []string
	for _, job := range srv.Jobs() {
		states = append(states, fmt.Sprintf("canceled: %t", job.Canceled))
	}
	if diff := cmp.Diff([]string{"canceled: true"}, states); diff != "" {
		t.Errorf("jobs on the server (-want +got):\n%s", diff)
	}
}
