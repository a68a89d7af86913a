package facade

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"example.com/windmill/facade/internal/transport"
	"example.com/windmill/gen"
)

// cancelTime is how long giving up may take: the caller wants to leave.
const cancelTime = 5 * time.Second

// abandon ends a run that is no longer waited for. It cancels the job if this call started it, and
// returns the error that says what was done.
func (c *Client) abandon(
	ctx context.Context, s *submission, state submitState, why error,
) *WaitError {
	e := &WaitError{JobID: s.jobID, Err: why}
	switch {
	case state == started && errors.Is(finalError(why), ErrNotFound): // there is no such job
	case state == maybeStarted && (s.cfg.keepRunning || !s.ownID):
		e.outcome = "may have been started, and is left alone"
	case s.cfg.keepRunning:
		e.outcome = "is left alone, as KeepRunning asks"
	case state == joined:
		e.outcome = "is left alone: another call started it, or may have"
	default:
		e.outcome = "may still run for a moment: canceling was asked for"
		e.CancelErr = c.cancelJob(ctx, s.jobID, state == maybeStarted, why)
	}
	return e
}

// cancelJob asks for a job to be canceled: POST /w/{workspace}/jobs_u/queue/cancel/{id}. ctx may
// have ended, and lends only its values.
//
// A job that may not be there yet, since its submission was interrupted, is asked for again while
// there is time.
func (c *Client) cancelJob(ctx context.Context, id string, maybeThere bool, why error) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), cancelTime)
	defer stop()
	// With a control character in the reason, a server may say that it cancels the job, and not do it.
	reason := strings.Map(withoutControls, c.excerpt("given up by the client: "+why.Error()))
	body := gen.CancelRequest{Reason: &reason}
	// A connection that has died must not take all of the time.
	p := transport.Policy{Repeat: transport.IfLost, IdleTimeout: cancelTime / 2}
	for n := 1; ; n++ {
		_, err := request(ctx, c, p, func(api *gen.ClientWithResponses) (*string, error) {
			resp, err := api.CancelQueuedJobWithResponse(ctx, c.workspace, id, body)
			if err != nil {
				return nil, err
			}
			text := plainText(resp.HTTPResponse, resp.Body, http.StatusOK)
			if text != nil && !strings.Contains(*text, id) {
				return nil, fmt.Errorf("it does not mention job %s", id)
			}
			return text, nil
		})
		if !maybeThere || !errors.Is(err, ErrNotFound) {
			return err
		}
		if transport.Pause(ctx, n) != nil {
			return fmt.Errorf("its submission may still be on its way: %w", err)
		}
	}
}

func withoutControls(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}
