package facadetest

// tooBig is how many bytes of result the server shows in a job. It replaces a larger one by a
// string. The real one counts compressed bytes.
const tooBig = 90_000

// view is how a job is shown.
type view struct {
	logs   bool
	listed bool // as an item of a list: without arguments, result and worker
}

// json writes a job as the server does, key by key in its order.
func (r record) json(release release, v view) []byte {
	var o object
	if r.completed() {
		o.string("type", "CompletedJob")
	} else {
		o.string("type", "QueuedJob")
	}
	o.string("workspace_id", workspaceID)
	o.string("id", r.ID)
	o.optional("parent_job", r.ParentID)
	o.string("created_by", r.User)
	o.time("created_at", r.CreatedAt)
	if r.completed() {
		r.completedPart(&o, release, v)
	} else {
		r.queuedPart(&o)
	}
	return r.commonPart(&o, release, v)
}

func (r record) queuedPart(o *object) {
	if !r.StartedAt.IsZero() {
		o.time("started_at", r.StartedAt)
	}
	o.time("scheduled_for", r.ScheduledFor)
	o.bool("running", r.running())
	o.string("script_hash", r.Hash)
	o.string("script_path", r.Path)
	o.null("script_entrypoint_override")
	o.raw("args", r.Args)
}

func (r record) completedPart(o *object, release release, v view) {
	if r.StartedAt.IsZero() {
		o.null("started_at")
	} else {
		o.time("started_at", r.StartedAt)
	}
	if release != older && !v.listed {
		o.time("completed_at", r.CompletedAt)
	}
	duration := int64(0)
	if !r.StartedAt.IsZero() {
		duration = r.CompletedAt.Sub(r.StartedAt).Milliseconds()
	}
	o.int("duration_ms", duration)
	o.bool("success", r.Success || r.Skipped)
	o.string("script_hash", r.Hash)
	o.string("script_path", r.Path)
	if !v.listed {
		o.raw("args", r.Args)
		if len(r.Result) >= tooBig {
			o.string("result", "WINDMILL_TOO_BIG")
		} else {
			o.raw("result", r.Result)
		}
		o.null("result_columns")
	}
}

func (r record) commonPart(o *object, release release, v view) []byte {
	if v.logs && len(r.log) > 0 {
		o.string("logs", r.log.tail(20_000))
	}
	if r.completed() {
		o.bool("deleted", false)
	}
	canceled := r.Canceled && !r.droppedByWorker
	o.bool("canceled", canceled)
	if canceled {
		o.optional("canceled_by", r.canceledBy)
		o.optional("canceled_reason", r.CancelReason)
	}
	if r.running() {
		o.time("last_ping", r.StartedAt)
	}
	o.string("job_kind", "script")
	o.string("permissioned_as", "u/"+r.User)
	o.bool("is_flow_step", false)
	o.string("language", "bash")
	if r.completed() {
		o.bool("is_skipped", r.Skipped)
	} else {
		o.bool("same_worker", false)
	}
	o.string("email", emailOf(r.User))
	o.bool("visible_to_owner", true)
	if !r.completed() {
		o.int("suspend", 0)
	}
	if !r.completed() {
		o.optional("root_job", r.RootID)
	}
	o.string("tag", r.Tag)
	if !v.listed {
		r.lastPart(o, release)
	}
	return o.bytes()
}

func (r record) lastPart(o *object, release release) {
	if release == older { // also with no_code
		o.string("raw_code", "# a Go function")
		o.string("raw_lock", "")
	} else {
		o.bool("is_retry", false)
	}
	o.optional("worker", r.worker)
}
