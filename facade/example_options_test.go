package facade_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const exampleJob = "01890a5d-ac96-774b-bcce-b302099a8057"

// The options of a client, all of them.
func ExampleClientOption() {
	client, err := windmill.NewClient("https://windmill.example.com", "a-secret",
		windmill.WithWorkspace("team"),
		windmill.WithHTTPClient(http.DefaultClient), // for proxies, certificates, tracing
		windmill.WithMaxRetries(3),                  // of a single request
		windmill.WithMaxOutage(2*time.Minute),       // of the server, during a wait
		windmill.WithLogger(slog.Default()),         // for retries
		windmill.WithUserAgent("report/1.4"),        // put before the library's own
	)
	fmt.Println(client, err)
	// Output: windmill.Client(https://windmill.example.com/api, workspace "team") <nil>
}

// A logger gets a line for each request that is sent again: which one, why, and after how long.
func ExampleWithLogger() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Inject("backendVersion", facadetest.Respond(http.StatusServiceUnavailable, nil, "restarting"), facadetest.Nth(1))
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "after" {
			return slog.Attr{} // they differ each time
		}
		return a
	}}))

	version, err := srv.Client(windmill.WithLogger(logger)).GetVersion(context.Background())
	fmt.Println(version, err)
	// Output:
	// level=WARN msg="windmill: sending a request again" method=GET path=/version retry=1 error="status 503: restarting"
	// CE v1.743.0 <nil>
}

// The options of a run, as far as they are about the job: when it starts, its id, where it runs, whose child it is.
func ExampleRunOption() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/backup", func(context.Context, *facadetest.Job) (any, error) { return nil, nil })

	jobID, err := srv.Client().RunScriptAsync(context.Background(), "f/demo/backup", nil,
		windmill.JobID(exampleJob),
		windmill.Tag("nightly"),
		windmill.ParentJob("01890a5d-ac96-774b-bcce-b302099a8000"),
		windmill.ScheduledIn(time.Hour),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	job, _ := srv.Job(jobID)
	fmt.Println(job.ID, "with the tag", job.Tag, "is", job.Status, "for", job.ScheduledFor.Sub(job.CreatedAt).Round(time.Minute))
	// Output: 01890a5d-ac96-774b-bcce-b302099a8057 with the tag nightly is WAITING for 1h0m0s
}

func ExampleScheduledAt() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/backup", func(context.Context, *facadetest.Job) (any, error) { return nil, nil })

	newYear := time.Date(2090, time.January, 1, 0, 0, 0, 0, time.UTC)
	jobID, err := srv.Client().RunScriptAsync(context.Background(), "f/demo/backup", nil, windmill.ScheduledAt(newYear))
	if err != nil {
		fmt.Println(err)
		return
	}
	job, _ := srv.Job(jobID)
	fmt.Println(job.ScheduledFor.Format(time.DateTime))
	// Output: 2090-01-01 00:00:00
}

// A program that keeps the id can start again after a crash: the second call joins the job of the first.
func ExampleJobID() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) { return 1204, nil })
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	client := srv.Client()

	for range 2 {
		result, err := client.RunScriptSync(ctx, "f/demo/import", nil, windmill.JobID(exampleJob))
		fmt.Println(string(result), err)
	}
	fmt.Println("jobs:", len(srv.Jobs()))
	// Output:
	// 1204 <nil>
	// 1204 <nil>
	// jobs: 1
}

// A program that gives up, at a deadline or as here with a cancel function, can leave the job running, and ask for its result later.
func ExampleKeepRunning() {
	ctx, giveUp := context.WithTimeout(context.Background(), 3*time.Second)
	defer giveUp()
	finish := make(chan struct{})
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(ctx context.Context, _ *facadetest.Job) (any, error) {
		giveUp()
		select {
		case <-finish:
		case <-ctx.Done():
		}
		return 1204, ctx.Err()
	})
	client := srv.Client()

	_, err := client.RunScriptSync(ctx, "f/demo/import", nil, windmill.JobID(exampleJob), windmill.KeepRunning())
	fmt.Println(errors.Is(err, context.Canceled))

	close(finish)
	later, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	result, err := client.GetResult(later, exampleJob, windmill.WaitForCompletion())
	fmt.Println(string(result), err)
	// Output:
	// true
	// 1204 <nil>
}

// The options of GetResult.
func ExampleResultOption() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(_ context.Context, job *facadetest.Job) (any, error) {
		job.Logf("1204 orders")
		return 1204, nil
	})
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	client := srv.Client()
	jobID, err := client.RunScriptAsync(ctx, "f/demo/import", nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	var logs strings.Builder
	result, err := client.GetResult(ctx, jobID, windmill.WaitForCompletion(), windmill.Verbose(&logs))
	fmt.Println(string(result), err)
	fmt.Println(strings.Contains(logs.String(), "1204 orders\n"))
	// Output:
	// 1204 <nil>
	// true
}

// A person at a terminal sees the logs as they appear, and every change of the status; here the lines of the script alone are printed.
func ExampleVerbose() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/report", func(_ context.Context, job *facadetest.Job) (any, error) {
		job.Logf("step 1: reading the orders")
		job.Logf("step 2: adding them up")
		return 42, nil
	})

	var screen strings.Builder // os.Stderr, in a program
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	result, err := srv.Client().RunScriptSync(ctx, "f/demo/report", nil, windmill.Verbose(&screen))
	for line := range strings.Lines(screen.String()) {
		if strings.HasPrefix(line, "step") {
			fmt.Print(line)
		}
	}
	fmt.Println(string(result), err)
	// Output:
	// step 1: reading the orders
	// step 2: adding them up
	// 42 <nil>
}

// A program reads the log line by line; here it keeps the lines of the script.
func ExampleLogs() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/report", func(_ context.Context, job *facadetest.Job) (any, error) {
		job.Logf("step: reading the orders")
		job.Logf("step: adding them up")
		return 42, nil
	})

	steps := lineFunc(func(line string) {
		if strings.HasPrefix(line, "step") {
			fmt.Println(line)
		}
	})
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	result, err := srv.Client().RunScriptSync(ctx, "f/demo/report", nil, windmill.Logs(steps))
	fmt.Println(string(result), err)
	// Output:
	// step: reading the orders
	// step: adding them up
	// 42 <nil>
}

// lineFunc is a writer that calls a function for each line. It need not put lines together: it is given whole ones.
type lineFunc func(line string)

func (f lineFunc) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		f(strings.TrimSuffix(line, "\n"))
	}
	return len(p), nil
}
