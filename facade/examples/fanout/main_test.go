package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestEachPhotoIsResizedAndFailuresAreNamed(t *testing.T) {
	srv := facadetest.NewServer(facadetest.Workers(8))
	defer srv.Close()
	srv.Script("f/demo/thumbnail", thumbnail)
	photos := []photo{{"a.jpg", 4000, 3000}, {"flat.jpg", 4000, 50}, {"b.jpg", 1000, 1000}}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()

	var bar strings.Builder
	sizes, err := resizeAll(ctx, srv.Client(), photos, &bar)

	if !errors.As(err, new(*windmill.JobError)) || !strings.HasPrefix(err.Error(), "flat.jpg: ") {
		t.Errorf("error %v, want the failure of flat.jpg", err)
	}
	if sizes["a.jpg"] != (size{200, 150}) || sizes["b.jpg"] != (size{200, 200}) || len(sizes) != 2 {
		t.Errorf("sizes %v", sizes)
	}
	if !strings.Contains(bar.String(), "0 running, 1 failed 100%") {
		t.Errorf("the progress bar is %q", &bar)
	}
}

func TestACanceledContextCancelsTheJobs(t *testing.T) {
	srv := facadetest.NewServer(facadetest.Workers(1))
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	srv.Script("f/demo/thumbnail", func(ctx context.Context, _ *facadetest.Job) (any, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	})

	var bar strings.Builder
	photos := make([]photo, 20)
	if _, err := resizeAll(ctx, srv.Client(), photos, &bar); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	for _, job := range srv.Jobs() {
		if !job.Canceled {
			t.Errorf("job %s was not canceled", job.ID)
		}
	}
}
