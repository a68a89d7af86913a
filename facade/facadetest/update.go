package facadetest

// update is an answer of the routes that follow a job. Fields that are nil are left out.
type update struct {
	running, completed *bool
	newLogs            *string
	logOffset          *int
	job                []byte
	onlyResult         []byte
}

// updateParams are the query parameters of the routes that follow a job.
func updateParams() params {
	return params{
		"running": boolParam, "log_offset": intParam, "no_logs": boolParam,
		"only_result": boolParam, "fast": boolParam,
	}
}

// newUpdate returns what a request asks for: the job's state and its log from log_offset on, or its
// result alone.
func newUpdate(job record, q query) update {
	var u update
	saidNotRunning := false
	if running, sent := q["running"].(bool); sent {
		saidNotRunning = !running
	}
	if q.is("only_result") {
		if job.completed() {
			u.completed, u.onlyResult = pointer(true), job.Result
		} else if saidNotRunning {
			u.running = pointer(job.running())
		}
		return u
	}
	u.completed = pointer(job.completed())
	switch {
	case job.completed():
		u.running = pointer(false)
	case job.running() && saidNotRunning:
		u.running = pointer(true)
	}
	if !q.is("no_logs") && len(job.log) > 0 {
		u.newLogs = pointer(job.log.from(int(q.int("log_offset", 0))))
		u.logOffset = pointer(job.log.next())
	}
	return u
}

// json encodes the update, with a type if it is an event of a stream.
func (u update) json(eventType string) []byte {
	var o object
	o.optional("type", eventType)
	if u.running != nil {
		o.bool("running", *u.running)
	}
	if u.completed != nil {
		o.bool("completed", *u.completed)
	}
	if u.newLogs != nil {
		o.string("new_logs", *u.newLogs)
	}
	if u.logOffset != nil {
		o.int("log_offset", int64(*u.logOffset))
	}
	if u.job != nil {
		o.raw("job", u.job)
	}
	if u.onlyResult != nil {
		o.raw("only_result", u.onlyResult)
	}
	return o.bytes()
}

func pointer[T any](value T) *T { return &value }
