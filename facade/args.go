package facade

import (
	"encoding/json"
	"fmt"
)

// encodeArgs returns the body of a submission: a JSON object without space before it, since the
// server silently wraps anything else.
func encodeArgs(args any) ([]byte, error) {
	body, err := json.Marshal(args)
	switch {
	case err != nil:
		return nil, fmt.Errorf("encoding the arguments: %w", err)
	case string(body) == "null":
		return []byte("{}"), nil
	case body[0] != '{':
		return nil, fmt.Errorf("the arguments have the type %T, which does not encode to a JSON object: "+
			"give a map, a struct, or nil for none", args)
	}
	return body, nil
}
