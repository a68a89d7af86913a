package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// server is where scripts run.
type server struct {
	client    *windmill.Client
	workspace string
	note      string      // what there is to say about it
	scripts   scriptNames // if it is in memory; the first is the one that runs unless another is named
	deploy    func(path string)
	close     func()
}

// offer makes a server in memory have a script at a path, so that any line that works on a real server works there too.
// A version hash it cannot invent, and what is no path is refused before anything is sent.
func (s *server) offer(script string) (told string) {
	if s.deploy == nil || slices.Contains(s.scripts, script) || !strings.Contains(script, "/") {
		return ""
	}
	s.deploy(script)
	return fmt.Sprintf("(in memory, %s is a copy of %s)\n", script, s.scripts[0])
}

// connect makes a client of the server that the environment names, or of one in memory.
//
// It reads the environment itself only because it has to choose: for windmill.NewClient("", "") alone, the environment is enough.
func connect(stderr io.Writer) (*server, error) {
	url, token, workspace := os.Getenv("WM_BASE_URL"), os.Getenv("WM_TOKEN"), os.Getenv("WM_WORKSPACE")
	var set, missing []string
	for _, v := range []struct{ name, value string }{{"WM_BASE_URL", url}, {"WM_TOKEN", token}, {"WM_WORKSPACE", workspace}} {
		if v.value != "" {
			set = append(set, v.name)
		} else {
			missing = append(missing, v.name)
		}
	}
	switch {
	case len(set) == 0:
		return inMemory(), nil
	case len(missing) > 0:
		return nil, fmt.Errorf("the environment has %s but lacks %s: set all three to run on that server, or none to run in memory",
			strings.Join(set, " and "), strings.Join(missing, " and "))
	}
	// The logger tells of retries, without which a server that is away would look like a program that hangs.
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	client, err := windmill.NewClient(url, token, windmill.WithWorkspace(workspace), windmill.WithLogger(logger))
	if err != nil {
		return nil, err
	}
	return &server{client: client, workspace: workspace, close: func() {}}, nil
}

func inMemory() *server {
	srv := facadetest.NewServer()
	var names scriptNames
	for _, demo := range demos {
		srv.Script(demo.path, demo.run)
		names = append(names, demo.path)
	}
	return &server{
		client:    srv.Client(),
		workspace: srv.Workspace,
		note:      ", in memory (set WM_BASE_URL, WM_TOKEN and WM_WORKSPACE to run on yours)",
		scripts:   names,
		deploy:    func(path string) { srv.Script(path, demos[0].run) },
		close:     srv.Close,
	}
}

type scriptNames []string

func (s scriptNames) String() string { return strings.Join(s, ", ") }
