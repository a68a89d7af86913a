package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// server is the server that runs the script.
type server struct {
	client *windmill.Client
	close  func()

	// These are set for the server in memory.
	scripts scriptNames // the first is the default
	deploy  func(path string)
}

type scriptNames []string

func (s scriptNames) String() string { return strings.Join(s, ", ") }

// connect returns the server that the environment names, or one in memory. It reads the environment
// itself because it has to choose between them; a real program uses windmill.NewClient("", "").
func connect(stderr io.Writer) (*server, error) {
	var set, missing []string
	for _, name := range []string{"WM_BASE_URL", "WM_TOKEN", "WM_WORKSPACE"} {
		if os.Getenv(name) != "" {
			set = append(set, name)
		} else {
			missing = append(missing, name)
		}
	}
	switch {
	case len(set) == 0:
		return inMemory(), nil
	case len(missing) > 0:
		return nil, fmt.Errorf("the environment has %s but lacks %s: "+
			"set all three to run on that server, or none to run in memory",
			strings.Join(set, " and "), strings.Join(missing, " and "))
	}
	// It logs retries. Without them, a server that is away would look like a program that hangs.
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	client, err := windmill.NewClient(os.Getenv("WM_BASE_URL"), "", windmill.WithLogger(logger))
	if err != nil {
		return nil, err
	}
	return &server{client: client, close: func() {}}, nil
}

func inMemory() *server {
	srv := facadetest.NewServer()
	var names scriptNames
	for _, demo := range demos {
		srv.Script(demo.path, demo.run)
		names = append(names, demo.path)
	}
	return &server{
		client:  srv.Client(),
		close:   srv.Close,
		scripts: names,
		deploy:  func(path string) { srv.Script(path, demos[0].run) },
	}
}

// greet prints the server and the call. The server in memory deploys a script at any path, so that
// the same command works there and on a real server.
func (s *server) greet(ctx context.Context, w io.Writer, call call) error {
	version, err := s.client.GetVersion(ctx)
	if err != nil {
		return err
	}
	note, copied := "", ""
	if s.deploy != nil {
		note = ", in memory (set WM_BASE_URL, WM_TOKEN and WM_WORKSPACE to run on yours)"
		if !slices.Contains(s.scripts, call.script) && strings.Contains(call.script, "/") {
			s.deploy(call.script)
			copied = fmt.Sprintf("in memory, %s is a copy of %s\n", call.script, s.scripts[0])
		}
	}
	fmt.Fprintf(w, "Windmill %s at %s, workspace %s%s\n",
		version, s.client.BaseURL(), s.client.Workspace(), note)
	fmt.Fprintf(w, "%s %s\n%s\n", call.script, call.args, copied)
	return nil
}

// link returns the address of the job in Windmill's own pages, or "" for the server in memory.
func (s *server) link(jobID string) string {
	if s.deploy != nil {
		return ""
	}
	return strings.TrimSuffix(s.client.BaseURL(), "/api") + "/run/" + jobID +
		"?workspace=" + url.QueryEscape(s.client.Workspace())
}
