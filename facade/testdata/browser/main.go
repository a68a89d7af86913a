//go:build js

// Browser runs a script from a web page, and tells the page's server the result.
package main

import (
	"context"
	"log"
	"net/http"
	"strings"
	"syscall/js"

	windmill "example.com/windmill/facade"
)

func main() {
	text, err := run()
	if err != nil {
		text = err.Error()
	}
	if _, err := http.Post(origin()+"/done", "text/plain", strings.NewReader(text)); err != nil {
		log.Fatal(err)
	}
}

func origin() string { return js.Global().Get("location").Get("origin").String() }

func run() (string, error) {
	client, err := windmill.NewClient(origin(), "token", windmill.WithWorkspace("test"))
	if err != nil {
		return "", err
	}
	result, err := client.RunScriptSync(context.Background(), "f/team/report", map[string]any{"day": "monday"})
	return string(result), err
}
