package facadetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// ScriptOption changes how Server.Script deploys a script.
type ScriptOption func(*script)

// WithHash sets a script's hash, 16 hexadecimal digits. By default the server chooses one. It
// panics if the hash is invalid.
func WithHash(hash string) ScriptOption {
	if digits, err := hex.DecodeString(hash); err != nil || len(digits) != 8 {
		panicf("WithHash(%q): a hash is 16 hexadecimal digits", hash)
	}
	return func(s *script) { s.hash = strings.ToLower(hash) }
}

// WithTag sets the tag of a script's jobs; the default is "bash". A submission can name another.
func WithTag(tag string) ScriptOption {
	return func(s *script) { s.tag = tag }
}

// script is one deployed version.
type script struct {
	path, hash, tag string
	run             func(context.Context, *Job) (any, error)
}

// Script deploys a script and returns its hash, 16 hexadecimal digits. Jobs that run it call fn,
// each in a goroutine of its own, as many at a time as there are workers.
//
//	srv.Script("f/demo/greet", func(ctx context.Context, job *facadetest.Job) (any, error) {
//		var args struct{ Name string }
//		if err := job.Decode(&args); err != nil {
//			return nil, err
//		}
//		job.Logf("greeting %s", args.Name)
//		return map[string]any{"msg": "hello " + args.Name}, nil
//	})
//
// The value that fn returns becomes the job's result, encoded as JSON; a json.RawMessage is sent
// byte for byte. If fn returns an error, panics or calls t.Fatal, the job fails, with a result of
// the form {"error": {"name": "Error", "message": "…"}}; the errors ExitError, Failure and
// ErrSkipped end it differently. The context is canceled when the job is canceled or the server is
// closed.
//
// Deploying to the same path again adds a version with another hash. Runs by path use the latest
// version; runs by hash use any.
func (s *Server) Script(
	path string,
	fn func(ctx context.Context, job *Job) (any, error),
	opts ...ScriptOption,
) (hash string) {
	// Not random, so that a test's hashes are the same each time it runs.
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", path, s.deployed.Add(1)))
	version := &script{path: path, hash: hex.EncodeToString(sum[:8]), tag: "bash", run: fn}
	for _, opt := range opts {
		opt(version)
	}
	s.versions.Store(version.hash, version)
	s.scripts.Store(path, version)
	return version.hash
}
