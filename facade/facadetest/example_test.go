package facadetest_test

import (
	"context"
	"fmt"
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
