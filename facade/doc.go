// Package facade runs scripts on a Windmill server and gets their results.
//
// The API is deliberately small, and stays the same when Windmill's API changes: a [Client] has six
// methods, and their options.
//
//   - [Client.RunScriptSync] runs a script and returns its result.
//   - [Client.RunScriptAsync] starts a job, now or later, and returns its id.
//   - [Client.GetJobStatus] returns the status of a job.
//   - [Client.GetResult] returns the result of a job, and can wait for it.
//   - [Client.GetResource] returns a resource with its references resolved.
//   - [Client.GetVersion] returns the version of the server.
//
// [Client.Do] sends any other request.
//
// Programs usually import the package as windmill:
//
//	import windmill "example.com/windmill/facade"
//
//	client, err := windmill.NewClient("https://windmill.example.com", token,
//		windmill.WithWorkspace("team"))
//	if err != nil {
//		return err
//	}
//	args := map[string]any{"day": "monday"}
//	sums, err := windmill.As[map[string]int64](client.RunScriptSync(ctx, "f/team/report", args))
//
// A script is given by its path, which means the version deployed last, or by the hash of a
// version. Arguments are a map, a struct, or another value that encodes to a JSON object. Results
// and resources are the JSON that the server sent; [As] decodes them.
//
// # Environment
//
// [NewClient] takes missing settings from the environment: the base URL from BASE_INTERNAL_URL,
// WM_BASE_URL or BASE_URL, the token from WM_TOKEN and the workspace from WM_WORKSPACE. Windmill
// sets all of them for its jobs, so that windmill.NewClient("", "") is enough there. A job that is
// started from inside another becomes its child (WM_JOB_ID, WM_ROOT_FLOW_JOB_ID).
//
// # A call never starts a script twice
//
// The client chooses the id of a job before it submits it. So it can repeat the request when the
// response was lost, and the server refuses the repetition if it has the job already. With [JobID]
// the caller chooses the id, and can crash, start again and get the result of the same job.
//
// # Waiting
//
// A wait ends with the result, with the script's failure, with the caller's context, or with an
// error that says what is wrong. It survives restarts of the server, broken connections, truncated
// responses and the statuses that [WithMaxRetries] lists, for as long as [WithMaxOutage] allows. A
// Client can have any number of waits at once: share one Client rather than make several.
//
// When the context of RunScriptSync ends, the job that the call started is canceled, unless
// [KeepRunning] is given. GetResult never cancels a job.
//
// # Timeouts and retries
//
// The context of a call bounds its requests, retries and waiting, but not a Write of the caller's
// own writer; see [Logs]. Without a deadline, a wait lasts as long as its job, and a request
// to a server that does not respond takes 3 minutes and 15 seconds at most. Requests that are
// safe to repeat are sent again; see [WithMaxRetries]. Retry-After is obeyed by the call or wait
// that received it, for two minutes at most. Proxies come from the environment, as in package
// net/http; list an internal server in NO_PROXY.
//
// # Errors
//
// Use [errors.Is] with [ErrInvalidArgument], [ErrNotFound], [ErrUnauthorized], [ErrForbidden],
// [ErrNotCompleted] and [ErrJobIDTaken], and [errors.As] for the details:
//
//   - a [*JobError] means that the job completed without success;
//   - a [*WaitError] means that the wait ended, and the job may still run;
//   - an [*APIError] is a response other than the documented one, from the server or a proxy.
//
// Other errors are network errors. When a context ends, its error is in the chain. Its cause is
// only named in the text, since the cause may be the error of another call; [context.Cause] returns
// it. No error and no log line holds the token, and control characters in their text are escaped.
//
// # Testing
//
// Package facadetest is a Windmill server in memory, as net/http/httptest is a web server in
// memory. Its scripts are Go functions, and its requests can be made to fail.
package facade
