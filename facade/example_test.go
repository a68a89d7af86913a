package facade_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
	"example.com/windmill/gen"
)

// A first program: run a script with arguments, and decode its result. On a server of your own the client comes from
// windmill.NewClient("https://windmill.example.com", token, windmill.WithWorkspace("team")).
func Example() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/team/report", func(context.Context, *facadetest.Job) (any, error) {
		return map[string]int64{"orders": 128, "cents": 9007199254740993}, nil
	})
	client := srv.Client()

	type report struct{ Orders, Cents int64 }
	args := map[string]any{"day": "monday"}
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	sums, err := windmill.As[report](client.RunScriptSync(ctx, "f/team/report", args))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sums.Orders, "orders,", sums.Cents, "cents")
	// Output: 128 orders, 9007199254740993 cents
}

func ExampleNewClient() {
	client, err := windmill.NewClient("https://windmill.example.com", "a-secret", windmill.WithWorkspace("team"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client) // however it is printed, without the token
	fmt.Println(client.BaseURL())
	// Output:
	// windmill.Client(https://windmill.example.com/api, workspace "team")
	// https://windmill.example.com/api
}

// What is missing is said at the first call that needs it, all of it at once.
func ExampleNewClient_missing() {
	client, err := windmill.NewClient("https://windmill.example.com", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.RunScriptSync(context.Background(), "f/team/report", nil)
	fmt.Println(err)
	// Output: windmill: invalid argument: missing a token (the second argument of NewClient, or WM_TOKEN) and a workspace (WithWorkspace, or WM_WORKSPACE)
}

func ExampleClient_GetVersion() {
	srv := facadetest.NewServer()
	defer srv.Close()

	version, err := srv.Client().GetVersion(context.Background())
	fmt.Println(version, err)
	// Output: CE v1.743.0 <nil>
}

func ExampleClient_GetResource() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.SetVariable("f/crm/password", "open sesame")
	srv.SetResource("f/crm/admin", map[string]any{"user": "ali", "password": "$var:f/crm/password"})

	admin, err := windmill.As[struct{ User, Password string }](srv.Client().GetResource(context.Background(), "f/crm/admin"))
	fmt.Println(admin.User, "says", admin.Password, err)
	// Output: ali says open sesame <nil>
}

func ExampleClient_RunScriptSync() {
	srv := facadetest.NewServer()
	defer srv.Close()
	hash := srv.Script("f/demo/greet", func(_ context.Context, job *facadetest.Job) (any, error) {
		var args struct{ Name string }
		err := job.Decode(&args)
		return "hello " + args.Name, err
	})
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	client := srv.Client()

	result, err := client.RunScriptSync(ctx, "f/demo/greet", map[string]string{"name": "ada"}) // the version deployed last
	fmt.Println(string(result), err)
	result, err = client.RunScriptSync(ctx, hash, struct {
		Name string `json:"name"`
	}{"bob"}) // exactly this version
	fmt.Println(string(result), err)
	// Output:
	// "hello ada" <nil>
	// "hello bob" <nil>
}

func ExampleClient_RunScriptAsync() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) { return 1204, nil })
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	client := srv.Client()

	jobID, err := client.RunScriptAsync(ctx, "f/demo/import", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Here, or in another program that has the id:
	n, err := windmill.As[int](client.GetResult(ctx, jobID, windmill.WaitForCompletion()))
	fmt.Println(n, err)
	// Output: 1204 <nil>
}

func ExampleClient_GetJobStatus() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) { return nil, nil })
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	client := srv.Client()
	show := func(jobID string) {
		status, err := client.GetJobStatus(ctx, jobID)
		fmt.Println(status, err)
	}

	srv.PauseWorkers()
	jobID, err := client.RunScriptAsync(ctx, "f/demo/import", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	show(jobID)
	srv.ResumeWorkers()
	if _, err := client.GetResult(ctx, jobID, windmill.WaitForCompletion()); err != nil {
		fmt.Println(err)
	}
	show(jobID)
	// Output:
	// WAITING <nil>
	// COMPLETED <nil>
}

func ExampleClient_GetResult() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) { return []int{1, 2, 3}, nil })
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	client := srv.Client()
	jobID, err := client.RunScriptAsync(ctx, "f/demo/import", nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	result, err := client.GetResult(ctx, jobID, windmill.WaitForCompletion())
	fmt.Println(string(result), err)
	// Output: [1,2,3] <nil>
}

// Every operation in gen is one line away, with the client's token, user agent and retries. The answer's status needs no check: one that is not
// 2xx is an error.
func ExampleClient_Do() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.SetResource("f/crm/admin", map[string]any{"password": "$var:f/crm/password"})
	client := srv.Client()

	api, err := gen.NewClientWithResponses(client.BaseURL(), gen.WithHTTPClient(client))
	if err != nil {
		fmt.Println(err)
		return
	}
	// As it is stored, with its references.
	answer, err := api.GetResourceValueWithResponse(context.Background(), srv.Workspace, "f/crm/admin")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.TrimSpace(string(answer.Body)))
	// Output: {"password":"$var:f/crm/password"}
}

// A job that RunScriptAsync has started is stopped with an operation of Windmill's own.
func ExampleClient_Do_cancel() {
	srv := facadetest.NewServer(facadetest.Workers(0))
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) { return nil, nil })
	client, ctx := srv.Client(), context.Background()
	jobID, err := client.RunScriptAsync(ctx, "f/demo/import", nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	api, err := gen.NewClientWithResponses(client.BaseURL(), gen.WithHTTPClient(client))
	if err != nil {
		fmt.Println(err)
		return
	}
	reason := "no longer needed"
	if _, err := api.CancelQueuedJobWithResponse(ctx, srv.Workspace, jobID, gen.CancelRequest{Reason: &reason}); err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.GetResult(ctx, jobID)
	var stopped *windmill.JobError
	fmt.Println(errors.As(err, &stopped) && stopped.Canceled)
	// Output: true
}

func ExampleAs() {
	type user struct{ Name string }
	u, err := windmill.As[user](json.RawMessage(`{"name":"ada"}`), nil)
	fmt.Println(u.Name, err)

	// Without a type to decode into, numbers keep all their digits.
	value, err := windmill.As[map[string]any](json.RawMessage(`{"id":9007199254740993}`), nil)
	fmt.Printf("%v %T %v\n", value["id"], value["id"], err)
	// Output:
	// ada <nil>
	// 9007199254740993 json.Number <nil>
}

// A JobStatus is a word in text and in JSON.
func ExampleJobStatus() {
	state := struct {
		Job    string             `json:"job"`
		Status windmill.JobStatus `json:"status"`
	}{"import", windmill.JobRunning}
	if err := json.NewEncoder(os.Stdout).Encode(state); err != nil {
		fmt.Println(err)
	}
	if err := json.Unmarshal([]byte(`{"status":"COMPLETED"}`), &state); err != nil {
		fmt.Println(err)
	}
	fmt.Println(state.Status == windmill.JobCompleted)
	// Output:
	// {"job":"import","status":"RUNNING"}
	// true
}
