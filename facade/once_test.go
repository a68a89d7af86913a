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

func TestAThousandSubmissionsOverABadLinkAreAThousandJobs(t *testing.T) {
	t.Parallel() // it mostly waits
	const submissions, atOnce = 1000, 100
	srv := facadetest.NewServer(facadetest.Workers(atOnce))
	t.Cleanup(srv.Close)
	srv.Script("f/once/number", func(_ context.Context, job *facadetest.Job) (any, error) {
		var args struct{ N int }
		err := job.Decode(&args)
		return ticket{args.N, job.ID}, err
	})
	link := newLink(t, srv.URL, badLink(seed(t), 3))
	// Ten retries would now and then not be enough, as chance has it.
	c := clientOver(t, link, srv, facade.WithMaxRetries(30))
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()

	known := make([]string, submissions)
	numbers, few := make(chan int), newFewFailures(t)
	var wg sync.WaitGroup
	for range atOnce {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range numbers {
				var err error
				if known[n], err = submit(ctx, c, n); err != nil {
					few.Errorf("submission %d: %v", n, err)
					stop()
				}
			}
		}()
	}
	for n := range submissions {
		numbers <- n
	}
	close(numbers)
	wg.Wait()
	if t.Failed() {
		return
	}

	want, got := map[string]int{}, map[string]int{}
	for n, id := range known {
		want[id] = n
	}
	for _, job := range srv.Jobs() {
		args, err := facade.As[ticket](job.Args, nil)
		if err != nil {
			t.Fatal(err)
		}
		got[job.ID] = args.N
	}
	if len(got) != submissions {
		t.Errorf("the server has %d jobs, want %d", len(got), submissions)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the number of each job, as its caller (-) and as the server (+) knows it:\n%s", diff)
	}
	for kind := passes; kind <= connectionRefused; kind++ {
		if link.met[kind] == 0 {
			t.Errorf("no request has met fate %d: %v", kind, link.met)
		}
	}
	t.Logf("what requests have met: %v", link.met)
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

// clientOver is a client that reaches a server over a link, by the facade's own transport.
func clientOver(t *testing.T, l *link, srv *facadetest.Server, opts ...facade.ClientOption) *facade.Client {
	t.Helper()
	c, err := facade.NewClient(l.URL, srv.Token, append([]facade.ClientOption{facade.WithWorkspace(srv.Workspace)}, opts...)...)
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
		return fate{kind: resetBefore + fateKind(chance.IntN(5)), share: chance.Float64(), delay: time.Duration(chance.IntN(3)) * time.Millisecond}
	}
}

// seed is that of a test's chances: always the same, unless WINDMILL_TEST_SEED names another.
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
