package facade_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
	"example.com/windmill/gen"
)

// A client of a real server is windmill.NewClient("https://windmill.example.com", token,
// windmill.WithWorkspace("team")).
func Example() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/team/report", func(context.Context, *facadetest.Job) (any, error) {
		return map[string]int64{"orders": 128, "cents": 9007199254740993}, nil
	})
	client := srv.Client()

	type report struct{ Orders, Cents int64 }
	args := map[string]any{"day": "monday"}
	result, err := client.RunScriptSync(context.Background(), "f/team/report", args)
	sums, err := windmill.As[report](result, err)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sums.Orders, "orders,", sums.Cents, "cents")
	// Output: 128 orders, 9007199254740993 cents
}

func ExampleNewClient() {
	client, err := windmill.NewClient("https://windmill.example.com", "a-secret",
		windmill.WithWorkspace("team"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client) // without the token
	fmt.Println(client.BaseURL())
	fmt.Println(client.Workspace())
	// Output:
	// windmill.Client(https://windmill.example.com/api, workspace "team")
	// https://windmill.example.com/api
	// team
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

	type login struct{ User, Password string }
	admin, err := windmill.As[login](srv.Client().GetResource(context.Background(), "f/crm/admin"))
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
	client, ctx := srv.Client(), context.Background()

	// By path: the version deployed last.
	result, err := client.RunScriptSync(ctx, "f/demo/greet", map[string]string{"name": "ada"})
	fmt.Println(string(result), err)

	// By hash: exactly this version.
	type args struct {
		Name string `json:"name"`
	}
	result, err = client.RunScriptSync(ctx, hash, args{"bob"})
	fmt.Println(string(result), err)
	// Output:
	// "hello ada" <nil>
	// "hello bob" <nil>
}

func ExampleClient_RunScriptAsync() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) {
		return 1204, nil
	})
	client, ctx := srv.Client(), context.Background()

	jobID, err := client.RunScriptAsync(ctx, "f/demo/import", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Later, or in another program that has the id:
	n, err := windmill.As[int](client.GetResult(ctx, jobID, windmill.WaitForCompletion()))
	fmt.Println(n, err)
	// Output: 1204 <nil>
}

func ExampleClient_GetJobStatus() {
	srv := facadetest.NewServer(facadetest.Workers(0))
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) {
		return nil, nil
	})
	client, ctx := srv.Client(), context.Background()
	jobID, err := client.RunScriptAsync(ctx, "f/demo/import", nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	status, err := client.GetJobStatus(ctx, jobID)
	fmt.Println(status, err)
	// Output: WAITING <nil>
}

// The error of a failed job is a JobError.
func ExampleClient_GetResult() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) {
		return []int{1, 2, 3}, nil
	})
	client, ctx := srv.Client(), context.Background()
	jobID, err := client.RunScriptAsync(ctx, "f/demo/import", nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	result, err := client.GetResult(ctx, jobID, windmill.WaitForCompletion())
	var failed *windmill.JobError
	switch {
	case errors.As(err, &failed):
		fmt.Println("the script failed:", failed.Message)
	case err != nil:
		fmt.Println("no result yet:", err)
	default:
		fmt.Println(string(result))
	}
	// Output: [1,2,3]
}

// Do sends the requests of the generated client. A status other than 2xx is an error.
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
	// The value as it is stored, with its references.
	ctx := context.Background()
	resp, err := api.GetResourceValueWithResponse(ctx, client.Workspace(), "f/crm/admin")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.TrimSpace(string(resp.Body)))
	// Output: {"password":"$var:f/crm/password"}
}

// This cancels a job that RunScriptAsync has started.
func ExampleClient_Do_cancel() {
	srv := facadetest.NewServer(facadetest.Workers(0))
	defer srv.Close()
	srv.Script("f/demo/import", func(context.Context, *facadetest.Job) (any, error) {
		return nil, nil
	})
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
	body := gen.CancelRequest{Reason: &reason}
	if _, err := api.CancelQueuedJobWithResponse(ctx, client.Workspace(), jobID, body); err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.GetResult(ctx, jobID)
	var failed *windmill.JobError
	fmt.Println(errors.As(err, &failed) && failed.Canceled)
	// Output: true
}

func ExampleAs() {
	type user struct{ Name string }
	u, err := windmill.As[user](json.RawMessage(`{"name":"ada"}`), nil)
	fmt.Println(u.Name, err)

	// In an any, numbers keep all their digits.
	value, err := windmill.As[any](json.RawMessage(`9007199254740993`), nil)
	fmt.Printf("%v %T %v\n", value, value, err)
	// Output:
	// ada <nil>
	// 9007199254740993 json.Number <nil>
}

// A JobStatus is a word in text and in JSON.
func ExampleJobStatus() {
	state := map[string]windmill.JobStatus{"import": windmill.JobRunning}
	if err := json.NewEncoder(os.Stdout).Encode(state); err != nil {
		fmt.Println(err)
	}
	// Output: {"import":"RUNNING"}
}
