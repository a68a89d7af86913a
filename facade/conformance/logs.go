package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.com/windmill/facade"
)

// logsTo is the option that brings a job's logs to a writer.
func logsTo(w io.Writer) facade.RunOption { return facade.Logs(w) }

// lineClock notes when each line that begins with "line " was written.
type lineClock struct {
	mu    sync.Mutex
	rest  []byte
	lines []string
	times []time.Time
}

func (c *lineClock) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
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

// liveLogs: each line of the logs comes once, in order and in time.
func liveLogs(ctx context.Context, s *session) (string, error) {
	var clock lineClock
	args := map[string]any{"lines": s.cfg.logLines, "every": s.cfg.logEvery.Seconds()}
	if _, err := s.client.RunScriptSync(ctx, at("count"), args, logsTo(&clock)); err != nil {
		return "", err
	}
	clock.mu.Lock()
	defer clock.mu.Unlock()
	for n, line := range clock.lines {
		if want := fmt.Sprintf("line %d", n+1); line != want {
			return "", fmt.Errorf("where %q should come, %q came", want, line)
		}
	}
	if len(clock.lines) != s.cfg.logLines {
		return "", fmt.Errorf("of %d lines, %d came", s.cfg.logLines, len(clock.lines))
	}
	late := latest(clock.times, s.cfg.logEvery)
	if late > lateLine {
		return "", fmt.Errorf("a line came %v later than it should have", late.Round(time.Millisecond))
	}
	return fmt.Sprintf("%d lines, each once and in order, at most %.1fs late", len(clock.lines), late.Seconds()), nil
}

// latest tells how late the latest of some lines was that were written at an interval, compared with the one that came soonest.
func latest(times []time.Time, every time.Duration) time.Duration {
	var least, most time.Duration
	for n, t := range times {
		delay := t.Sub(times[0]) - time.Duration(n)*every
		least, most = min(least, delay), max(most, delay)
	}
	return most - least
}

// eventStream: the server's event stream is one that the library can read. Older servers have none.
func eventStream(ctx context.Context, s *session) (string, error) {
	id, err := s.begin(ctx, "count", map[string]any{"lines": 3, "every": 0.5})
	if err != nil {
		return "", err
	}
	events := 0
	for {
		n, over, err := s.readStream(ctx, id)
		events += n
		switch {
		case lacksRoute(err):
			return "this server has none; logs are asked for at intervals", nil
		case err != nil:
			return "", err
		case over:
			return fmt.Sprintf("%d events up to the job's end", events), nil
		}
		pause(ctx, time.Second)
	}
}

// readStream reads a job's events up to the job's end, or to the stream's, which the server announces after a minute.
func (s *session) readStream(ctx context.Context, id string) (events int, over bool, err error) {
	resp, err := s.open(ctx, http.MethodGet, "/w/"+s.cfg.workspace+"/jobs_u/getupdate_sse/"+id+"?running=false&log_offset=0", nil)
	if err != nil {
		return 0, false, err
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		return 0, false, fmt.Errorf("an answer of type %q came in its place", kind)
	}
	lines := bufio.NewReader(resp.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return events, false, fmt.Errorf("it ended after %d events and before the job: %w", events, err)
		}
		data, ok := bytes.CutPrefix(line, []byte("data:"))
		if !ok {
			continue
		}
		var event struct {
			Type      string
			Completed bool
		}
		if err := json.Unmarshal(data, &event); err != nil {
			return events, false, fmt.Errorf("event %d is not JSON: %w", events+1, err)
		}
		events++
		if done := event.Type == "update" && event.Completed; done || event.Type == "timeout" {
			return events, done, nil
		}
	}
}
