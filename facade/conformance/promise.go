package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// promise is one thing that the library promises.
type promise struct {
	name  string
	needs []string // kinds of things that must be deployed
	try   func(context.Context, *session) (seen string, err error)
}

func promises() []promise {
	script, all := []string{"scripts"}, []string{"variables", "resources"}
	return []promise{
		{"version", nil, version},
		{"unauthorised", nil, unauthorised},
		{"unknown job and script", nil, unknown},
		{"resources with references", all, references},
		{"run by hash and by path", script, hashAndPath},
		{"any JSON, every digit", script, anyJSON},
		{"large result", script, largeResult},
		{"failed script", script, failedScript},
		{"status", script, status},
		{"cancel a waiting job", script, cancelWaiting},
		{"cancel a scheduled job", script, cancelScheduled},
		{"cancel a running job", script, cancelRunning},
		{"cancel a child", script, cancelChild},
		{"giving up", script, givingUp},
		{"once, through a link that cuts", script, once},
		{"joining", script, joining},
		{"live logs", script, liveLogs},
		{"event stream", script, eventStream},
		{"many waits", script, manyWaits},
		{"listing", script, listing},
	}
}

// try tries the promises one after the other, a line each, and tells whether all that were tried hold.
func (s *session) try(ctx context.Context, w io.Writer) bool {
	tried, broken, skipped := 0, 0, 0
	for _, p := range promises() {
		if s.cfg.only != "" && s.cfg.only != p.name {
			continue
		}
		seen, err := s.tryOne(ctx, p)
		switch why := asRefused(err); {
		case ctx.Err() != nil:
			fmt.Fprintf(w, "Interrupted at: %s.\n", p.name)
			return false
		case why != nil:
			skipped++
			fmt.Fprintf(w, "not tried  %s: %s\n", p.name, oneLine(why.why))
			continue
		case err != nil:
			broken++
			fmt.Fprintf(w, "BROKEN     %s: %s\n", p.name, oneLine(err.Error()))
		default:
			fmt.Fprintf(w, "ok         %s: %s\n", p.name, oneLine(seen))
		}
		tried++
	}
	fmt.Fprintf(w, "\n%d of %d promises hold", tried-broken, tried)
	if skipped > 0 {
		fmt.Fprintf(w, "; %d were not tried", skipped)
	}
	fmt.Fprintln(w, ".")
	return broken == 0
}

func (s *session) tryOne(ctx context.Context, p promise) (string, error) {
	for _, kind := range p.needs {
		if err := s.lacks[kind]; err != nil {
			return "", err
		}
	}
	ctx, stop := context.WithTimeoutCause(ctx, patience, fmt.Errorf("it took longer than %v", patience))
	defer stop()
	start := time.Now()
	seen, err := p.try(ctx, s)
	if err != nil && ctx.Err() != nil {
		return "", fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return fmt.Sprintf("%s (%.1fs)", seen, time.Since(start).Seconds()), err
}

// oneLine brings what may have several lines into one.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
