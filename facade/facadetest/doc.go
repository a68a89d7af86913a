// Package facadetest provides a Windmill server in memory, for tests of programs that use package
// facade, as package httptest provides web servers for tests of programs that use net/http.
//
// # A first test
//
// NewServer starts a server. Its scripts are Go functions, and it runs them when a client asks for
// it. The program under test gets a client from Client, or the server's URL, Token and Workspace:
//
//	package crm
//
//	import (
//		"context"
//		"testing"
//
//		"example.com/windmill/facade/facadetest"
//	)
//
//	func TestWelcomeCreatesAUser(t *testing.T) {
//		srv := facadetest.NewServer()
//		defer srv.Close()
//		create := func(ctx context.Context, job *facadetest.Job) (any, error) {
//			var args struct{ Name string }
//			if err := job.Decode(&args); err != nil {
//				return nil, err // the job fails
//			}
//			job.Logf("creating %s", args.Name)
//			return map[string]any{"id": 7, "name": args.Name}, nil
//		}
//		srv.Script("f/crm/create_user", create)
//
//		if err := welcome(t.Context(), srv.Client(), "ada"); err != nil {
//			t.Fatal(err)
//		}
//		jobs := srv.Jobs()
//		if len(jobs) != 1 || string(jobs[0].Args) != `{"name":"ada"}` {
//			t.Errorf("welcome ran %+v, want one job for ada", jobs)
//		}
//	}
//
// A script's function can log while it runs (Job.Logf, Job.Write), fail with an error, an exit code
// (ExitError) or a result of any shape (Failure), be skipped (ErrSkipped), and learn from its
// context that the job is canceled. SetResource and SetVariable add resources and variables,
// AddToken adds tokens with fewer rights. Jobs, Job, Requests and CountRequests return what has
// happened.
//
// Four jobs run at a time, unless the option Workers sets another number; the others wait. This
// holds for a fan-out too: if a script's function waits for jobs that it starts itself, or a test
// for more than four jobs that run at once, give the server enough workers.
//
// # Faults
//
// Inject makes requests fail, by operation and number: the connection is reset before or after the
// request was handled (ResetBefore, ResetAfter), the response is truncated (CutBody), a proxy
// answers (HTML, Respond), something is slow (DelayBefore, DelayCommit, DelayAfter, Hang) or the
// database is down (DatabaseDown).
//
//	// The first response is lost.
//	srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
//	// Then a proxy answers four requests, whatever they ask.
//	srv.Inject("", facadetest.HTML(http.StatusBadGateway), facadetest.Between(2, 5))
//	// Every result is truncated until the fault is removed.
//	remove := srv.Inject("getCompletedJobResultMaybe", facadetest.CutBody(20))
//
// Requeue and Forget do to a job what a worker that dies and the retention period do. PauseWorkers
// and StartDelay keep jobs waiting. ListLag and AddOthersJobs make the listing of completed jobs
// late and long, as it is on a busy server. RevokeToken revokes a token.
//
// # Simulated time
//
// Inside a bubble of testing/synctest the server runs on the bubble's clock, so that a test of an
// hour takes a moment: the clock moves when all goroutines of the bubble wait. This needs no setup,
// but the server must be created inside the bubble.
//
//	func TestTheReportIsThereInTheMorning(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			srv := facadetest.NewServer()
//			defer srv.Close()
//			report := func(context.Context, *facadetest.Job) (any, error) {
//				time.Sleep(20 * time.Minute)
//				return "done", nil
//			}
//			srv.Script("f/reports/nightly", report)
//			// Returns after 8 hours and 20 minutes of the bubble's time.
//			result, err := srv.Client().RunScriptSync(t.Context(), "f/reports/nightly", nil,
//				windmill.ScheduledIn(8*time.Hour))
//			if err != nil || string(result) != `"done"` {
//				t.Errorf("got %s, %v", result, err)
//			}
//		})
//	}
//
// A goroutine that waits for a socket keeps a bubble's clock from moving. So in a bubble the server
// listens in memory, and only the clients that Client and HTTPClient return can reach it. NewServer
// detects a bubble by its clock, which starts in the year 2000: a bubble whose clock has passed
// 2009 is not detected.
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
//	getJobUpdatesSSE              GET  /api/w/{workspace}/jobs_u/getupdate_sse/{id}
//	getCompletedJobResult         GET  /api/w/{workspace}/jobs_u/completed/get_result/{id}
//	getCompletedJobResultMaybe    GET  /api/w/{workspace}/jobs_u/completed/get_result_maybe/{id}
//	listCompletedJobs             GET  /api/w/{workspace}/jobs/completed/list
//	cancelQueuedJob               POST /api/w/{workspace}/jobs_u/queue/cancel/{id}
//	getResourceValue              GET  /api/w/{workspace}/resources/get_value/{path}
//	getResourceValueInterpolated  GET  /api/w/{workspace}/resources/get_value_interpolated/{path}
//
// Handle adds others; their name is the pattern. Any other path is answered with 404. The option
// Release("1.505.0") imitates an older server, which has no getJobUpdatesSSE.
//
// # How real it is
//
// The server answers as real ones did, in status, content type and body; a test of this package
// replays recorded exchanges against it. Its scripts claim to be in bash. These differences are
// deliberate:
//
//   - Results are sent as encoding/json writes them, and a json.RawMessage byte for byte. A real
//     server gets them from its database, with spaces and the keys of objects in another order.
//   - A result of 90,000 bytes or more is shown as "WINDMILL_TOO_BIG" in jobs; a real server counts
//     compressed bytes.
//   - A canceled script's context ends at once. On a real server its process takes a second or so
//     to die.
//   - A revoked token is refused at once; a real server accepts it for two more minutes.
//   - While a job is being inserted (DelayCommit), another submission with its id is refused at
//     once; a real server refuses it when the insertion is over.
//   - No job has a memory peak. The server always says the same of broken JSON, of a number or a
//     time that it cannot read, and of a script_hash that is none.
//
// The server is more lenient than a real one, or does less, in this:
//
//   - Paths of scripts and resources may be any text, and the scopes of a token any strings. There
//     are no scripts under hub/ but those that the test adds.
//   - A token is looked for in the Authorization header only, not in a cookie or the query.
//   - The query parameters that would change how a job runs (cache_ttl, timeout, skip_preprocessor
//     and the like), and all others that the library does not send, are not even checked.
//   - A submission whose body is not JSON gets the argument "raw_string", a form too.
//   - Unpaired surrogates in JSON are accepted, and keys that are there twice in a cancellation.
//   - The listing of completed jobs knows the parameters page, per_page, completed_after,
//     script_path_exact and script_hash.
//   - $WM_ variables are never resolved. Integers beyond 64 bits in a resource are not rounded.
//   - Offsets and other numbers may have 64 bits, a body any length, and a URL any that net/http
//     accepts.
//   - A cancellation with a NUL in its reason is refused for a waiting job that has a parent, as
//     for a running one; what a real server does then is not known.
package facadetest
