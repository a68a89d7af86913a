// Fanout runs one script over many inputs, a few at a time, and shows its progress.
//
//	go run ./facade/examples/fanout
//
// One [windmill.Client] serves all the goroutines: their waits share their requests, so that each of a thousand takes fewer than one
// alone. The limit is there for the server's workers: beyond their number, jobs only queue.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"sync"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	// A program of your own has a client of your server instead: windmill.NewClient("", "").
	srv := facadetest.NewServer(facadetest.Workers(8))
	defer srv.Close()
	srv.Script("f/demo/thumbnail", thumbnail)

	var photos []photo
	for n := range 60 {
		photos = append(photos, photo{Name: fmt.Sprintf("photo-%02d.jpg", n), Width: 4000, Height: 3000 - 50*n})
	}
	if err := resizeAll(ctx, srv.Client(), photos, os.Stdout); err != nil {
		log.Print(err)
	}
}

type photo struct {
	Name          string
	Width, Height int
}

type size struct{ Width, Height int }

// resizeAll runs the script for each photo. The failure of one does not keep the others from their thumbnails.
func resizeAll(ctx context.Context, client *windmill.Client, photos []photo, out io.Writer) error {
	results := fanOut(ctx, photos, 8, func(ctx context.Context, p photo) (size, error) {
		return windmill.As[size](client.RunScriptSync(ctx, "f/demo/thumbnail", p))
	}, func(done, failed int) {
		fmt.Fprintf(out, "\r%d of %d done, %d failed", done, len(photos), failed)
	})
	fmt.Fprintln(out)

	var errs []error
	for i, r := range results {
		if r.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", photos[i].Name, r.err))
		}
	}
	return errors.Join(errs...)
}

type result[T any] struct {
	value T
	err   error
}

// fanOut calls work for each input, at most limit calls at a time, and reports progress after each. The results are in the order of the
// inputs. When ctx ends, the running jobs are canceled by RunScriptSync, and no further one is started.
func fanOut[In, Out any](ctx context.Context, inputs []In, limit int, work func(context.Context, In) (Out, error), progress func(done, failed int)) []result[Out] {
	results := make([]result[Out], len(inputs))
	var (
		group        sync.WaitGroup
		mu           sync.Mutex
		done, failed int
	)
	slots := make(chan struct{}, limit)
	for i, input := range inputs {
		slots <- struct{}{}
		group.Add(1)
		go func() {
			defer group.Done()
			defer func() { <-slots }()
			value, err := work(ctx, input)
			results[i] = result[Out]{value, err}
			mu.Lock()
			defer mu.Unlock()
			done++
			if err != nil {
				failed++
			}
			progress(done, failed)
		}()
	}
	group.Wait()
	return results
}

// thumbnail is the script, as the server in memory runs it.
func thumbnail(ctx context.Context, job *facadetest.Job) (any, error) {
	var p photo
	if err := job.Decode(&p); err != nil {
		return nil, err
	}
	if p.Height <= 100 {
		return nil, fmt.Errorf("%d pixels are not high enough", p.Height)
	}
	select {
	case <-time.After(150 * time.Millisecond):
		return size{Width: 200, Height: 200 * p.Height / p.Width}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
