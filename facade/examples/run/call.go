package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

const usage = `
usage: make run [SCRIPT=f/team/report] [ARGS='{"day":"monday"}']
   or: go run ./facade/examples/run [SCRIPT [ARGS]]
`

// call is what to run.
type call struct {
	script string
	args   json.RawMessage
}

// parse reads the command line. An empty argument is one that was left out, as it comes from make.
func parse(args []string, on *server) (call, error) {
	if len(args) > 2 {
		return call{}, fmt.Errorf("there are %d arguments where two are taken: quote the JSON object", len(args))
	}
	args = append(args, "", "")
	c := call{script: args[0]}
	if c.script == "" {
		if len(on.scripts) == 0 {
			return call{}, errors.New("which script? Give its path or its version hash")
		}
		c.script = on.scripts[0]
	}
	given := cmp.Or(args[1], "{}")
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(given), &object); err != nil || object == nil {
		return call{}, fmt.Errorf("the arguments %s are no JSON object such as {\"day\":\"monday\"}", given)
	}
	var line bytes.Buffer
	if err := json.Compact(&line, []byte(given)); err != nil {
		return call{}, err
	}
	c.args = line.Bytes()
	return c, nil
}
