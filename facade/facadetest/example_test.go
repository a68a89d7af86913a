package facadetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// A program's test: it gets a client of the server, as it would get one of a real server.
func Example() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/crm/create_user", func(_ context.Context, job *facadetest.Job) (any, error) {
		var args struct{ Name string }
		if err := job.Decode(&args); err != nil {
			return nil, err
		}
		return map[string]any{"id": 7, "name": args.Name}, nil
	})

	client := srv.Client()
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	user, err := client.RunScriptSync(ctx, "f/crm/create_user", map[string]any{"name": "ada"})
	fmt.Println(string(user), err)
	for _, job := range srv.Jobs() {
		fmt.Println("a job with the arguments", string(job.Args))
	}
	// Output:
	// {"id":7,"name":"ada"} <nil>
	// a job with the arguments {"name":"ada"}
}

func ExampleServer_Script() {
	srv := facadetest.NewServer()
	defer srv.Close()
	hash := srv.Script("f/demo/version",
		func(context.Context, *facadetest.Job) (any, error) { return "first", nil })
	srv.Script("f/demo/version",
		func(context.Context, *facadetest.Job) (any, error) { return "second", nil })

	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	newest, _ := srv.Client().RunScriptSync(ctx, "f/demo/version", nil)
	exactly, _ := srv.Client().RunScriptSync(ctx, hash, nil)
	fmt.Println(string(newest), string(exactly))
	// Output: "second" "first"
}

func ExampleFailure() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/crm/find", func(context.Context, *facadetest.Job) (any, error) {
		return nil, &facadetest.Failure{Result: map[string]any{
			"error": map[string]any{"name": "NoSuchCustomer", "message": "there is no customer 7"},
		}}
	})

	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	_, err := srv.Client().RunScriptSync(ctx, "f/crm/find", map[string]any{"id": 7})
	var failed *windmill.JobError
	if errors.As(err, &failed) {
		fmt.Println(failed.Name, "-", failed.Message)
	}
	// Output: NoSuchCustomer - there is no customer 7
}

func ExampleServer_Inject() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/pay",
		func(context.Context, *facadetest.Job) (any, error) { return "paid", nil })

	// The first response is lost, and a proxy answers the next two requests.
	srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
	srv.Inject("", facadetest.HTML(http.StatusBadGateway), facadetest.Between(2, 3))

	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	result, err := srv.Client().RunScriptSync(ctx, "f/demo/pay", nil)
	fmt.Println(string(result), err)
	fmt.Println(len(srv.Jobs()), "job")
	// Output:
	// "paid" <nil>
	// 1 job
}

func ExampleServer_SetResource() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.SetVariable("f/crm/password", "s3cr3t")
	srv.SetResource("f/crm/db", map[string]any{"host": "db", "password": "$var:f/crm/password"})

	db, err := srv.Client().GetResource(context.Background(), "f/crm/db")
	fmt.Println(string(db), err)
	// Output: {"host":"db","password":"s3cr3t"} <nil>
}

func ExampleServer_AddToken() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.SetResource("u/admin/secret", "x")
	token := srv.AddToken(facadetest.Access{User: "dev"})

	client, err := windmill.NewClient(srv.URL, token, windmill.WithWorkspace(srv.Workspace),
		windmill.WithHTTPClient(srv.HTTPClient()))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.GetResource(context.Background(), "u/admin/secret")
	fmt.Println(errors.Is(err, windmill.ErrForbidden))
	// Output: true
}

// A program may call operations that the library does not have, or that were added to its list.
// Handle answers them.
func ExampleServer_Handle() {
	srv := facadetest.NewServer()
	defer srv.Close()
	value := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, "%q", "the value of "+r.PathValue("path"))
	}
	const pattern = "GET /w/{workspace}/variables/get_value/{path...}"
	srv.Handle(pattern, http.HandlerFunc(value))

	client := srv.Client()
	req, err := http.NewRequest(http.MethodGet,
		client.BaseURL()+"/w/test/variables/get_value/f/crm/url", http.NoBody)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Do adds the token. A client made from gen does the same with gen.WithHTTPClient(client).
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(string(body), srv.CountRequests(pattern))
	// Output: "the value of f/crm/url" 1
}
