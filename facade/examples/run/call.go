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

// call is a script and its arguments.
type call struct {
	script string
	args   json.RawMessage
}

// parse parses the command line. An empty argument counts as a missing one, because make passes
// both.
func parse(args []string, on *server) (call, error) {
	if len(args) > 2 {
		return call{}, fmt.Errorf("%d arguments instead of two: quote the JSON object", len(args))
	}
	args = append(args, "", "")
	c := call{script: args[0]}
	if c.script == "" {
		if len(on.scripts) == 0 {
			return call{}, errors.New("the script is missing: give its path or the hash of a version")
		}
		c.script = on.scripts[0]
	}
	given := cmp.Or(args[1], "{}")
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(given), &object); err != nil || object == nil {
		const format = `the arguments %s are not a JSON object such as {"day":"monday"}`
		return call{}, fmt.Errorf(format, given)
	}
	var line bytes.Buffer
	if err := json.Compact(&line, []byte(given)); err != nil {
		return call{}, err
	}
	c.args = line.Bytes()
	return c, nil
}
