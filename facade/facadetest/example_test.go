package facadetest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

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
