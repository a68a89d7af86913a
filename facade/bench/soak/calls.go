package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// call is one use of the client, with what it must come to.
type call struct {
	*world
	chance *rand.Rand
	order  order
	jobs   []string // that it has started, to be forgotten afterwards
}

// kinds are the calls that are made, by chance and in equal shares.
func kinds() []struct {
	name string
	make func(*call, context.Context) error
} {
	return []struct {
		name string
		make func(*call, context.Context) error
	}{
		{"sync", (*call).sync}, {"verbose", (*call).verbose}, {"async", (*call).async}, {"joined", (*call).joined}, {"failed", (*call).failed},
		{"canceled", (*call).canceled}, {"kept", (*call).kept}, {"big", (*call).big}, {"resource", (*call).resource}, {"absent", (*call).absent},
		{"doubted", (*call).doubted}, {"doubted async", (*call).doubtedAsync},
	}
}

// run runs a script under an id that is known whatever becomes of it.
func (c *call) run(ctx context.Context, script string, opts ...facade.RunOption) (json.RawMessage, error) {
	id := uuid.Must(uuid.NewV7()).String()
	c.jobs = append(c.jobs, id)
	return c.client.RunScriptSync(ctx, script, c.order, append(opts, facade.JobID(id))...)
}

// ran checks how often the script ran.
func (c *call) ran(least, most int) error {
	jobs := c.take(c.order.Key)
	c.jobs = append(c.jobs, jobs...)
	if n := len(jobs); n < least || n > most {
		return fmt.Errorf("the script ran %d times, want %d to %d: jobs %q", n, least, most, jobs)
	}
	return nil
}

// once checks that the script has run once, and its result.
func (c *call) once(result json.RawMessage, err error) error {
	if err := errors.Join(err, c.ran(1, 1)); err != nil {
		return err
	}
	got, err := facade.As[order](result, nil)
	if err == nil && got != c.order {
		err = fmt.Errorf("the result is %s, want %+v", result, c.order)
	}
	return err
}

func (c *call) sync(ctx context.Context) error {
	result, err := c.client.RunScriptSync(ctx, echo, c.order)
	return c.once(result, err)
}

func (c *call) verbose(ctx context.Context) error {
	c.order.Lines = c.chance.IntN(50)
	var logs bytes.Buffer
	result, err := c.run(ctx, echo, facade.Verbose(&logs))
	if err := c.once(result, err); err != nil {
		return err
	}
	var got, want []string
	for line := range strings.Lines(logs.String()) {
		if strings.HasPrefix(line, "soak ") {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	for i := range c.order.Lines {
		want = append(want, logLine(c.order.Key, i))
	}
	// Where the server's faults outlast the log's end, what is missing is said.
	said := strings.Contains(logs.String(), "could not be read") && len(got) <= len(want) && slices.Equal(got, want[:len(got)])
	if !slices.Equal(got, want) && !said {
		return fmt.Errorf("%d lines of log, want %d, each once and in order; all that was written:\n%s", len(got), len(want), &logs)
	}
	return nil
}

func (c *call) async(ctx context.Context) error {
	id, err := c.client.RunScriptAsync(ctx, echo, c.order)
	if err != nil {
		return err
	}
	c.jobs = append(c.jobs, id)
	if status, err := c.client.GetJobStatus(ctx, id); err != nil || status < facade.JobWaiting || status > facade.JobCompleted {
		return fmt.Errorf("status %v, error %w", status, err)
	}
	result, err := c.client.GetResult(ctx, id, facade.WaitForCompletion())
	return c.once(result, err)
}

// joined runs one job from two places at once.
func (c *call) joined(ctx context.Context) error {
	id := uuid.Must(uuid.NewV7()).String()
	c.jobs = append(c.jobs, id)
	other := make(chan error, 1)
	go func() {
		result, err := c.client.RunScriptSync(ctx, echo, c.order, facade.JobID(id))
		if err == nil && !bytes.Contains(result, []byte(c.order.Key)) {
			err = fmt.Errorf("the result is %s, want one of %s", result, c.order.Key)
		}
		other <- err
	}()
	result, err := c.client.RunScriptSync(ctx, echo, c.order, facade.JobID(id))
	return errors.Join(<-other, c.once(result, err))
}

func (c *call) failed(ctx context.Context) error {
	result, err := c.run(ctx, fails)
	var failure *facade.JobError
	if !errors.As(err, &failure) || failure.Canceled || failure.Message != "no luck with "+c.order.Key {
		return fmt.Errorf("the result is %s and the error %w, want a JobError of the script's", result, err)
	}
	return c.ran(1, 1)
}

// gaveUp reports whether a call ended with its context, or sooner because the server had asked it to wait for longer than that.
func gaveUp(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || err != nil && strings.Contains(err.Error(), "server asks to wait")
}

// canceled gives up a long job.
func (c *call) canceled(ctx context.Context) error {
	c.order.Sleep = time.Hour
	ctx, stop := context.WithTimeout(ctx, time.Duration(c.chance.IntN(400))*time.Millisecond)
	defer stop()
	result, err := c.client.RunScriptSync(ctx, echo, c.order)
	if !gaveUp(err) {
		return fmt.Errorf("the result is %s and the error %w, want that of the context", result, err)
	}
	var wait *facade.WaitError
	if !errors.As(err, &wait) {
		return c.ran(0, 0)
	}
	c.jobs = append(c.jobs, wait.JobID)
	job, there := c.srv.Job(wait.JobID)
	switch {
	case gaveUp(wait.CancelErr):
		return c.notCanceled(wait, there && !job.Canceled)
	case there && !job.Canceled:
		return fmt.Errorf("the job is %v and not canceled, and the error is %w", job.Status, err)
	}
	return c.ran(0, 1)
}

// notCanceled is what comes to pass when the link was bad for so long that canceling had no more time: the caller was told, and may do it again. A job
// that has never reached the server cannot be canceled either, and does not run.
func (c *call) notCanceled(wait *facade.WaitError, runs bool) error {
	if runs {
		c.faults.noteOutlasted()
	}
	if !strings.Contains(wait.Error(), "may still run") {
		return fmt.Errorf("the job was not canceled, which the error should tell: %w", wait)
	}
	return c.ran(0, 1)
}

// kept stops waiting for a job and comes back for its result.
func (c *call) kept(ctx context.Context) error {
	short, stop := context.WithTimeout(ctx, c.order.Sleep/2)
	defer stop()
	result, err := c.run(short, echo, facade.KeepRunning())
	if err == nil || gaveUp(err) {
		// Whether the job was submitted before the time was over is left to chance; by now it is, if the same is asked again.
		result, err = c.client.RunScriptSync(ctx, echo, c.order, facade.JobID(c.jobs[0]))
	}
	return c.once(result, err)
}

func (c *call) big(ctx context.Context) error {
	result, err := c.run(ctx, big)
	if err != nil {
		return err
	}
	if !bytes.Equal(result, c.bulk) {
		return fmt.Errorf("the result has %d bytes, want the %d that were sent", len(result), len(c.bulk))
	}
	return c.ran(1, 1)
}

func (c *call) resource(ctx context.Context) error {
	value, err := facade.As[map[string]string](c.client.GetResource(ctx, resource))
	if err == nil && value["password"] != password {
		err = fmt.Errorf("the resource is %v, want the password %q in it", value, password)
	}
	if err == nil {
		_, err = c.client.GetVersion(ctx)
	}
	return err
}

func (c *call) absent(ctx context.Context) error {
	result, err := c.client.GetResult(ctx, uuid.NewString(), facade.WaitForCompletion())
	if !errors.Is(err, facade.ErrNotFound) {
		return fmt.Errorf("the result of a job that does not exist is %s, and the error %w", result, err)
	}
	return nil
}

// doubted runs a script whose first submission is lost and whose next ones are refused. If that is an error, the error names the job.
func (c *call) doubted(ctx context.Context) error {
	result, err := c.client.RunScriptSync(ctx, doubtful, c.order)
	if err == nil {
		return c.once(result, nil)
	}
	var wait *facade.WaitError
	if !errors.As(err, &wait) {
		return fmt.Errorf("the submission may have created a job, and the error does not name it: %w", err)
	}
	return c.named(wait.JobID, err)
}

func (c *call) doubtedAsync(ctx context.Context) error {
	id, err := c.client.RunScriptAsync(ctx, doubtful, c.order)
	if err != nil {
		return c.named(id, err)
	}
	c.jobs = append(c.jobs, id)
	result, err := c.client.GetResult(ctx, id, facade.WaitForCompletion())
	return c.once(result, err)
}

// named checks that a call which has failed returned the id of the job that it may have started.
func (c *call) named(id string, err error) error {
	if id == "" {
		return fmt.Errorf("the submission may have created a job, whose id is not returned: %w", err)
	}
	c.jobs = append(c.jobs, id)
	return c.ran(0, 1)
}
