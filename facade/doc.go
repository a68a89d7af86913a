// Package facade runs scripts on a Windmill server and gets their results.
//
// It is small on purpose: six methods on a [Client], and their options. What its names mean does not change when Windmill's API does.
//
//   - [Client.RunScriptSync] runs a script and returns its result.
//   - [Client.RunScriptAsync] starts one, now or later, and returns its job's id.
//   - [Client.GetJobStatus] returns a job's status: [JobWaiting], [JobRunning] or [JobCompleted].
//   - [Client.GetResult] returns a job's result, and waits for it on request.
//   - [Client.GetResource] returns a resource, with its references resolved.
//   - [Client.GetVersion] returns the server's version.
//
// For everything else that the server can do, see [Client.Do].
//
// The package is usually imported by another name:
//
//	import windmill "example.com/windmill/facade"
//
// # A first program
//
//	client, err := windmill.NewClient("https://windmill.example.com", token, windmill.WithWorkspace("team"))
//	if err != nil {
//		return err
//	}
//	args := map[string]any{"day": "monday"}
//	sums, err := windmill.As[map[string]int64](client.RunScriptSync(ctx, "f/team/report", args))
//
// A script is named by its path, which means the version deployed last, or by a version's hash. Arguments are whatever encodes to a JSON
// object. Results and resources are JSON as the server sent it, no digit lost; [As] decodes them. One Client serves any
// number of goroutines and should be shared.
//
// # Environment
//
// What [NewClient] is not given it takes from the environment: the base URL from BASE_INTERNAL_URL, WM_BASE_URL or BASE_URL, whichever is set
// first, the token from WM_TOKEN, the workspace from WM_WORKSPACE. Inside a Windmill job all of that is set, and
// windmill.NewClient("", "") is enough; the jobs that it starts are then children of that job (WM_JOB_ID, WM_ROOT_FLOW_JOB_ID).
//
// # Once
//
// One call starts one job, whatever happens to the request: every submission carries an id for its job, so that it can be sent again when
// its answer was lost. A caller who chooses the id, with [JobID], can even crash, start again and get the same job's
// result. A call that only joined a job never cancels it.
//
// # Waiting
//
// A wait ends with the result, with the script's failure, with the caller's context, or with an error that says what is wrong. It
// goes on through restarts of the server, broken connections, cut-off answers, a proxy's pages and the statuses that [WithMaxRetries] names,
// for as long as [WithMaxOutage] says. All waits of one Client share their requests: share the Client, and have as many waits as you like.
//
// When the context of a RunScriptSync ends, the job that it started is canceled on the server, unless [KeepRunning] is given. GetResult with
// [WaitForCompletion] never cancels.
//
// # Timeouts and retries
//
// The context of a call bounds all that it does, but not a Write of the caller's own writer, see [Logs]. Without a deadline, a
// call to a server that says nothing ends after 3 minutes and 15 seconds at most, and a wait lasts as long as its job. Requests that are
// safe to repeat are sent again, see [WithMaxRetries]. A Retry-After of the server binds all requests of the Client. Proxies are taken from
// the environment as in package net/http: name an internal server in NO_PROXY.
//
// # Logs
//
// [Logs] writes the job's log to a writer while the job runs, for programs: whole lines, each once and in order. [Verbose] is for people, and adds a
// line for each change of status.
//
// # Errors
//
// Use [errors.Is] to learn what an error means: [ErrInvalidArgument], [ErrNotFound], [ErrUnauthorized], [ErrForbidden], [ErrNotCompleted],
// [ErrJobIDTaken]. Use [errors.As] for the details:
//
//   - a [*JobError] means that the job completed without success: it has the script's error, and whether the job was canceled;
//   - a [*WaitError] means that the wait ended and the job may not have: it has the job's id and the cause;
//   - an [*APIError] means that the server, or a proxy, gave another answer: it has the request, the status and the message.
//
// Anything else is a network error. Arguments are checked before anything is sent. No error and no log line holds the token.
//
// # Testing
//
// Package facadetest, beside this one, is a Windmill server in memory, as net/http/httptest is a web server in memory: scripts are Go
// functions there, and requests can be made to fail.
package facade
