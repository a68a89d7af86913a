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

	"example.com/windmill/gen"
)

// submission is a checked request to run a script: all that is left to do is to send it.
type submission struct {
	script scriptRef
	args   []byte
	cfg    runConfig
	jobID  string // the id that the job shall have
	ownID  bool   // the client chose it, so that a job with this id is this call's

	inDoubt bool // a try that failed may have started the job
}

func (c *Client) newSubmission(script string, args any, opts []RunOption) (*submission, error) {
	s := &submission{cfg: runConfig{parentJob: c.parentJob}}
	var err error
	if s.script, err = parseScript(script); err != nil {
		return nil, err
	}
	if s.args, err = encodeArgs(args); err != nil {
		return nil, err
	}
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("run option %d is nil", i+1)
		}
		if err := opt.applyToRun(&s.cfg); err != nil {
			return nil, err
		}
	}
	if s.cfg.scheduledIn != nil && s.cfg.scheduledAt != nil {
		return nil, errors.New("ScheduledIn and ScheduledAt exclude each other")
	}
	s.jobID, s.ownID = s.cfg.jobID, s.cfg.jobID == ""
	if s.ownID {
		s.jobID = NewJobID()
	}
	return s, nil
}

// submitState is what is known of a submission.
type submitState int

const (
	notStarted   submitState = iota // the server does not have the job
	maybeStarted                    // nobody knows
	joined                          // another call started the job
	maybeJoined                     // the job is there, and this call or another started it
	started                         // this call started the job
)

// submit sends s until the server has the job, or it is clear that it will not.
func (c *Client) submit(ctx context.Context, s *submission) (submitState, error) {
	id, err := c.post(ctx, s)
	switch {
	case err == nil && id == s.jobID:
		return started, nil
	case err == nil:
		asked := s.jobID
		s.jobID = id
		return started, fmt.Errorf("the server ignored the job id %s and created job %s: Windmill before May 2023 is not supported", asked, id)
	}
	refused := answerOf(err)
	taken := refused != nil && refused.idTaken()
	switch {
	case taken && s.ownID:
		return started, nil // nobody else has this id
	case !taken && !s.inDoubt:
		return notStarted, err
	}
	return c.settle(ctx, s, taken, err)
}

// settle finds out whose job has the id: this call's, from a try whose answer was lost, or another's. err is what the last try was told, and
// taken that it says that there is a job.
func (c *Client) settle(ctx context.Context, s *submission, taken bool, err error) (submitState, error) {
	job, lookErr := c.lookUp(ctx, s.jobID, taken)
	switch {
	case lookErr == nil && s.ownID:
		return started, nil
	case lookErr == nil && !s.sameScript(job) && taken:
		return notStarted, fmt.Errorf("%w: job %s is a run of %s", ErrJobIDTaken, s.jobID, nameOfScript(job))
	case lookErr == nil && !s.sameScript(job):
		return notStarted, fmt.Errorf("%w: %w", ErrJobIDTaken, s.about("a run of "+nameOfScript(job), err))
	case lookErr == nil && s.inDoubt:
		return maybeJoined, nil
	case lookErr == nil:
		return joined, nil
	case !taken:
		return maybeStarted, err
	case ctx.Err() != nil, !errors.Is(verdict(lookErr), ErrNotFound) && !errors.Is(verdict(lookErr), ErrForbidden): // not the last word of the server
		return maybeStarted, fmt.Errorf("it exists already, and looking it up failed: %w", lookErr)
	}
	err = s.about("not in this workspace, or not visible to this token", err)
	if s.inDoubt {
		return maybeStarted, err
	}
	return notStarted, fmt.Errorf("%w: %w", ErrJobIDTaken, err)
}

// about returns what a lookup has told of the job that has the id, and what the submission was told.
func (s *submission) about(is string, err error) error {
	return &aboutJob{fmt.Sprintf("job %s is %s", s.jobID, is), s.jobID, err}
}

// lookUp reads the record of the job that has the id. An id is taken also while another request is still writing its job, and until then the
// server shows none.
func (c *Client) lookUp(ctx context.Context, id string, taken bool) (*jobRecord, error) {
	if !taken {
		return c.getJob(ctx, id, call{once: true, idleTimeout: lookTimeout})
	}
	for n := 1; ; n++ {
		job, err := c.getJob(ctx, id, call{idempotent: true})
		if !errors.Is(err, ErrNotFound) || n > 4 {
			return job, err
		}
		if sleep(ctx, backoff(n)) != nil {
			return nil, interrupted(ctx, err)
		}
	}
}

// post sends the submission, and returns the id that the server says the job has.
func (c *Client) post(ctx context.Context, s *submission) (string, error) {
	api := c.api(call{status: http.StatusCreated, mediaType: "text/plain", submission: true, inDoubt: &s.inDoubt, check: checkJobID})
	params := gen.RunScriptByHashParams{
		JobID:        &s.jobID,
		ScheduledFor: s.cfg.scheduledAt,
		ParentJob:    optional(&s.cfg.parentJob),
		RootJob:      optional(&c.rootJob),
		Tag:          optional(&s.cfg.tag),
	}
	if s.cfg.scheduledIn != nil {
		seconds := int64((*s.cfg.scheduledIn + time.Second - 1) / time.Second)
		params.ScheduledInSecs = &seconds
	}
	if s.script.hash != "" {
		resp, err := api.RunScriptByHashWithBodyWithResponse(ctx, c.workspace, s.script.hash, &params, "application/json", bytes.NewReader(s.args))
		if err != nil {
			return "", err
		}
		return parseJobID(strings.TrimSpace(string(resp.Body)))
	}
	byPath := (*gen.RunScriptByPathParams)(&params)
	resp, err := api.RunScriptByPathWithBodyWithResponse(ctx, c.workspace, s.script.path, byPath, "application/json", bytes.NewReader(s.args))
	if err != nil {
		return "", err
	}
	return parseJobID(strings.TrimSpace(string(resp.Body)))
}

func checkJobID(body []byte) error {
	if _, err := parseJobID(strings.TrimSpace(string(body))); err != nil {
		return errors.New("it is not a job id")
	}
	return nil
}

// optional returns nil in place of an empty parameter, which the server would take for a value.
func optional(value *string) *string {
	if *value == "" {
		return nil
	}
	return value
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
	return name
}

// due returns when the job is to start, or the zero time.
func (s *submission) due() time.Time {
	switch {
	case s.cfg.scheduledIn != nil:
		return time.Now().Add(*s.cfg.scheduledIn)
	case s.cfg.scheduledAt != nil:
		return *s.cfg.scheduledAt
	}
	return time.Time{}
}
