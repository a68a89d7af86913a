package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

// once: a run starts one job, however often the link is cut.
func once(ctx context.Context, s *session) (string, error) {
	link := &badLink{next: s.traffic, chance: rand.New(rand.NewPCG(3, 10))}
	c, err := s.newClient(s.cfg.token, link)
	if err != nil {
		return "", err
	}
	before, err := s.completedOnces(ctx)
	if err != nil {
		return "", err
	}
	for n := range s.cfg.linkRuns {
		if _, err := c.RunScriptSync(ctx, at("once"), nil); err != nil {
			return "", fmt.Errorf("run %d: %w", n+1, err)
		}
	}
	after, err := s.settledOnces(ctx, func(jobs map[string]listed) bool {
		maps.DeleteFunc(jobs, func(id string, _ listed) bool { _, old := before[id]; return old })
		return len(jobs) >= s.cfg.linkRuns
	})
	if err != nil {
		return "", err
	}
	passed, cut := link.counts()
	if len(after) != s.cfg.linkRuns {
		return "", fmt.Errorf("%d runs started %d jobs; %d of %d connections were cut", s.cfg.linkRuns, len(after), cut, passed)
	}
	return fmt.Sprintf("%d runs, %d jobs; %d of %d connections were cut", s.cfg.linkRuns, s.cfg.linkRuns, cut, passed), nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// listed is a job as the listing of completed ones shows it.
type listed struct {
	ID         string
	ScriptPath string    `json:"script_path"`
	StartedAt  time.Time `json:"started_at"`
	Duration   int64     `json:"duration_ms"`
}

// completedOnces lists the latest completed jobs of the script once.
func (s *session) completedOnces(ctx context.Context) (map[string]listed, error) {
	body, err := s.send(ctx, http.MethodGet, "jobs/completed/list?per_page=1000&script_path_exact="+url.QueryEscape(at("once")), nil)
	if err != nil {
		return nil, err
	}
	var all []listed
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, fmt.Errorf("the list of completed jobs is not one: %w", err)
	}
	jobs := map[string]listed{}
	for _, job := range all {
		if job.ScriptPath == at("once") {
			jobs[strings.ToLower(job.ID)] = job
		}
	}
	return jobs, nil
}

// settledOnces is completedOnces when it shows enough, or settling is over.
func (s *session) settledOnces(ctx context.Context, enough func(map[string]listed) bool) (map[string]listed, error) {
	for over := time.Now().Add(settling); ; {
		pause(ctx, settlingStep)
		jobs, err := s.completedOnces(ctx)
		if err != nil || enough(jobs) || time.Now().After(over) {
			return jobs, err
		}
	}
}

// joining: two runs with one id are one job.
func joining(ctx context.Context, s *session) (string, error) {
	id := uuid.NewString()
	first, err := s.client.RunScriptSync(ctx, at("once"), nil, facade.JobID(id))
	if err != nil {
		return "", err
	}
	second, err := s.client.RunScriptSync(ctx, at("once"), nil, facade.JobID(id))
	if err != nil {
		return "", fmt.Errorf("the second run with the same id: %w", err)
	}
	if string(first) != string(second) {
		return "", fmt.Errorf("two runs with one id have two results: %s and %s", first, second)
	}
	if _, err := s.client.RunScriptAsync(ctx, at("greet"), nil, facade.JobID(id)); !errors.Is(err, facade.ErrJobIDTaken) {
		return "", unexpected("the id of another script's job", "ErrJobIDTaken", err)
	}
	return "two runs with one id have one result, and another script's is ErrJobIDTaken", nil
}
