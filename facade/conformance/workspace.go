package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/windmill/facade"
)

// thing is something in the folder, or the folder itself.
type thing struct{ kind, name string }

// look makes sure that the token is good and that the folder holds nothing but what an earlier run left behind.
func (s *session) look(ctx context.Context) error {
	if _, err := s.send(ctx, http.MethodGet, "users/whoami", nil); err != nil && !notAllowed(err) {
		return err
	}
	var others []string
	for _, kind := range kinds() {
		items, err := s.list(ctx, kind)
		switch {
		case notAllowed(err):
			s.unlooked = append(s.unlooked, kind)
		case err != nil && !lacksRoute(err):
			return err
		}
		for _, item := range items {
			if t := (thing{kind, strings.TrimPrefix(item.Path, at(""))}); ours(t) && item.Summary+item.Description == mark {
				s.made = append(s.made, t)
			} else {
				others = append(others, kind+" "+item.Path)
			}
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("the folder f/%s of workspace %s holds what is not this program's: %s; move it, or use another workspace",
			folder, s.cfg.workspace, strings.Join(others[:min(5, len(others))], ", "))
	}
	return nil
}

// kinds returns what a folder may hold, as far as some release has a list of it.
func kinds() []string {
	all := []string{"scripts", "variables", "resources", "flows", "apps", "raw_apps", "schedules"}
	for _, source := range strings.Fields("http websocket kafka nats mqtt amqp sqs gcp azure postgres email") {
		all = append(all, source+"_triggers")
	}
	return all
}

// item is what a list tells of a thing.
type item struct{ Path, Summary, Description string }

// list returns what is in the folder.
func (s *session) list(ctx context.Context, kind string) ([]item, error) {
	body, err := s.send(ctx, http.MethodGet, kind+"/list?per_page=1000&path_start="+url.QueryEscape(at("")), nil)
	if err != nil {
		return nil, err
	}
	var items []item
	if err := json.Unmarshal(body, &items); err != nil {
		return nil, fmt.Errorf("the list of %s is not one: %w", kind, err)
	}
	return slices.DeleteFunc(items, func(i item) bool { return !strings.HasPrefix(i.Path, at("")) }), nil
}

// ours tells whether a thing is one that this program deploys.
func ours(t thing) bool {
	switch t.kind {
	case "scripts":
		return slices.ContainsFunc(scripts(), func(s script) bool { return s.name == t.name })
	case "variables":
		_, ok := variables()[t.name]
		return ok
	case "resources":
		_, ok := resources()[t.name]
		return ok
	}
	return false
}

// deploy makes the folder and what is in it. What the token may not make is noted in s.lacks.
func (s *session) deploy(ctx context.Context) error {
	if len(s.made) > 0 {
		if err := s.removeThings(ctx); err != nil {
			return fmt.Errorf("what an earlier run left behind could not be removed: %w", err)
		}
		s.made = nil
	}
	if err := s.makeFolder(ctx); err != nil {
		return err
	}
	for _, script := range scripts() {
		if err := s.makeScript(ctx, script); err != nil {
			return err
		}
	}
	for name, value := range variables() {
		body := map[string]any{"path": at(name), "value": value, "is_secret": false, "description": mark}
		if _, err := s.make(ctx, thing{"variables", name}, body); err != nil {
			return err
		}
	}
	all := resources()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		body := map[string]any{"path": at(name), "value": all[name], "resource_type": "any", "description": mark}
		if _, err := s.make(ctx, thing{"resources", name}, body); err != nil {
			return err
		}
	}
	return nil
}

// makeFolder makes the folder, unless it is there. One that an earlier run has made is noted.
func (s *session) makeFolder(ctx context.Context) error {
	body, err := s.send(ctx, http.MethodGet, "folders/get/"+folder, nil)
	if err == nil {
		var there item
		if err := json.Unmarshal(body, &there); err != nil {
			return fmt.Errorf("folder %s is not one: %w", folder, err)
		}
		if there.Summary == mark {
			s.made = append(s.made, thing{"folders", folder})
		}
		return nil
	}
	if !notAllowed(err) && !errors.Is(err, facade.ErrNotFound) {
		return err
	}
	_, err = s.make(ctx, thing{"folders", folder}, map[string]any{"name": folder, "summary": mark})
	if why := s.lacks["folders"]; why != nil {
		for _, kind := range []string{"scripts", "variables", "resources"} {
			s.lacks[kind] = why
		}
	}
	return err
}

func (s *session) makeScript(ctx context.Context, script script) error {
	// The text makes each run's version its own: a server may refuse one that it has had before.
	content := script.content + "# run " + rand.Text() + "\n"
	body := map[string]any{"path": at(script.name), "summary": mark, "description": "", "content": content, "language": "bash"}
	key := script.name
	if parent, ok := s.hashes[key]; ok {
		body["parent_hash"] = parent
		key += " 2"
	}
	hash, err := s.make(ctx, thing{"scripts", script.name}, body)
	s.hashes[key] = string(hash)
	return err
}

// make makes a thing, unless the token may not make things of its kind.
func (s *session) make(ctx context.Context, t thing, body any) (answer []byte, err error) {
	if _, lacking := s.lacks[t.kind]; lacking {
		return nil, nil
	}
	// Noted before it is there, since the answer may be lost.
	s.made = append(s.made, t)
	answer, err = s.send(ctx, http.MethodPost, t.kind+"/create", body)
	why := asRefused(err)
	switch {
	case why != nil:
		s.lacks[t.kind] = why
		s.made, err = s.made[:len(s.made)-1], nil
	case err != nil:
		if notMade(err) {
			s.made = s.made[:len(s.made)-1]
		}
		err = fmt.Errorf("%s %s: %w", t.kind, t.name, err)
	}
	return answer, err
}

// remove cancels what still runs and removes what was made, and returns the jobs that go on. It does so even if ctx has ended.
func (s *session) remove(ctx context.Context) (goOn []string, err error) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), removalTime)
	defer stop()
	for _, id := range s.started {
		_, err := s.send(ctx, http.MethodPost, "jobs_u/queue/cancel/"+id, map[string]string{"reason": "the conformance run is over"})
		if err != nil && !errors.Is(err, facade.ErrNotFound) && s.mayGoOn(ctx, id) {
			goOn = append(goOn, id)
		}
	}
	return goOn, s.removeThings(ctx)
}

func (s *session) mayGoOn(ctx context.Context, id string) bool {
	status, err := s.client.GetJobStatus(ctx, id)
	return err != nil || status != facade.JobCompleted
}

// removeThings removes what was made, the last thing first.
func (s *session) removeThings(ctx context.Context) error {
	var errs []error
	gone := map[thing]bool{}
	for _, t := range slices.Backward(s.made) {
		if gone[t] {
			continue
		}
		gone[t] = true
		if err := s.removeThing(ctx, t); err != nil && !errors.Is(err, facade.ErrNotFound) {
			errs = append(errs, fmt.Errorf("%s %s: %w", t.kind, t.name, err))
		}
	}
	return errors.Join(errs...)
}

// folderStays tells whether the folder was made, and may hold what the token is not shown.
func (s *session) folderStays() bool {
	return len(s.unlooked) > 0 && slices.Contains(s.made, thing{"folders", folder})
}

func (s *session) removeThing(ctx context.Context, t thing) error {
	var err error
	switch t.kind {
	case "folders":
		if s.folderStays() {
			return nil
		}
		_, err = s.send(ctx, http.MethodDelete, "folders/delete/"+t.name, nil)
	case "scripts":
		_, err = s.send(ctx, http.MethodPost, "scripts/delete/p/"+at(t.name), nil)
		if notAllowed(err) {
			// Only administrators delete scripts; others archive them.
			_, err = s.send(ctx, http.MethodPost, "scripts/archive/p/"+at(t.name), nil)
		}
	default:
		_, err = s.send(ctx, http.MethodDelete, t.kind+"/delete/"+at(t.name), nil)
	}
	return err
}
