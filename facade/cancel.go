package facade

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/windmill/gen"
)

// cancelTime is how long giving up may take: the caller wants to leave.
const cancelTime = 5 * time.Second

// cancelJob cancels a job that nobody waits for any more: POST /w/{workspace}/jobs_u/queue/cancel/{id}. ctx has ended, and lends only its values.
//
// If the job may not be there because its submission was given up half-way, the submission may still be on its way,
// so that an unknown job is asked for a few times more before it counts as never submitted.
func (c *Client) cancelJob(ctx context.Context, id string, maybeThere bool, why error) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), cancelTime)
	defer stop()
	reason := "given up by the client: " + why.Error()
	for n := 1; ; n++ {
		req, err := gen.NewCancelQueuedJobRequest(c.endpoint, c.workspace, id, gen.CancelRequest{Reason: &reason})
		if err != nil {
			return err
		}
		err = c.call(ctx, req, asking{repeat: true, read: func(body []byte) error {
			// The job's id, or a sentence that it has completed already.
			if !strings.Contains(string(body), id) {
				return fmt.Errorf("it does not speak of job %s", id)
			}
			return nil
		}})
		if !maybeThere || !errors.Is(err, ErrNotFound) {
			return err
		}
		if n == 4 || sleep(ctx, backoff(n)) != nil {
			return nil
		}
	}
}
