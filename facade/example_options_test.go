package facade_test

import (
	"context"
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

func ExampleClientOption() {
	client, err := windmill.NewClient("https://windmill.example.com", "a-secret",
		windmill.WithWorkspace("team"),
		windmill.WithHTTPClient(http.DefaultClient), // for a proxy, certificates or tracing
		windmill.WithMaxRetries(3),                  // of a request
		windmill.WithMaxOutage(2*time.Minute),       // of the server during a wait
		windmill.WithLogger(slog.Default()),         // for retries
		windmill.WithUserAgent("report/1.4"),        // put before the library's own
	)
	fmt.Println(client, err)
	// Output: windmill.Client(https://windmill.example.com/api, workspace "team") <nil>
}

func ExampleRunOption() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/backup", func(context.Context, *facadetest.Job) (any, error) {
		return nil, nil
	})

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
	delay := job.ScheduledFor.Sub(job.CreatedAt).Round(time.Minute)
	fmt.Println(job.ID, job.Tag, job.Status, delay)
	// Output: 01890a5d-ac96-774b-bcce-b302099a8057 nightly WAITING 1h0m0s
}

func ExampleScheduledAt() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/backup", func(context.Context, *facadetest.Job) (any, error) {
		return nil, nil
	})

	newYear := time.Date(2090, time.January, 1, 0, 0, 0, 0, time.UTC)
	jobID, err := srv.Client().RunScriptAsync(context.Background(), "f/demo/backup", nil,
		windmill.ScheduledAt(newYear))
	if err != nil {
		fmt.Println(err)
		return
	}
	job, _ := srv.Job(jobID)
	fmt.Println(job.ScheduledFor.Format(time.DateTime))
	// Output: 2090-01-01 00:00:00
}

// A program that saves the id can start again after a crash: the second call joins the job.
func ExampleJobID() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) {
		return 1204, nil
	})
	client, ctx := srv.Client(), context.Background()

	id := windmill.NewJobID() // save it before the first call
	for range 2 {
		result, err := client.RunScriptSync(ctx, "f/demo/import", nil, windmill.JobID(id))
		fmt.Println(string(result), err)
	}
	fmt.Println("jobs:", len(srv.Jobs()))
	// Output:
	// 1204 <nil>
	// 1204 <nil>
	// jobs: 1
}

// The job outlives the call that started it.
func ExampleKeepRunning() {
	ctx, cancel := context.WithCancel(context.Background())
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) {
		cancel() // a deadline, for example
		return 1204, nil
	})
	client := srv.Client()

	_, err := client.RunScriptSync(ctx, "f/demo/import", nil,
		windmill.JobID(exampleJob), windmill.KeepRunning())
	fmt.Println(err != nil)

	result, err := client.GetResult(context.Background(), exampleJob, windmill.WaitForCompletion())
	fmt.Println(string(result), err)
	// Output:
	// true
	// 1204 <nil>
}

// A person sees the log and each change of status.
func ExampleVerbose() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/report", func(_ context.Context, job *facadetest.Job) (any, error) {
		job.Logf("reading the orders")
		return 42, nil
	})

	var screen strings.Builder // os.Stderr in a program
	result, err := srv.Client().RunScriptSync(context.Background(), "f/demo/report", nil,
		windmill.Verbose(&screen))
	fmt.Println(strings.Contains(screen.String(), "reading the orders\n"))
	fmt.Println(strings.Contains(screen.String(), "COMPLETED\n"))
	fmt.Println(string(result), err)
	// Output:
	// true
	// true
	// 42 <nil>
}

// The log begins with lines of Windmill. This writer skips them.
func ExampleLogs() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/report", func(_ context.Context, job *facadetest.Job) (any, error) {
		job.Logf("reading the orders")
		job.Logf("adding them up")
		return 42, nil
	})

	result, err := srv.Client().RunScriptSync(context.Background(), "f/demo/report", nil,
		windmill.Logs(&scriptLog{}))
	fmt.Println(string(result), err)
	// Output:
	// reading the orders
	// adding them up
	// 42 <nil>
}

// scriptLog prints the lines that follow a heading such as "--- BASH CODE EXECUTION ---", which are
// those of the script. Each Write has whole lines.
type scriptLog struct{ begun bool }

func (l *scriptLog) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		switch {
		case l.begun && line != "\n":
			fmt.Fprint(os.Stdout, line)
		case strings.HasSuffix(line, " CODE EXECUTION ---\n"):
			l.begun = true
		}
	}
	return len(p), nil
}
