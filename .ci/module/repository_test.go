package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/windmill/ci/tree"
)

// The whole repository moves: its modules compile, its tests and checks pass, and nothing in it names the old path.
func TestTheRepositoryMoves(t *testing.T) {
	const home = "git.corp.example/team/windmill"
	root := t.TempDir()
	if err := tree.Copy(root, "../.."); err != nil {
		t.Fatal(err)
	}
	from, changed, err := move(root, home)
	if err != nil {
		t.Fatal(err)
	}
	if len(changed) < 50 {
		t.Errorf("only %d files have changed: %q", len(changed), changed)
	}

	old := regexp.MustCompile(`(^|[^A-Za-z0-9./-])` + regexp.QuoteMeta(from) + `($|[^A-Za-z0-9.-])`)
	modules := 0
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if old.Match(data) {
			t.Errorf("%s still names %s", path, from)
		}
		if entry.Name() == "go.mod" {
			modules++
			command(t, filepath.Dir(path), "go", "vet", "./...")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := read(t, root, "README.md"); strings.Contains(text, "stand-in") || !strings.Contains(text, "\n- **From its home.** `go get "+home+"/facade`\n") {
		t.Errorf("the README does not say that the library is at home:\n%s", text)
	}
	if modules < 4 {
		t.Errorf("%d modules were tried, want the library and those inside its repository", modules)
	}
	if out := command(t, root, "gofmt", "-l", "."); out != "" {
		t.Errorf("these files are not formatted as they were before:\n%s", out)
	}
	command(t, root, "go", "test", ".", "./facade/examples/...")
	command(t, filepath.Join(root, "facade", "testdata", "callers"), "go", "test", "./...")
	command(t, filepath.Join(root, ".ci"), "go", "test", "./api")
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s in %s: %v\n%s", name, strings.Join(args, " "), dir, err, out)
	}
	return string(out)
}
