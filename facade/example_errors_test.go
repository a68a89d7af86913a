package facade_test

import (
	"context"
	"errors"
	"fmt"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func Example_notFound() {
	srv := facadetest.NewServer()
	defer srv.Close()

	_, err := srv.Client().GetResource(context.Background(), "f/crm/none")
	fmt.Println(errors.Is(err, windmill.ErrNotFound))
	// Output: true
}

// The id belongs to a job of another script.
func Example_jobIDTaken() {
	srv := facadetest.NewServer()
	defer srv.Close()
	script := func(context.Context, *facadetest.Job) (any, error) { return nil, nil }
	srv.Script("f/demo/import", script)
	srv.Script("f/demo/export", script)
	client, ctx, id := srv.Client(), context.Background(), windmill.NewJobID()

	_, err := client.RunScriptSync(ctx, "f/demo/import", nil, windmill.JobID(id))
	fmt.Println(err)
	_, err = client.RunScriptSync(ctx, "f/demo/export", nil, windmill.JobID(id))
	fmt.Println(errors.Is(err, windmill.ErrJobIDTaken))
	// Output:
	// <nil>
	// true
}

func ExampleAPIError() {
	srv := facadetest.NewServer()
	defer srv.Close()

	_, err := srv.Client().RunScriptAsync(context.Background(), "f/demo/none", nil)
	var refused *windmill.APIError
	if errors.As(err, &refused) {
		fmt.Println(refused.StatusCode, refused.Method, refused.Path)
	}
	// Output: 404 POST /w/test/jobs/run/p/f/demo/none
}

func ExampleJobError() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/report", func(context.Context, *facadetest.Job) (any, error) {
		return nil, &facadetest.Failure{Result: map[string]any{
			"error": map[string]string{"name": "ValueError", "message": "no report for a sunday"},
		}}
	})

	_, err := srv.Client().RunScriptSync(context.Background(), "f/demo/report", nil)
	var failed *windmill.JobError
	if errors.As(err, &failed) {
		fmt.Println(failed.Name)
		fmt.Println(failed.Message)
		fmt.Println("canceled:", failed.Canceled)
	}
	// Output:
	// ValueError
	// no report for a sunday
	// canceled: false
}

// The context ends before the job. RunScriptSync cancels the job; with KeepRunning it would not.
func ExampleWaitError() {
	ctx, cancel := context.WithCancel(context.Background())
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/slow", func(job context.Context, _ *facadetest.Job) (any, error) {
		cancel() // a deadline, for example
		<-job.Done()
		return nil, job.Err()
	})

	_, err := srv.Client().RunScriptSync(ctx, "f/demo/slow", nil)
	var wait *windmill.WaitError
	if errors.As(err, &wait) {
		fmt.Println("has the job's id:", wait.JobID != "")
		fmt.Println("the context ended:", errors.Is(err, context.Canceled))
		fmt.Println("canceling the job failed:", wait.CancelErr)
	}
	// Output:
	// has the job's id: true
	// the context ended: true
	// canceling the job failed: <nil>
}
