package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/windmill/facade"
)

// lineClock notes when each line that begins with "line " was written.
type lineClock struct {
	rest  []byte
	lines []string
	times []time.Time
}

func (c *lineClock) Write(p []byte) (int, error) {
	c.rest = append(c.rest, p...)
	for {
		line, rest, whole := bytes.Cut(c.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		c.rest = rest
		if bytes.HasPrefix(line, []byte("line ")) {
			c.lines = append(c.lines, strings.TrimSpace(string(line)))
			c.times = append(c.times, time.Now())
		}
	}
}

// liveLogs: each line of the log arrives once, in order and in time.
func liveLogs(ctx context.Context, s *session) (string, error) {
	const lines, every = 20, 500 * time.Millisecond
	const limit = 5 * time.Second // where the server looks for new lines every 3 seconds
	var clock lineClock
	args := map[string]any{"lines": lines, "every": every.Seconds()}
	if _, err := s.client.RunScriptSync(ctx, s.at("count"), args, facade.Logs(&clock)); err != nil {
		return "", err
	}
	var all []string
	for n := range lines {
		all = append(all, fmt.Sprintf("line %d", n+1))
	}
	if !slices.Equal(clock.lines, all) {
		return "", want("the log", fmt.Sprintf("%q", all), fmt.Sprintf("%q", clock.lines))
	}
	// How late a line is, compared with the one that came soonest.
	var least, most time.Duration
	for n, t := range clock.times {
		delay := t.Sub(clock.times[0]) - time.Duration(n)*every
		least, most = min(least, delay), max(most, delay)
	}
	late := most - least
	if late > limit {
		return "", fmt.Errorf("a line came %v later than it should have", late.Round(time.Millisecond))
	}
	return fmt.Sprintf("%d lines, once and in order, at most %.1fs late", lines, late.Seconds()), nil
}
