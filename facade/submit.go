package facade

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/windmill/facade/internal/transport"
	"example.com/windmill/gen"
)

// submission is a checked request to run a script: all that is left to do is to send it.
type submission struct {
	script scriptRef
	args   []byte
	cfg    runConfig
	jobID  string // the id that the job shall have
	ownID  bool   // the client chose it, so that a job with this id is this call's
}

// newSubmission checks all that a caller gave, and that the client can run scripts.
func (c *Client) newSubmission(script string, args any, opts []RunOption) (*submission, error) {
	s := &submission{cfg: runConfig{parentJob: c.parentJob}}
	err := s.set(script, args, opts)
	if err != nil {
		return nil, fmt.Errorf("windmill: %w: %w", ErrInvalidArgument, err)
	}
	if s.jobID = s.cfg.jobID; s.jobID == "" {
		s.jobID, s.ownID = NewJobID(), true
	}
	return s, c.requireWorkspace()
}

func (s *submission) set(script string, args any, opts []RunOption) (err error) {
	if s.script, err = parseScript(script); err != nil {
		return err
	}
	if s.args, err = encodeArgs(args); err != nil {
		return err
	}
	for i, opt := range opts {
		if opt == nil {
			return fmt.Errorf("run option %d is nil", i+1)
		}
		if err := opt.applyToRun(&s.cfg); err != nil {
			return err
		}
	}
	if s.cfg.scheduledIn != nil && s.cfg.scheduledAt != nil {
		return errors.New("ScheduledIn and ScheduledAt exclude each other")
	}
	return nil
}

func (s *submission) scheduled() bool {
	return s.cfg.scheduledIn != nil || s.cfg.scheduledAt != nil
}

// submitState is what is known of a submission.
type submitState int

const (
	notStarted   submitState = iota // the server does not have the job
	maybeStarted                    // it is not known
	joined                          // the job is there, and another call started it, or may have
	started                         // this call started the job
)

// submit sends s until the server has the job, or it is clear that it will not. Its error is nil
// if the job is there.
func (c *Client) submit(ctx context.Context, s *submission) (submitState, error) {
	id, err := c.post(ctx, s)
	if err == nil {
		s.jobID = id
		return started, nil
	}
	e := failureOf(err)
	taken := isIDTaken(e)
	switch {
	case taken && s.ownID:
		return started, nil // by an attempt whose response was lost
	case !taken && !e.InDoubt:
		return notStarted, err
	}
	return c.resolveConflict(ctx, s, err)
}

// resolveConflict looks up the job that has the id, and decides whose it is. err is the last
// attempt's error.
func (c *Client) resolveConflict(
	ctx context.Context, s *submission, err error,
) (submitState, error) {
	job, lookErr := c.lookUp(ctx, s.jobID)
	final := finalError(lookErr)
	hidden := errors.Is(final, ErrNotFound) || errors.Is(final, ErrForbidden)
	switch {
	case lookErr == nil && s.ownID:
		return started, nil
	case lookErr == nil && s.sameScript(job):
		return joined, nil
	case lookErr == nil:
		return notStarted, fmt.Errorf("%w: job %s is a run of %s",
			ErrJobIDTaken, s.jobID, nameOfScript(job))
	case hidden && !failureOf(err).InDoubt:
		return notStarted, fmt.Errorf("%w: job %s is in another workspace, hidden from this token, "+
			"or not there yet: %w", ErrJobIDTaken, s.jobID, err)
	}
	switch {
	case ctx.Err() == nil:
		err = fmt.Errorf("%w (looking the job up: %s)", err, reason(lookErr))
	case !errors.Is(err, ctx.Err()):
		err = lookErr
	}
	return maybeStarted, err
}

// maxLookUps is how often a job that is not visible is looked up again: for a second or two.
const maxLookUps = 5

// lookUp reads the record of the job that has the id. While another request is inserting the job,
// its id is taken and the job is not visible yet.
func (c *Client) lookUp(ctx context.Context, id string) (*jobRecord, error) {
	for n := 1; ; n++ {
		job, err := jobReader{c, id, whenLost()}.record(ctx)
		if !errors.Is(finalError(err), ErrNotFound) || n > maxLookUps {
			return job, err
		}
		if transport.Pause(ctx, n) != nil {
			return nil, transport.ContextError(ctx, err)
		}
	}
}

// post sends the submission: POST /w/{workspace}/jobs/run/h/{hash} or
// /w/{workspace}/jobs/run/p/{path}. It returns the id of the job.
func (c *Client) post(ctx context.Context, s *submission) (string, error) {
	params := gen.RunScriptByHashParams{
		JobID:        &s.jobID,
		ScheduledFor: s.cfg.scheduledAt,
		ParentJob:    optional(s.cfg.parentJob),
		RootJob:      optional(c.rootJob),
		Tag:          optional(s.cfg.tag),
	}
	if s.cfg.scheduledIn != nil {
		seconds := int64((*s.cfg.scheduledIn + time.Second - 1) / time.Second)
		params.ScheduledInSecs = &seconds
	}
	p := transport.Policy{Repeat: transport.UntilRefused}
	id, err := request(ctx, c, p, func(api *gen.ClientWithResponses) (*string, error) {
		const json = "application/json"
		body := bytes.NewReader(s.args)
		if s.script.hash != "" {
			resp, err := api.RunScriptByHashWithBodyWithResponse(
				ctx, c.workspace, s.script.hash, &params, json, body)
			if err != nil {
				return nil, err
			}
			return createdID(resp.HTTPResponse, resp.Body)
		}
		byPath := gen.RunScriptByPathParams(params)
		resp, err := api.RunScriptByPathWithBodyWithResponse(
			ctx, c.workspace, s.script.path, &byPath, json, body)
		if err != nil {
			return nil, err
		}
		return createdID(resp.HTTPResponse, resp.Body)
	})
	if err != nil {
		return "", err
	}
	return *id, nil
}

// createdID returns the id of the job in the response to a submission.
func createdID(resp *http.Response, body []byte) (*string, error) {
	text := plainText(resp, body, http.StatusCreated)
	if text == nil {
		return nil, nil
	}
	id, err := parseJobID(*text)
	if err != nil {
		return nil, errors.New("it is not a job id")
	}
	return &id, nil
}

// optional returns nil in place of an empty parameter, which the server would take for a value.
func optional(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

func (s *submission) sameScript(job *jobRecord) bool {
	if s.script.hash != "" {
		return strings.EqualFold(job.ScriptHash, s.script.hash)
	}
	return job.ScriptPath == s.script.path
}

func nameOfScript(job *jobRecord) string {
	name := cmp.Or(job.ScriptPath, "something without a path")
	if job.ScriptHash != "" { // a script of the hub has none
		name += fmt.Sprintf(" (version %s)", job.ScriptHash)
	}
	return transport.Printable(name)
}
