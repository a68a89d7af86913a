// Package facadetest provides a Windmill server in memory, for tests of programs that use package
// facade, as package httptest provides web servers for tests of programs that use net/http.
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
// A script can log while it runs (Job.Logf), fail with an error, an exit code (ExitError) or a
// result of any shape (Failure), be skipped (ErrSkipped), and see that it is canceled (its
// context). SetResource and SetVariable add resources and variables, AddToken adds tokens with
// fewer rights. Jobs and Requests return what has happened.
//
// # What can go wrong
//
// Inject makes requests fail: connections are reset before or after the request has been handled,
// answers are truncated, slow, or a proxy's. Requeue and Forget do to a job what dying workers and
// retention do. ListLag and AddOthersJobs make the listing of completed jobs as unreliable as it is
// on a busy server. StartDelay and PauseWorkers keep jobs waiting.
//
//	srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1)) // the first answer is lost
//
// # Operations
//
// The server has these operations, under the names that Inject, InjectFunc and CountRequests take:
//
//	backendVersion                GET  /api/version
//	runScriptByPath               POST /api/w/{workspace}/jobs/run/p/{path}
//	runScriptByHash               POST /api/w/{workspace}/jobs/run/h/{hash}
//	getJob                        GET  /api/w/{workspace}/jobs_u/get/{id}
//	getJobUpdates                 GET  /api/w/{workspace}/jobs_u/getupdate/{id}
//	getJobUpdatesSSE              GET  /api/w/{workspace}/jobs_u/getupdate_sse/{id}, not in 1.505.0
//	getCompletedJobResult         GET  /api/w/{workspace}/jobs_u/completed/get_result/{id}
//	getCompletedJobResultMaybe    GET  /api/w/{workspace}/jobs_u/completed/get_result_maybe/{id}
//	listCompletedJobs             GET  /api/w/{workspace}/jobs/completed/list
//	cancelQueuedJob               POST /api/w/{workspace}/jobs_u/queue/cancel/{id}
//	getResourceValue              GET  /api/w/{workspace}/resources/get_value/{path}
//	getResourceValueInterpolated  GET  /api/w/{workspace}/resources/get_value_interpolated/{path}
//
// Handle adds others; their name is the pattern. Any other path is answered with 404.
//
// # Time
//
// Inside a bubble of testing/synctest the server runs on the bubble's clock: a job scheduled in an
// hour runs at once when everything else waits for it. This needs no setup, but the server must be
// created inside the bubble.
//
//	synctest.Test(t, func(t *testing.T) {
//		srv := facadetest.NewServer()
//		defer srv.Close()
//		...
//		client.RunScriptSync(ctx, "f/reports/nightly", nil, windmill.ScheduledIn(time.Hour)) // returns in a moment
//	})
//
// A goroutine that waits for a socket keeps a bubble's clock from moving. So in a bubble the server
// listens in memory, and only the clients that Client and HTTPClient return can reach it. NewServer
// detects a bubble by its clock, which starts in the year 2000: a bubble whose clock has passed
// 2009 is not detected.
//
// # How real it is
//
// The server answers as real ones did, in status, content type and body; a test of this package
// replays recorded exchanges against it. Its scripts claim to be in bash. These differences are
// deliberate:
//
//   - Results are sent as encoding/json has written them, and a json.RawMessage byte for byte. A real server gets them
//     from its database, with spaces after colons and commas and the keys of objects in another order.
//   - A result of 90,000 bytes or more is shown as "WINDMILL_TOO_BIG" in jobs; a real server counts compressed bytes.
//   - A canceled script's context ends at once. On a real server its process takes a second or so to die.
//   - Every script has the same memory peak, and what is wrong with broken JSON is always said in the same words.
//
// Release("1.505.0") imitates an older server.
package facadetest
