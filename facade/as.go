package facade

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// As decodes the result of a method into a T, or passes on its error:
//
//	user, err := windmill.As[User](c.GetResource(ctx, "f/crm/admin"))
//	sums, err := windmill.As[map[string]int64](c.RunScriptSync(ctx, "f/team/report", nil))
//
// It follows the rules of [encoding/json], except that numbers become [json.Number] in an any, so
// that no digit is lost. The JSON value null becomes the zero value of T.
func As[T any](raw json.RawMessage, err error) (T, error) {
	var v, zero T
	if err != nil {
		return zero, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return zero, fmt.Errorf("windmill: decoding %d bytes of JSON into %T: %w", len(raw), zero, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return zero, fmt.Errorf("windmill: decoding %d bytes of JSON into %T: more follows the value",
			len(raw), zero)
	}
	return v, nil
}
