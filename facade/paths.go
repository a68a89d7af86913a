package facade

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// scriptRef is a checked reference to a script: either hash or path is set.
type scriptRef struct{ hash, path string }

func (s scriptRef) String() string { return s.hash + s.path }

// parseScript tells a version hash from a path. Every Windmill path has a slash and no hash has
// one, so that they cannot be mistaken.
func parseScript(s string) (scriptRef, error) {
	if s == "" {
		return scriptRef{}, errors.New("the script is empty: " +
			"give a version hash (16 hex digits) or a path such as f/team/report")
	}
	if !strings.Contains(s, "/") {
		// The server cuts a hash that is too long and runs what it finds, so the length matters.
		if len(s) != 16 || strings.Trim(strings.ToLower(s), "0123456789abcdef") != "" {
			return scriptRef{}, fmt.Errorf("script %q is neither a version hash (16 hex digits) "+
				"nor a path such as f/team/report", s)
		}
		return scriptRef{hash: strings.ToLower(s)}, nil
	}
	if err := checkPath(s); err != nil {
		return scriptRef{}, fmt.Errorf("script path %q: %w", s, err)
	}
	kind, rest, _ := strings.Cut(s, "/")
	switch {
	case kind == "hub":
	case kind != "u" && kind != "f" && kind != "g":
		return scriptRef{}, fmt.Errorf("script path %q: it begins with none of u/, f/, g/ and hub/", s)
	case !strings.Contains(rest, "/"):
		return scriptRef{}, fmt.Errorf("script path %q: it has no name after %q", s, s)
	}
	return scriptRef{path: s}, nil
}

// parseResource takes a resource's path as people write it, also as a reference in another
// resource or in a script's arguments.
func parseResource(s string) (string, error) {
	path := strings.TrimPrefix(strings.TrimPrefix(s, "$res:"), "res://")
	if err := checkPath(path); err != nil {
		return "", fmt.Errorf("resource path %q: %w", s, err)
	}
	return path, nil
}

// parseJobID accepts every id of a UUID's shape: the server's own have arbitrary version bits.
func parseJobID(s string) (string, error) {
	// Parse takes other spellings too, all of other lengths.
	if _, err := uuid.Parse(s); err != nil || len(s) != len("01890a5d-ac96-774b-bcce-b302099a8057") {
		return "", fmt.Errorf("job id %q is not of the form 01890a5d-ac96-774b-bcce-b302099a8057", s)
	}
	return strings.ToLower(s), nil
}

func checkPath(path string) error {
	for segment := range strings.SplitSeq(path, "/") {
		if err := checkSegment(segment); err != nil {
			return err
		}
	}
	return nil
}

// checkSegment refuses what anything between here and the server might resolve to another path.
func checkSegment(s string) error {
	switch {
	case s == "":
		return errors.New("it has an empty segment")
	case s == "." || s == "..":
		return fmt.Errorf("the segment %q is not allowed in it", s)
	case strings.ContainsRune(s, '/'):
		return errors.New("a slash is not allowed in it")
	case !printable(s):
		return errors.New("it has control characters or is not UTF-8")
	}
	return nil
}

func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// jobInWorkspace checks all that a request about a job needs.
func (c *Client) jobInWorkspace(jobID string) (id string, err error) {
	if id, err = parseJobID(jobID); err != nil {
		return "", fmt.Errorf("windmill: %w: %w", ErrInvalidArgument, err)
	}
	return id, c.requireWorkspace()
}
