// Package facade runs scripts on a Windmill server and gets their results.
//
// It is small on purpose: six methods on a [Client], and options on them. What its names mean does not change when Windmill's API does.
//
//   - [Client.RunScriptSync] runs a script and returns its result.
//   - [Client.RunScriptAsync] starts one, now or later, and returns its job's id.
//   - [Client.GetJobStatus] tells how far a job is: [JobWaiting], [JobRunning] or [JobCompleted].
//   - [Client.GetResult] returns a job's result, and waits for it on request.
//   - [Client.GetResource] reads a resource, with what it refers to filled in.
//   - [Client.GetVersion] tells which Windmill the server is.
//
// Everything else that the server can do is one line away, see [Client.Do].
//
// # A first program
//
//	client, err := facade.NewClient("https://windmill.example.com", token, facade.WithWorkspace("team"))
//	if err != nil {
//		return err
//	}
//	args := map[string]any{"day": "monday"}
//	sums, err := facade.As[map[string]int64](client.RunScriptSync(ctx, "f/team/report", args))
//
// A script is named by its path, which means the version deployed last, or by a version's hash. Arguments are whatever encodes to a JSON
// object. Results and resources are JSON as the server sent it, no digit lost; [As] decodes them. One Client serves any
// number of goroutines and should be shared.
//
// # Environment
//
// What [NewClient] is not given it takes from the environment: the base URL from BASE_INTERNAL_URL, WM_BASE_URL or BASE_URL, whichever is set
// first, the token from WM_TOKEN, the workspace from WM_WORKSPACE. Inside a Windmill job all of that is set, and
// facade.NewClient("", "") is enough; the jobs that it starts are then children of that job (WM_JOB_ID, WM_ROOT_FLOW_JOB_ID).
//
// # Once
//
// One call starts one job, whatever happens to the request: every submission carries an id for its job, so that it can be sent again when
// its answer was lost. A caller who chooses the id, with [JobID], can even crash, start again and get the same job's
// result.
//
// # Waiting
//
// A wait ends with the result, with the script's failure, with the caller's context, or with an error that says what is wrong. It
// goes on through restarts of the server, broken connections, 429, 502, 503 and 504, cut-off answers and a proxy's pages, for as long as
// [WithMaxOutage] says. All waits of one Client share their requests: share the Client, and have as many waits as you like.
//
// When the context of a RunScriptSync ends, the job is canceled on the server, unless [KeepRunning] is given. GetResult with
// [WaitForCompletion] only looks, and never cancels. [Verbose] shows a person the logs and the changes of status meanwhile.
//
// # Errors
//
// Ask what an error is about with [errors.Is]: [ErrNotFound], [ErrUnauthorized], [ErrForbidden], [ErrNotCompleted], [ErrJobIDTaken]. Ask for the
// details with [errors.As]:
//
//   - a [*JobError] when the job completed without success: the script's error by name and message, and whether the job was canceled;
//   - a [*WaitError] when the wait ended and not the job: the job's id, to go on with, and the cause;
//   - an [*APIError] when the server refused: the request, the status, and the server's words.
//
// What is wrong with the arguments of a call is told before anything is sent. No error and no log line holds the token.
//
// # Testing
//
// Package facadetest, beside this one, is a Windmill in memory, as net/http/httptest is a server in memory: scripts are Go functions there, and
// faults can be put in their way.
package facade
