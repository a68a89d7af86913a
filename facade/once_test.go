package facade_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestManySubmissionsOverABadLinkAreAsManyJobs(t *testing.T) {
	t.Parallel() // it mostly waits
	const submissions, atOnce = 200, 100
	srv := facadetest.NewServer(facadetest.Workers(atOnce))
	t.Cleanup(srv.Close)
	numbered := func(_ context.Context, job *facadetest.Job) (any, error) {
		var args struct{ N int }
		err := job.Decode(&args)
		return ticket{args.N, job.ID}, err
	}
	srv.Script("f/once/number", numbered)
	link := newLink(t, srv.URL, badLink(seed(t), 3))
	// Ten retries would now and then not be enough, as chance has it.
	c := clientOver(t, link, srv, facade.WithMaxRetries(30))

	known := make([]string, submissions)
	numbers, few := make(chan int), newFewFailures(t)
	var wg sync.WaitGroup
	for range atOnce {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range numbers {
				var err error
				if known[n], err = submit(t.Context(), c, n); err != nil {
					few.Errorf("submission %d: %v", n, err)
				}
			}
		}()
	}
	for n := range submissions {
		numbers <- n
	}
	close(numbers)
	wg.Wait()
	wantEachOnce(t, srv, known)
	for kind := passes; kind <= connectionRefused; kind++ {
		if link.met[kind] == 0 {
			t.Errorf("no request has met fate %d: %v", kind, link.met)
		}
	}
}

// wantEachOnce checks that the server has one job for each submission, of which its caller knows.
func wantEachOnce(t *testing.T, srv *facadetest.Server, known []string) {
	t.Helper()
	want, got := map[string]int{}, map[string]int{}
	for n, id := range known {
		want[id] = n
	}
	for _, job := range srv.Jobs() {
		got[job.ID] = as[ticket](t, job.Args).N
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the number of each job, as its caller (-) and as the server (+) knows it:\n%s", diff)
	}
	if len(got) != len(known) {
		t.Errorf("the server has %d jobs, want %d", len(got), len(known))
	}
}

type ticket struct {
	N  int
	ID string
}

// submit runs the script to its end with every tenth number, and starts it with the others.
func submit(ctx context.Context, c *facade.Client, n int) (jobID string, err error) {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	args := map[string]int{"n": n}
	if n%10 != 0 {
		return c.RunScriptAsync(ctx, "f/once/number", args)
	}
	got, err := facade.As[ticket](c.RunScriptSync(ctx, "f/once/number", args))
	if err == nil && got.N != n {
		err = fmt.Errorf("the result is that of submission %d", got.N)
	}
	return got.ID, err
}

// clientOver returns a client that reaches a server over a link, by the facade's own transport.
func clientOver(
	t *testing.T, l *link, srv *facadetest.Server, opts ...facade.ClientOption,
) *facade.Client {
	t.Helper()
	opts = append([]facade.ClientOption{facade.WithWorkspace(srv.Workspace)}, opts...)
	c, err := facade.NewClient(l.URL, srv.Token, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// badLink breaks so many of ten requests, in every way there is.
func badLink(seed uint64, ofTen int) func(*http.Request) fate {
	chance := rand.New(rand.NewPCG(seed, 1))
	return func(*http.Request) fate {
		if chance.IntN(10) >= ofTen {
			return fate{}
		}
		return fate{
			kind:  resetBefore + fateKind(chance.IntN(5)),
			share: chance.Float64(),
			delay: time.Duration(chance.IntN(3)) * time.Millisecond,
		}
	}
}

// seed returns the seed of a test's chances: always the same, unless WINDMILL_TEST_SEED is set.
func seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(20260501)
	if s := os.Getenv("WINDMILL_TEST_SEED"); s != "" {
		var err error
		if n, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("WINDMILL_TEST_SEED: %v", err)
		}
	}
	t.Logf("seed %d (WINDMILL_TEST_SEED sets another)", n)
	return n
}
