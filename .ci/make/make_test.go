// Package make_test holds the Makefile to what it promises, with commands that only note how they were called.
package make_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// stub stands for other commands: it notes its arguments, each between empty lines, and what it builds does so too.
const stub = `#!/bin/sh
printf '\n%s\n' "$@" "GOTOOLCHAIN=$GOTOOLCHAIN" >>"$CALLS"
case "$*" in
"env -C .ci GOVERSION") echo go1.99.0 ;;
"list -C .ci -m") [ "$GOTOOLCHAIN" != local ] ;;
*" -o "*)
	while [ "$1" != -o ]; do
		[ "$1" != -C ] || cd "$2"
		shift
	done
	mkdir -p "$(dirname "$2")" && cp "$0" "$2" ;;
esac
`

func TestWhatIsGivenToMakeArrivesAsItWasGiven(t *testing.T) {
	for _, value := range []string{"it's", "'; touch intruded; '", `$(shell touch intruded) $(touch intruded)`, "`touch intruded` \"x", "two  words", `back\slash`, "x.go"} {
		for _, given := range []string{
			"module MODULE", "update TEST UPSTREAM", "spec TEST UPSTREAM", "drift TEST UPSTREAM", "run SCRIPT ARGS", "fuzz FUZZTIME", "bench COUNT", "soak DURATION SEED",
		} {
			t.Run(given+" "+value, func(t *testing.T) {
				words := strings.Fields(given)
				args := words[:1:1]
				for _, name := range words[1:] {
					args = append(args, name+"="+value)
				}
				calls, _ := run(t, "auto", args...)
				if got := strings.Count(calls, "\n"+value+"\n"); got < len(words)-1 {
					t.Errorf("%d of %d values arrived:\n%s", got, len(words)-1, calls)
				}
			})
		}
	}
}

func TestWhatIsNotGivenHasADefault(t *testing.T) {
	for target, values := range map[string][]string{
		"soak": {"10m", "1"}, "fuzz": {"3000x"}, "bench": {"10"}, "spec UPSTREAM=x": {"./..."},
	} {
		calls, _ := run(t, "auto", strings.Fields(target)...)
		for _, value := range values {
			if !strings.Contains(calls, "\n"+value+"\n") {
				t.Errorf("make %s does not pass %s:\n%s", target, value, calls)
			}
		}
	}
}

func TestAnOlderGoDoesNotLeaveTestsOut(t *testing.T) {
	for _, target := range []string{"test", "check", "bounds", "jsonv2", "fuzz", "generate", "spec UPSTREAM=x", "update UPSTREAM=x", "drift UPSTREAM=x", "bench", "picture", "soak"} {
		t.Run(target, func(t *testing.T) {
			args := strings.Fields(target)
			if calls, out := run(t, "auto", args...); !strings.Contains(calls, "\nGOTOOLCHAIN=go1.99.0\n") {
				t.Errorf("the tests do not get the Go of .ci/go.mod:\n%s%s", calls, out)
			}
			calls, out := run(t, "local", args...)
			if want := "make " + args[0] + " needs the Go of .ci/go.mod"; !strings.Contains(out, want) {
				t.Errorf("where that Go cannot be had, make says\n%s\nand not %q", out, want)
			}
			if strings.Count(calls, "GOTOOLCHAIN=") != strings.Count(calls, "\nlist\n") {
				t.Errorf("where that Go cannot be had, commands are run:\n%s", calls)
			}
		})
	}
}

// run runs make in a folder that holds the Makefile. It returns the arguments of all commands, and what make prints.
func run(t *testing.T, toolchain string, args ...string) (calls, printed string) {
	t.Helper()
	dir := t.TempDir()
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"Makefile": string(makefile), "go.mod": "", "gen/tool/go.mod": "", ".ci/check": stub, ".ci/fuzz": stub, "commands/go": stub, "commands/seq": stub,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "make", append([]string{"--no-print-directory", "-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "MAKEFLAGS=", "GOTOOLCHAIN="+toolchain, "PATH="+filepath.Join(dir, "commands")+":"+os.Getenv("PATH"), "CALLS="+filepath.Join(dir, "calls"))
	out, _ := cmd.CombinedOutput() // most fail, for what commands should have made
	if _, err := os.Stat(filepath.Join(dir, "intruded")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a part of what was given was run:\n%s", out)
	}
	noted, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(noted), string(out)
}
