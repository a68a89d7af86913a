package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"example.com/windmill/facade"
)

// badLink fails three requests in ten: before they have left, or when the response has arrived.
type badLink struct {
	next http.RoundTripper

	mu          sync.Mutex
	chance      *rand.Rand
	passed, cut int
}

var errCut = errors.New("the link was cut on purpose")

func (l *badLink) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.passed++
	fate := l.chance.IntN(10)
	if fate < 3 {
		l.cut++
	}
	l.mu.Unlock()
	if fate == 0 {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, errCut
	}
	resp, err := l.next.RoundTrip(req)
	if err != nil || fate > 2 {
		return resp, err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return nil, errCut
}

// once: a run starts one job, however often the link is cut.
func once(ctx context.Context, s *session) (string, error) {
	const runs, settling = 15, 20 * time.Second // the listing may be late
	link := &badLink{next: s.transport, chance: rand.New(rand.NewPCG(3, 10))}
	c, err := s.newClient(s.client.Token(), link)
	if err != nil {
		return "", err
	}
	for range runs {
		if _, err := c.RunScriptSync(ctx, s.at("once"), nil); err != nil {
			return "", err
		}
	}
	var jobs []struct{ ID string }
	for over := time.Now().Add(settling); len(jobs) < runs && time.Now().Before(over); {
		pause(ctx, 2*time.Second)
		list := "jobs/completed/list?per_page=1000&script_path_exact=" + url.QueryEscape(s.at("once"))
		if err := get(ctx, s.client, list, &jobs); err != nil {
			return "", err
		}
	}
	seen := fmt.Sprintf("%d runs, %d jobs; %d of %d requests were cut off",
		runs, len(jobs), link.cut, link.passed)
	if len(jobs) != runs {
		return "", errors.New(seen)
	}
	return seen, nil
}

// joining: two runs with one id are one job.
func joining(ctx context.Context, s *session) (string, error) {
	id := facade.NewJobID()
	first, err := s.client.RunScriptSync(ctx, s.at("quick"), nil, facade.JobID(id))
	if err != nil {
		return "", err
	}
	second, err := s.client.RunScriptSync(ctx, s.at("quick"), nil, facade.JobID(id))
	if err != nil {
		return "", fmt.Errorf("the second run with the same id: %w", err)
	}
	if string(first) != string(second) {
		return "", fmt.Errorf("two runs with one id have two results: %s and %s", first, second)
	}
	_, err = s.client.RunScriptAsync(ctx, s.at("greet"), nil, facade.JobID(id))
	if !errors.Is(err, facade.ErrJobIDTaken) {
		return "", want("the id of another script's job", "ErrJobIDTaken", err)
	}
	return "two runs with one id have one result, and another script's id is ErrJobIDTaken", nil
}
