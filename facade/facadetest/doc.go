// Package facadetest is a Windmill in memory, for the tests of programs that use the package facade, as
// net/http/httptest is a web server for the tests of programs that use net/http.
//
// # A first test
//
// A Server holds scripts, which are Go functions, and runs them when a client asks for it:
//
//	func TestWelcome(t *testing.T) {
//		srv := facadetest.NewServer()
//		defer srv.Close()
//		srv.Script("f/crm/create_user", func(ctx context.Context, job *facadetest.Job) (any, error) {
//			return map[string]any{"id": 7}, nil
//		})
//
//		if err := welcome(t.Context(), srv.Client(), "ada"); err != nil {
//			t.Fatal(err)
//		}
//		if n := len(srv.Jobs()); n != 1 {
//			t.Errorf("welcome ran %d jobs, want 1", n)
//		}
//	}
//
// A script can log while it runs (Job.Logf), fail with an error or with a result of any shape (Failure), be skipped
// (ErrSkipped), and see that it is canceled (its context). SetResource and SetVariable give the server resources,
// AddToken tokens that may do less. Jobs and Requests tell what has happened.
//
// # What can go wrong
//
// Inject puts faults in the way of requests: connections that are reset before or after the request has been handled,
// answers that are cut off, slow, or those of a proxy. Requeue and Forget do to a job what dying workers and retention
// do, ListLag and AddOthersJobs make the listing of completed jobs as unreliable as it is on a server in use.
//
//	srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1)) // the first answer is lost
//
// # Time
//
// Inside a bubble of testing/synctest the server runs on the bubble's clock: a job scheduled in an hour runs at once
// when everything else waits for it. Nothing has to be set up for it, but the server must be made inside the bubble.
//
//	synctest.Test(t, func(t *testing.T) {
//		srv := facadetest.NewServer()
//		defer srv.Close()
//		...
//		client.RunScriptSync(ctx, "f/reports/nightly", nil, facade.ScheduledIn(time.Hour)) // is over in a moment
//	})
//
// Sockets would keep a bubble's clock from moving. So a server in a bubble does not listen on one: it is reached in
// memory, by the clients that Client and HTTPClient return, and by no other. It knows that it is in a bubble by the
// clock, which shows the year 2000 there; a bubble whose clock has been moved past 2009 before NewServer is taken for
// the world outside.
//
// # How real it is
//
// The server answers as recorded ones did, in status, content type and body, odd corners included; a test of this package
// plays the recorded exchanges against it. It has the operations that the library uses, and no others: the path of any
// other is unknown (404, with an empty body). Its scripts are said to be in bash. These differences are on purpose:
//
//   - Results go out as encoding/json has written them, and a json.RawMessage byte for byte. A real server has them
//     from its database, with space after colons and commas and the keys of objects in another order.
//   - A result of 90,000 bytes or more is shown as "WINDMILL_TOO_BIG" in jobs; a real server counts compressed bytes.
//   - A canceled script's context ends at once. On a real server it takes its process a second or so to die.
//
// Release("1.505.0") makes it play an older server.
package facadetest
