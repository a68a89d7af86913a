package facade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"example.com/windmill/gen"
)

// submission is a checked request to run a script: all that is left to do is to send it.
type submission struct {
	script scriptRef
	args   []byte
	cfg    runConfig
}

// jobID is the id that the job shall have.
func (s *submission) jobID() string { return s.cfg.jobID }

func (c *Client) newSubmission(script string, args any, opts []RunOption) (*submission, error) {
	s := &submission{}
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
	if s.cfg.jobID == "" {
		// Version 7 grows with time, as the server's own ids do, which its indexes like.
		id, err := uuid.NewV7()
		if err != nil {
			return nil, fmt.Errorf("making a job id: %w", err)
		}
		s.cfg.jobID = id.String()
	}
	return s, nil
}

// encodeArgs makes the body of a submission: a JSON object, with no space before its brace, as the server wraps anything else without a word.
func encodeArgs(args any) ([]byte, error) {
	body, err := json.Marshal(args)
	switch {
	case err != nil:
		return nil, fmt.Errorf("encoding the arguments: %w", err)
	case string(body) == "null":
		return []byte("{}"), nil
	case body[0] != '{':
		return nil, fmt.Errorf("the arguments, a %T, do not encode to a JSON object: give a map or a struct with a member for each, or nil for none", args)
	}
	return body, nil
}

// submitted is what has become of a submission.
type submitted int

const (
	notThere submitted = iota // the server does not have the job
	unsure                    // nobody knows
	joined                    // the job was there already
	fresh                     // the job is new
)

// submit sends s until the server has the job.
func (c *Client) submit(ctx context.Context, s *submission) (submitted, error) {
	if err := ctx.Err(); err != nil {
		return notThere, err
	}
	// Only net/http itself is sure to tell when it has a connection. Before that, nothing can have been sent.
	var answer string
	var connected atomic.Bool
	connected.Store(!c.plain)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	req, err := s.request(ctx, c)
	if err != nil {
		return notThere, err
	}
	err = c.send(req, asking{repeat: true, read: func(body []byte) error {
		id, err := parseJobID(strings.TrimSpace(string(body)))
		if err != nil {
			return errors.New("it is not a job id")
		}
		answer = id
		return nil
	}})
	refused, broken := (*APIError)(nil), (*brokenError)(nil)
	switch {
	case err == nil && answer != s.jobID():
		return notThere, fmt.Errorf("the server ran it as job %s although the client asked for the id %s: it is older than May 2023, when it learned to take "+
			"ids, and without them a lost answer cannot be told from a lost request", answer, s.jobID())
	case err == nil:
		return fresh, nil
	case errors.As(err, &refused) && refused.idTaken():
		return c.claim(ctx, s, err)
	case connected.Load() && (errors.As(err, &broken) || errors.As(err, &refused) && refused.lost):
		return unsure, err
	}
	return notThere, err
}

// claim looks whether the job that has our id already is ours: from an attempt whose answer was lost, or from an earlier run with the same id.
func (c *Client) claim(ctx context.Context, s *submission, taken error) (submitted, error) {
	job, err := c.getJob(ctx, s.jobID(), true)
	// The server refuses an id also while another request is still writing that job, and until then shows none.
	for n := 1; errors.Is(err, ErrNotFound) && n <= 4; n++ {
		if err := sleep(ctx, backoff(n)); err != nil {
			return unsure, err
		}
		job, err = c.getJob(ctx, s.jobID(), true)
	}
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrForbidden):
		return notThere, fmt.Errorf("%w: job %s is not in this workspace, or not for this token to see (%w)", ErrJobIDTaken, s.jobID(), taken)
	case err != nil:
		return unsure, fmt.Errorf("looking up job %s, which is there already: %w", s.jobID(), err)
	case !s.sameScript(job):
		return notThere, fmt.Errorf("%w: job %s is a run of %s", ErrJobIDTaken, s.jobID(), nameOfScript(job))
	}
	return joined, nil
}

func (s *submission) sameScript(job gen.Job) bool {
	if s.script.hash != "" {
		return strings.EqualFold(job.ScriptHash, s.script.hash)
	}
	return job.ScriptPath == s.script.path
}

func nameOfScript(job gen.Job) string {
	if job.ScriptHash == "" {
		return "something that is no script"
	}
	return fmt.Sprintf("%s (version %s)", job.ScriptPath, job.ScriptHash)
}
