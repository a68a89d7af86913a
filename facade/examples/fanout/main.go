// Fanout runs one script over many inputs, a few at a time, and shows its progress.
//
//	cd facade/examples/fanout && go run .
//
// One [windmill.Client] serves all the goroutines. The limit is for the server's workers: jobs
// beyond their number only queue. The example is a module of its own, so that users of the library
// do not depend on the progress bar.
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

	"golang.org/x/term"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	// A real program uses windmill.NewClient("", "").
	srv := facadetest.NewServer(facadetest.Workers(8))
	defer srv.Close()
	srv.Script("f/demo/thumbnail", thumbnail)

	var photos []photo
	for n := range 60 {
		name := fmt.Sprintf("photo-%02d.jpg", n)
		photos = append(photos, photo{Name: name, Width: 4000, Height: 3000 - 50*n})
	}
	bar := io.Discard
	if term.IsTerminal(int(os.Stderr.Fd())) {
		bar = os.Stderr
	}
	sizes, err := resizeAll(ctx, srv.Client(), photos, bar)
	fmt.Printf("%d of %d thumbnails\n", len(sizes), len(photos))
	if err != nil {
		log.Print(err)
	}
}

type photo struct {
	Name          string
	Width, Height int
}

type size struct{ Width, Height int }

// resizeAll runs the script for each photo. It returns the sizes of the thumbnails by the photos'
// names, and the errors of the photos that failed.
func resizeAll(
	ctx context.Context, client *windmill.Client, photos []photo, bar io.Writer,
) (map[string]size, error) {
	progress := newProgress(len(photos), bar)
	results := fanOut(photos, 8, func(p photo) (size, error) {
		progress.started()
		s, err := windmill.As[size](client.RunScriptSync(ctx, "f/demo/thumbnail", p))
		progress.done(err)
		return s, err
	})
	sizes := make(map[string]size)
	var errs []error
	for i, r := range results {
		if r.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", photos[i].Name, r.err))
			continue
		}
		sizes[photos[i].Name] = r.value
	}
	return sizes, errors.Join(errs...)
}

type result[T any] struct {
	value T
	err   error
}

// fanOut calls work for each input, at most limit calls at a time. The results are in the order of
// the inputs.
func fanOut[In, Out any](inputs []In, limit int, work func(In) (Out, error)) []result[Out] {
	results := make([]result[Out], len(inputs))
	slots := make(chan struct{}, limit)
	var group sync.WaitGroup
	for i, input := range inputs {
		slots <- struct{}{}
		group.Add(1)
		go func() {
			defer group.Done()
			defer func() { <-slots }()
			value, err := work(input)
			results[i] = result[Out]{value, err}
		}()
	}
	group.Wait()
	return results
}

// thumbnail is the script on the server in memory.
func thumbnail(ctx context.Context, job *facadetest.Job) (any, error) {
	var p photo
	if err := job.Decode(&p); err != nil {
		return nil, err
	}
	select {
	case <-time.After(time.Duration(100+p.Height/10) * time.Millisecond):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if p.Height <= 100 {
		return nil, fmt.Errorf("a height of %d pixels is too small", p.Height)
	}
	return size{Width: 200, Height: 200 * p.Height / p.Width}, nil
}
