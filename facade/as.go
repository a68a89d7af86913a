package facade

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// As decodes what a method returned into a T, and passes an error on:
//
//	user, err := windmill.As[User](c.GetResource(ctx, "f/crm/admin"))
//	sums, err := windmill.As[map[string]int64](c.RunScriptSync(ctx, "f/team/report", nil))
//
// It follows the rules of [encoding/json], which decodes nothing that is nested more than 10,000 deep. Numbers that go into an any come as
// [json.Number], so that no digit is lost. null gives T's zero value.
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
		return zero, fmt.Errorf("windmill: decoding %d bytes of JSON into %T: more follows the value", len(raw), zero)
	}
	return v, nil
}
