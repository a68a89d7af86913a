package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAReleaseThatIsOutIsNotWrittenOver(t *testing.T) {
	root := repository(t, "windmill")
	pack(t, root)
	first := packed(t, root)
	pack(t, root) // the same again changes nothing

	write(t, root, "facade/more.go", "package facade\n")
	commit(t, root)
	err := run(root, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "v1.2.3") || !strings.Contains(err.Error(), "facade/version.go") {
		t.Errorf("other content as the same version: got the error %v, want one that names the version and where it is set", err)
	}
	if !bytes.Equal(first, packed(t, root)) {
		t.Error("the release that was out has changed")
	}

	write(t, root, "facade/version.go", "package facade\n\nconst version = \"1.3.0\"\n")
	commit(t, root)
	pack(t, root)
	if list, err := os.ReadFile(filepath.Join(out(root), "list")); string(list) != "v1.2.3\nv1.3.0\n" {
		t.Errorf("the list is %q, %v", list, err)
	}
}

func TestOnlyWhatIsCommittedIsReleased(t *testing.T) {
	root := repository(t, "windmill")
	write(t, root, ".git/info/exclude", ".env\n*.prof\n")
	write(t, root, ".env", "WM_TOKEN=secret\n")
	write(t, root, "cpu.prof", "profile")
	pack(t, root)
	content := packed(t, root)
	files, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range files.File {
		got = append(got, strings.TrimPrefix(file.Name, "corp.example/windmill@v1.2.3/"))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{".gitignore", "LICENSE", "facade/version.go", "go.mod"}, got); diff != "" {
		t.Errorf("what is released (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotCommittedIsNotReleased(t *testing.T) {
	root := repository(t, "windmill")
	write(t, root, "facade/new.go", "package facade\n")
	if err := run(root, io.Discard); err == nil || !strings.Contains(err.Error(), "facade/new.go") {
		t.Errorf("got the error %v, want one that names the file", err)
	}
}

func TestARepositoryThatGitCannotReadIsNotReleased(t *testing.T) {
	for name, test := range map[string]struct{ variable, value, says string }{
		"it is another user's": {"GIT_TEST_ASSUME_DIFFERENT_OWNER", "1", "dubious ownership"},
		"there is no git":      {"PATH", t.TempDir(), "git"},
	} {
		t.Run(name, func(t *testing.T) {
			root := repository(t, "windmill")
			t.Setenv("HOME", t.TempDir())
			t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
			t.Setenv(test.variable, test.value)
			if err := run(root, io.Discard); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got the error %v, want one that says %q", err, test.says)
			}
			if _, err := os.Stat(out(root)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something was released all the same: %v", err)
			}
		})
	}
}

func TestTheLineThatIsPrintedWorksWhereverTheRepositoryIs(t *testing.T) {
	for _, folder := range []string{"windmill", "it's", "100%", "two words", "a,b", "a|b", "$HOME", "ä#?"} {
		t.Run(folder, func(t *testing.T) {
			root := repository(t, folder)
			_, line, _ := strings.Cut(pack(t, root), "\n")
			program := t.TempDir()
			write(t, program, "go.mod", "module corp.example/app\n\ngo 1.24.0\n")
			get := exec.CommandContext(t.Context(), "sh", "-c", line)
			get.Dir = program
			get.Env = append(os.Environ(), "GOPROXY=off", "GOMODCACHE="+t.TempDir(), "GOFLAGS=-modcacherw")
			if words, err := get.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", strings.TrimSpace(line), err, words)
			}
		})
	}
}

// repository is a library in a repository of its own, in a folder of this name.
func repository(t *testing.T, folder string) (root string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), folder)
	write(t, root, ".gitignore", "/bin/\n")
	write(t, root, "LICENSE", "none\n")
	write(t, root, "go.mod", "module corp.example/windmill\n\ngo 1.24.0\n")
	write(t, root, "facade/version.go", "package facade\n\nconst version = \"1.2.3\"\n")
	write(t, root, "tool/go.mod", "module corp.example/windmill/tool\n")
	command(t, root, "init", "-q")
	commit(t, root)
	return root
}

func commit(t *testing.T, root string) {
	t.Helper()
	command(t, root, "add", ".")
	command(t, root, "-c", "user.name=ada", "-c", "user.email=ada@corp.example", "commit", "-q", "-m", "Change something")
}

func command(t *testing.T, root string, args ...string) {
	t.Helper()
	if _, err := git(root, args...); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// pack packs a release that has to succeed, and returns what that prints.
func pack(t *testing.T, root string) string {
	t.Helper()
	var words strings.Builder
	if err := run(root, &words); err != nil {
		t.Fatal(err)
	}
	return words.String()
}

// out is the folder that holds the releases.
func out(root string) string {
	return filepath.Join(root, "bin", "dist", "corp.example", "windmill", "@v")
}

func packed(t *testing.T, root string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(out(root), "v1.2.3.zip"))
	if err != nil {
		t.Fatal(fmt.Errorf("no release: %w", err))
	}
	return content
}
