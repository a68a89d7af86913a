package main

import (
	"context"
	"fmt"
	"time"

	"example.com/windmill/facade/facadetest"
)

// demos are the scripts of the server in memory.
var demos = []struct {
	path string
	run  func(context.Context, *facadetest.Job) (any, error)
}{
	{"f/demo/report", report},
	{"f/demo/fail", fail},
	{"f/demo/slow", slow},
}

// report takes a few seconds and logs its steps.
func report(ctx context.Context, job *facadetest.Job) (any, error) {
	args := struct{ Day string }{Day: "today"}
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	job.Logf("report for %s", args.Day)
	steps := []string{
		"reading the orders", "adding them up", "comparing with last week", "writing the report",
	}
	for n, step := range steps {
		job.Logf("%d/4 %s", n+1, step)
		if err := pause(ctx, 600*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return map[string]any{
		"day":        args.Day,
		"orders":     128,
		"total":      "4,211.50",
		"last_order": int64(9007199254740993), // more digits than a float64 has
	}, nil
}

// fail fails like a Python script that raises an exception.
func fail(ctx context.Context, job *facadetest.Job) (any, error) {
	job.Logf("checking the day")
	if err := pause(ctx, 600*time.Millisecond); err != nil {
		return nil, err
	}
	return nil, &facadetest.Failure{Result: map[string]any{"error": map[string]any{
		"name":    "ValueError",
		"message": "there is no report for a sunday",
		"stack":   "Traceback (most recent call last):\n  File \"report.py\", line 7, in main",
	}}}
}

// slow takes a minute, which leaves time for Ctrl-C.
func slow(ctx context.Context, job *facadetest.Job) (any, error) {
	for second := range 60 {
		job.Logf("%d s of 60; Ctrl-C cancels the job", second)
		if err := pause(ctx, time.Second); err != nil {
			return nil, err
		}
	}
	return "a minute is over", nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
}
