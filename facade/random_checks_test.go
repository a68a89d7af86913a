//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// verdict is what is known of a call.
type verdict struct {
	*scenario
	*randomCall
	waitErr   *facade.WaitError
	jobErr    *facade.JobError
	own       facadetest.JobInfo // the job that the call started
	started   bool               // there is one
	job       facadetest.JobInfo // the job that the call is about
	exists    bool               // there is one, or was
	completed bool               // it had completed when the call returned
}

func (v *verdict) errorf(format string, args ...any) {
	v.t.Helper()
	v.t.Errorf("%s of %s, from %v to %v: %s\nerror: %v\nthe job: %v %+v", v.method, v.id,
		v.began.Format("04:05.000"), v.end.Format("04:05.000"), fmt.Sprintf(format, args...), v.err,
		v.exists, v.summary())
}

// summary is what the server knows of the job, without its args, its result and its log.
func (v *verdict) summary() facadetest.JobInfo {
	job := v.job
	job.Args, job.Result, job.Log = nil, nil, ""
	return job
}

// checkSubmission checks that a caller knows of the job that it has started.
func (v *verdict) checkSubmission() {
	notStarted := v.err != nil && v.waitErr == nil && v.jobErr == nil
	switch {
	case v.method == "RunScriptAsync":
		notStarted = v.id == ""
	case v.waitErr != nil:
		v.id = v.waitErr.JobID
	case v.given == "":
		v.id = v.own.ID // a result and a JobError show that there is one
	}
	early := v.own.ScheduledFor.Before(v.began.Add(v.scheduled - time.Millisecond))
	switch {
	case notStarted && v.started:
		v.errorf("it has started job %s", v.own.ID)
	case v.started && v.id != v.own.ID:
		v.errorf("it has started job %s", v.own.ID)
	case v.err == nil && !v.started && v.given == "":
		v.errorf("it has started no job")
	case v.started && (early && !v.own.Canceled || v.own.Path != v.order.script):
		v.errorf("it has started %+v", v.own)
	case errors.Is(v.err, facade.ErrJobIDTaken) && (v.given == "" || v.started):
		v.errorf("the id was not taken")
	}
	if v.id == "" {
		v.id = v.given
	}
}

// checkJob checks that what was said of the job is what the server knows.
func (v *verdict) checkJob() {
	job, e := v.job, v.jobErr
	succeeded := v.completed && (job.Success || job.Skipped)
	over := v.completed && job.CompletedAt.Before(v.began)
	switch {
	case e != nil && (!v.completed || succeeded || e.JobID != v.id || e.Canceled != job.Canceled ||
		string(e.Raw) != string(job.Result)):
		v.errorf("%#v", e)
	case v.value != nil && (!succeeded || string(v.value) != string(v.orderOf(job).value)):
		v.errorf("the result is %s", v.value)
	case errors.Is(v.err, facade.ErrNotCompleted) && over:
		v.errorf("it had completed")
	case v.order != nil && (v.err == nil || e != nil) && job.Path != v.order.script:
		v.errorf("it is a job of another script")
	}
	ran := !job.StartedAt.IsZero()
	switch {
	case v.requeued[v.id] > 0 && v.status != facade.JobCompleted:
	case v.status == facade.JobCompleted && !v.completed,
		v.status == facade.JobRunning && (over || !ran || job.StartedAt.After(v.end)),
		v.status == facade.JobWaiting && (over || ran && job.StartedAt.Before(v.began)):
		v.errorf("the status is %v", v.status)
	}
	if v.out != nil {
		v.checkLog()
	} else if v.quiet && v.wait && (v.err == nil || v.jobErr != nil) {
		v.checkDelay()
	}
}

// checkDelay checks that the call has returned as soon as if it had asked every 500 ms.
func (v *verdict) checkDelay() {
	// That a job is canceled before it is due is noticed within a minute.
	ahead := v.job.Canceled && v.job.ScheduledFor.Sub(v.job.CreatedAt) > time.Second
	late := min(v.end.Sub(v.job.CompletedAt), v.end.Sub(v.began))
	if (v.order != nil || v.known) && !ahead && late > 510*time.Millisecond {
		v.errorf("%v late", late)
	}
}

var statusLine = regexp.MustCompile(`(?m)^\[windmill\] job \S+: ([A-Z]+)$`)

// checkLog checks that each line of the log was written, once and in order, or that it was said
// that the end is missing.
func (v *verdict) checkLog() {
	said := v.out.fails > 0 && v.out.writes >= v.out.fails // by the writer
	for line := range strings.Lines(v.log.String()) {
		said = said || strings.Contains(line, v.id) && strings.Contains(line, "job's log")
	}
	whole := (v.err == nil || v.jobErr != nil) && !said
	text, log, last := v.out.buf.String(), v.job.Log, facade.JobStatus(0)
	if v.out.verbose {
		for _, found := range statusLine.FindAllStringSubmatch(text, -1) {
			before := last
			if err := last.UnmarshalText([]byte(found[1])); err != nil || last <= before {
				v.errorf("the status changes from %v to %v (%v)", before, last, err)
			}
		}
		if last == facade.JobCompleted && !v.completed || last != facade.JobCompleted && whole {
			v.errorf("the last status line says %v", last)
		}
		text, log = regexp.MustCompile(`(?m)^\[windmill\] .*\n`).ReplaceAllString(text, ""), escape(log)
	}
	log = strings.TrimSuffix(log, "\n") + "\n"
	if v.requeued[v.id] > 0 || log == "\n" { // the second run's log follows without a newline
		text, log = strings.ReplaceAll(text, "\n", ""), strings.ReplaceAll(log, "\n", "")
	}
	if !strings.HasPrefix(log, text) || whole && text != log {
		v.errorf("the log is\n%q, want\n%q; the client's own is\n%s", text, log, &v.log)
	}
	if v.out.misuse.Load() {
		v.errorf("the writer was used by two at once, or after the call")
	}
}

// escape is what control characters look like where people see them.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			fmt.Fprintf(&b, `\x%02x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// abandons reports whether the call says that it has tried to cancel the job.
func (v *verdict) abandons() bool {
	return v.waitErr != nil && (v.waitErr.CancelErr != nil ||
		strings.Contains(v.waitErr.Error(), "canceling was asked for"))
}

// checkContext checks that the call has ended with its context, and says so.
func (v *verdict) checkContext() {
	want, other := context.Canceled, context.DeadlineExceeded
	if v.timeout {
		want, other = other, want
	}
	grace := time.Millisecond
	if v.out != nil {
		grace += 50*time.Millisecond + 2*v.out.pause
	}
	if v.abandons() {
		grace += 5 * time.Second
	}
	over := v.end.Sub(v.leaves)
	switch byContext := errors.Is(v.err, want); {
	case errors.Is(v.err, other), byContext && over < 0:
		v.errorf("its context had not ended so")
	case over > grace:
		v.errorf("it returned %v after the end of its context", over)
	case !byContext && over > time.Millisecond && v.err != nil && v.jobErr == nil && v.out == nil &&
		!v.abandons():
		v.errorf("its context had ended")
	case byContext && !strings.Contains(v.err.Error(), v.cause.Error()[10:]):
		v.errorf("it does not name the cause")
	case errors.As(v.err, new(*foreignError)):
		v.errorf("another call's error is in the chain")
	}
}

// checkErrors checks that errors mean what they say.
func (v *verdict) checkErrors() {
	is := func(targets ...error) bool {
		return slices.ContainsFunc(targets, func(e error) bool { return errors.Is(v.err, e) })
	}
	_, gone := v.gone[v.id]
	byContext := is(context.Canceled, context.DeadlineExceeded)
	switch {
	case is(facade.ErrUnauthorized, facade.ErrForbidden, facade.ErrInvalidArgument):
		v.errorf("nothing is wrong with it")
	case is(facade.ErrNotFound) && !v.unknown && !gone && (v.order != nil || v.known):
		v.errorf("it is there")
	case v.unknown && (v.err == nil || v.quiet && !byContext && !is(facade.ErrNotFound)):
		v.errorf("there is nothing")
	case is(facade.ErrJobIDTaken) && v.job.Path == v.order.script:
		v.errorf("it is a job of this script")
	case is(facade.ErrNotCompleted) && (v.wait || v.method != "GetResult"):
		v.errorf("it waits for the job")
	case v.err == nil, v.jobErr != nil:
	case v.wait && v.waitErr == nil && v.method == "GetResult":
		v.errorf("it is no WaitError")
	case v.quiet && !byContext &&
		!is(facade.ErrNotFound, facade.ErrNotCompleted, facade.ErrJobIDTaken):
		v.errorf("no request has failed")
	case v.patient && strings.Contains(v.err.Error(), "no good response for"):
		v.errorf("it was not patient")
	}
}

// checkText checks that an error, and all that it wraps, can be shown.
func (v *verdict) checkText() {
	text := strings.ReplaceAll(fmt.Sprint(v.err), v.cause.Error(), "")
	if v.err != nil && !strings.HasPrefix(text, "windmill: ") || escape(text) != text {
		v.errorf("its text is %q", text)
	}
	shown := v.job.CancelReason
	if v.out != nil {
		shown += v.out.buf.String()
	}
	for errs := []error{v.err}; len(errs) > 0; errs = errs[1:] {
		shown += fmt.Sprintf("%v %+v %#v ", errs[0], errs[0], errs[0])
		switch e := errs[0].(type) {
		case interface{ Unwrap() error }:
			errs = append(errs, e.Unwrap())
		case interface{ Unwrap() []error }:
			errs = append(errs, e.Unwrap()...)
		}
	}
	if v.waitErr != nil {
		shown += fmt.Sprintf("%+v", v.waitErr.CancelErr)
	}
	if v.hasToken(shown) {
		v.errorf("the token is in %s", shown)
	}
}

// checkCancellation checks that the call has canceled what it has started, and nothing else.
func (v *verdict) checkCancellation() {
	asked := strings.Contains(v.waitErr.Error(), "canceling was asked for")
	left := strings.Contains(v.waitErr.Error(), "is left alone")
	failed := v.waitErr.CancelErr != nil
	if asked || failed {
		v.canceled[v.id] = true
	}
	switch {
	case v.method != "RunScriptSync" && (asked || left || failed):
		v.errorf("it cancels nothing")
	case v.method != "RunScriptSync":
	case asked && left, asked && failed, left && failed:
		v.errorf("it says two things")
	case (asked || failed) && (v.keep || v.given != "" && !v.started):
		v.errorf("it must leave the job alone")
	case left && !v.keep && v.given == "":
		v.errorf("it must cancel the job")
	case !asked && !left && !failed && !errors.Is(v.err, facade.ErrNotFound):
		v.errorf("it does not say what became of the job")
	case asked && !v.job.Canceled && !v.completed:
		v.errorf("the job is not canceled")
	case errors.Is(v.waitErr.CancelErr, facade.ErrNotFound) && v.exists && v.gone[v.id].ID == "":
		v.errorf("there is a job to cancel")
	case v.quiet && failed && v.exists && v.gone[v.id].ID == "":
		v.errorf("nothing can have kept it from canceling")
	}
}
