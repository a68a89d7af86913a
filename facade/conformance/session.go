package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"example.com/windmill/facade"
)

const (
	// jobTime bounds how long a job may take to have a status.
	jobTime = 45 * time.Second
	// removalTime bounds the removal, which Ctrl-C does not interrupt.
	removalTime = time.Minute
)

// session is one run of the program.
type session struct {
	client    *facade.Client
	transport http.RoundTripper

	folder  string
	hashes  map[string][]string           // of each script's versions
	undo    []func(context.Context) error // removes what was deployed
	started []string                      // jobs that may still be there at the end
}

func newSession(transport http.RoundTripper) (*session, error) {
	// Inside a job of Windmill's, every job here would be a child of it, and children are canceled in
	// other ways.
	_, _ = os.Unsetenv("WM_JOB_ID"), os.Unsetenv("WM_ROOT_FLOW_JOB_ID")
	s := &session{
		transport: transport,
		folder:    "windmill_go_conformance_" + strings.ToLower(rand.Text()[:8]),
		hashes:    map[string][]string{},
	}
	var err error
	s.client, err = s.newClient(os.Getenv("WM_TOKEN"), transport)
	return s, err
}

func (s *session) newClient(token string, transport http.RoundTripper) (*facade.Client, error) {
	return facade.NewClient(os.Getenv("WM_BASE_URL"), token,
		facade.WithHTTPClient(&http.Client{Transport: transport}))
}

// at returns the path of something in the folder.
func (s *session) at(name string) string { return "f/" + s.folder + "/" + name }

// deploy creates the folder and the scripts.
func (s *session) deploy(ctx context.Context) error {
	folder := map[string]any{"name": s.folder}
	if _, err := s.create(ctx, "folders", s.folder, folder); err != nil {
		return err
	}
	for _, script := range scripts() {
		body := map[string]any{
			"path": s.at(script.name), "content": script.content, "language": "bash",
			"summary": "", "description": "",
		}
		versions := s.hashes[script.name]
		if len(versions) > 0 {
			body["parent_hash"] = versions[len(versions)-1]
		}
		hash, err := s.create(ctx, "scripts", s.at(script.name), body)
		if err != nil {
			return err
		}
		s.hashes[script.name] = append(versions, hash)
	}
	return nil
}

// create creates a folder, script, variable or resource, which remove removes.
func (s *session) create(ctx context.Context, kind, path string, body any) (string, error) {
	// Before the request, since its response may be lost.
	s.undo = append(s.undo, func(ctx context.Context) error { return s.delete(ctx, kind, path) })
	response, err := send(ctx, s.client, http.MethodPost, kind+"/create", body)
	if err == nil {
		return response, nil
	}
	if notAllowed(err) != nil {
		s.undo = s.undo[:len(s.undo)-1]
	}
	return "", fmt.Errorf("creating %s in %s: %w", path, kind, err)
}

func (s *session) delete(ctx context.Context, kind, path string) error {
	var err error
	if kind == "scripts" {
		_, err = send(ctx, s.client, http.MethodPost, "scripts/delete/p/"+path, nil)
		if err != nil && notAllowed(err) != nil { // only administrators delete scripts
			_, err = send(ctx, s.client, http.MethodPost, "scripts/archive/p/"+path, nil)
		}
	} else {
		_, err = send(ctx, s.client, http.MethodDelete, kind+"/delete/"+path, nil)
	}
	if errors.Is(err, facade.ErrNotFound) {
		return nil
	}
	return err
}

// remove cancels what still runs and removes what was deployed, also if ctx has ended.
func (s *session) remove(ctx context.Context) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), removalTime)
	defer stop()
	for _, id := range s.started {
		reason := map[string]string{"reason": "conformance is over"}
		// One that cannot be canceled most likely ends by itself.
		_, _ = send(ctx, s.client, http.MethodPost, "jobs_u/queue/cancel/"+id, reason)
	}
	var errs []error
	for _, undo := range slices.Backward(s.undo) {
		errs = append(errs, undo(ctx))
	}
	return errors.Join(errs...)
}

// findWorker returns an error if no worker takes a job. Most promises would seem broken then.
func (s *session) findWorker(ctx context.Context) error {
	short, stop := context.WithTimeout(ctx, jobTime)
	defer stop()
	_, err := s.client.RunScriptSync(short, s.at("quick"), nil)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no worker ran a job within %v: start one that serves the tag bash", jobTime)
	}
	return nil // any other error is a promise's to report
}
