package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/windmill/facade"
)

// promiseTime bounds how long it may take to try a promise.
const promiseTime = 2 * time.Minute

// promise is one thing that the library promises.
type promise struct {
	name string
	try  func(context.Context, *session) (seen string, err error)
}

func promises() []promise {
	const nul = "the caller\x00gave up"
	return []promise{
		{"version", version},
		{"unauthorized", unauthorized},
		{"unknown job and script", unknown},
		{"resources with references", references},
		{"run by hash and by path", hashAndPath},
		{"any JSON, every digit", anyJSON},
		{"large result", largeResult},
		{"failed script", failedScript},
		{"skipped job", skippedJob},
		{"status", status},
		{"giving up a wait", givingUp},
		{"cancel a waiting job", cancelWaiting("over", facade.Tag(unservedTag))},
		{"cancel a scheduled job", cancelWaiting("over", facade.ScheduledIn(endless))},
		{"cancel a running job", cancelRunning("over")},
		{"cancel a child", cancelChild},
		{"cancel a scheduled job, NUL in the cause", cancelWaiting(nul, facade.ScheduledIn(endless))},
		{"cancel a running job, NUL in the cause", cancelRunning(nul)},
		{"once, through a link that cuts", once},
		{"joining", joining},
		{"live logs", liveLogs},
		{"waits one by one", waits{rounds: 10, atOnce: 1}.try},
		{"scheduled runs", waits{rounds: 1, atOnce: 10, delay: 5 * time.Second}.try},
		{"many waits by path", waits{rounds: 1, atOnce: 100}.try},
		{"many waits by hash", waits{rounds: 1, atOnce: 100, byHash: true}.try},
		{"many waits without a listing", waits{rounds: 1, atOnce: 100, noListing: true}.try},
	}
}

// try tries promises one after the other, a line each. Its error says that one is broken.
func (s *session) try(ctx context.Context, all []promise, w io.Writer) error {
	held, broken, skipped := 0, 0, 0
	for _, p := range all {
		seen, err := s.tryOne(ctx, p)
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted at: %s", p.name)
		}
		verdict, why := "ok", notAllowed(err)
		switch {
		case why != nil:
			skipped++
			verdict, seen = "not tried", why.why
		case err != nil:
			broken++
			verdict, seen = "BROKEN", err.Error()
		default:
			held++
		}
		fmt.Fprintf(w, "%-10s %s: %s\n", verdict, p.name, strings.Join(strings.Fields(seen), " "))
	}
	fmt.Fprintf(w, "\n%d promises hold, %d are broken, %d were not tried.\n", held, broken, skipped)
	if broken > 0 {
		return errors.New("not every promise holds")
	}
	return nil
}

func (s *session) tryOne(ctx context.Context, p promise) (string, error) {
	late := fmt.Errorf("it took longer than %v", promiseTime)
	ctx, stop := context.WithTimeoutCause(ctx, promiseTime, late)
	defer stop()
	start := time.Now()
	seen, err := p.try(ctx, s)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return fmt.Sprintf("%s (%.1fs)", seen, time.Since(start).Seconds()), err
}

// want returns the error of a promise that is broken. It does not wrap got, which would count as
// not tried if it were about the token.
func want(what, want string, got any) error {
	if got == nil {
		got = "no error"
	}
	return fmt.Errorf("%s: want %s, got: %v", what, want, got)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
