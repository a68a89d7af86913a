package facade_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// Nothing was sent: an argument is wrong.
func Example_invalidArgument() {
	srv := facadetest.NewServer()
	defer srv.Close()

	_, err := srv.Client().GetJobStatus(context.Background(), "no-id")
	fmt.Println(errors.Is(err, windmill.ErrInvalidArgument))
	fmt.Println("requests:", len(srv.Requests()))
	// Output:
	// true
	// requests: 0
}

// The server knows no such job, script or resource.
func Example_notFound() {
	srv := facadetest.NewServer()
	defer srv.Close()

	_, err := srv.Client().GetResource(context.Background(), "f/crm/nobody")
	fmt.Println(errors.Is(err, windmill.ErrNotFound))
	fmt.Println(err)
	// Output:
	// true
	// windmill: resource f/crm/nobody: GET /w/test/resources/get_value_interpolated/f/crm/nobody: status 404: Not found: Resource f/crm/nobody not found
}

// The token is wrong, or is good and may not do this.
func Example_unauthorized() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.SetResource("f/crm/admin", map[string]any{"user": "ali"})
	read := func(token string) error {
		client, err := windmill.NewClient(srv.URL, token, windmill.WithWorkspace(srv.Workspace))
		if err != nil {
			return err
		}
		_, err = client.GetResource(context.Background(), "f/crm/admin")
		return err
	}

	fmt.Println(errors.Is(read("a-wrong-token"), windmill.ErrUnauthorized))
	fmt.Println(errors.Is(read(srv.AddToken(facadetest.Access{User: "bob"})), windmill.ErrForbidden))
	fmt.Println(read(srv.AddToken(facadetest.Access{User: "bob", Folders: []string{"crm"}})))
	// Output:
	// true
	// true
	// <nil>
}

// The job is there, and has no result yet.
func Example_notCompleted() {
	srv := facadetest.NewServer(facadetest.Workers(0))
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) { return nil, nil })
	client, ctx := srv.Client(), context.Background()
	jobID, err := client.RunScriptAsync(ctx, "f/demo/import", nil, windmill.JobID(exampleJob))
	if err != nil {
		fmt.Println(err)
		return
	}

	_, err = client.GetResult(ctx, jobID)
	fmt.Println(errors.Is(err, windmill.ErrNotCompleted))
	fmt.Println(err)
	// Output:
	// true
	// windmill: result of job 01890a5d-ac96-774b-bcce-b302099a8057: not completed: it is WAITING
}

// The id is that of another script's job.
func Example_jobIDTaken() {
	srv := facadetest.NewServer()
	defer srv.Close()
	nothing := func(context.Context, *facadetest.Job) (any, error) { return nil, nil }
	srv.Script("f/demo/import", nothing, facadetest.WithHash("0123456789abcdef"))
	srv.Script("f/demo/export", nothing)
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	client := srv.Client()
	if _, err := client.RunScriptSync(ctx, "f/demo/import", nil, windmill.JobID(exampleJob)); err != nil {
		fmt.Println(err)
	}

	_, err := client.RunScriptSync(ctx, "f/demo/export", nil, windmill.JobID(exampleJob))
	fmt.Println(errors.Is(err, windmill.ErrJobIDTaken))
	fmt.Println(err)
	// Output:
	// true
	// windmill: running f/demo/export: job id taken: job 01890a5d-ac96-774b-bcce-b302099a8057 is a run of f/demo/import (version 0123456789abcdef)
}

func ExampleAPIError() {
	srv := facadetest.NewServer()
	defer srv.Close()

	_, err := srv.Client().RunScriptAsync(context.Background(), "f/demo/none", nil)
	var refused *windmill.APIError
	if errors.As(err, &refused) {
		fmt.Println(refused.StatusCode, refused.Method, refused.Path)
		fmt.Println(errors.Is(err, windmill.ErrNotFound))
	}
	// Output:
	// 404 POST /w/test/jobs/run/p/f/demo/none
	// true
}

func ExampleJobError() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/report", func(context.Context, *facadetest.Job) (any, error) {
		return nil, &facadetest.Failure{Result: map[string]any{
			"error": map[string]string{"name": "ValueError", "message": "no report for a sunday"},
		}}
	})

	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	_, err := srv.Client().RunScriptSync(ctx, "f/demo/report", nil)
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

// The caller gives up before the job has completed, here with a cancel function, more often at a deadline. RunScriptSync has canceled the
// job; with KeepRunning it would go on, and its id is there to ask for its result later.
func ExampleWaitError() {
	ctx, giveUp := context.WithTimeout(context.Background(), 3*time.Second)
	defer giveUp()
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/slow", func(job context.Context, _ *facadetest.Job) (any, error) {
		giveUp()
		<-job.Done()
		return nil, job.Err()
	})

	_, err := srv.Client().RunScriptSync(ctx, "f/demo/slow", nil, windmill.JobID(exampleJob))
	var wait *windmill.WaitError
	if errors.As(err, &wait) {
		fmt.Println("job:", wait.JobID)
		fmt.Println("given up:", errors.Is(err, context.Canceled))
		fmt.Println("canceling it failed:", wait.CancelErr)
	}
	// Output:
	// job: 01890a5d-ac96-774b-bcce-b302099a8057
	// given up: true
	// canceling it failed: <nil>
}
