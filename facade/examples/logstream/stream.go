package main

import (
	_ "embed"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"

	windmill "example.com/windmill/facade"
)

const script = "f/demo/report"

//go:embed index.html
var page []byte

// newHandler returns the handler of the page, of starting a job, and of the stream of its log.
func newHandler(client *windmill.Client) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})
	mux.HandleFunc("POST /jobs", func(w http.ResponseWriter, r *http.Request) {
		jobID, err := client.RunScriptAsync(r.Context(), script, nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		fmt.Fprint(w, jobID)
	})
	mux.HandleFunc("GET /jobs/{id}/log", func(w http.ResponseWriter, r *http.Request) {
		streamLog(w, r, client)
	})
	return mux
}

// streamLog sends each line of the job's log as an event, and then the job's result or failure.
func streamLog(w http.ResponseWriter, r *http.Request, client *windmill.Client) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	events := &eventWriter{w: w, flush: http.NewResponseController(w).Flush}
	if err := events.flush(); err != nil { // sends the header
		return
	}
	result, err := client.GetResult(r.Context(), r.PathValue("id"),
		windmill.WaitForCompletion(), windmill.Logs(events))
	event, data := "result", string(result)
	var failed *windmill.JobError
	switch {
	case errors.As(err, &failed):
		event, data = "failure", failed.Name+": "+failed.Message
	case err != nil:
		event, data = "failure", err.Error()
	}
	if err := events.send(event, data); err != nil {
		log.Printf("job %s: the browser is gone: %v", r.PathValue("id"), err)
	}
}

// eventWriter is an [io.Writer] that sends server-sent events.
type eventWriter struct {
	w     http.ResponseWriter
	flush func() error
}

// Write sends each line as an event. It is given whole lines, see [windmill.Logs].
func (e *eventWriter) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if err := e.send("log", strings.TrimSuffix(line, "\n")); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// lineEnds replaces what ends a line in an event stream.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// send sends one event. Each line of data becomes a data field; the browser joins them.
func (e *eventWriter) send(event, data string) error {
	text := strings.ReplaceAll(lineEnds.Replace(data), "\n", "\ndata: ")
	if _, err := fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", event, text); err != nil {
		return err
	}
	return e.flush()
}
