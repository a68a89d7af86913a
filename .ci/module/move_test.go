package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestThePathIsReplacedWhereItStandsWhole(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"the module line":             {"module example.org/library\n", "module git.corp.example/team/lib\n"},
		"an import":                   {`import "example.org/library/facade"`, `import "git.corp.example/team/lib/facade"`},
		"the end of a sentence":       {"It is example.org/library.", "It is git.corp.example/team/lib."},
		"a replacement":               {"replace example.org/library => ../..", "replace git.corp.example/team/lib => ../.."},
		"several in a line":           {"example.org/library example.org/library/gen", "git.corp.example/team/lib git.corp.example/team/lib/gen"},
		"a page of documentation":     {"https://pkg.go.dev/example.org/library/facade", "https://pkg.go.dev/git.corp.example/team/lib/facade"},
		"another host":                {"tools.example.org/library", "tools.example.org/library"},
		"a server's address":          {"https://example.org/library/api", "https://example.org/library/api"},
		"a longer name":               {"example.org/library-tools", "example.org/library-tools"},
		"a name with something added": {"example.org/library.git", "example.org/library.git"},
		"data that is not text":       {"\x00example.org/library", "\x00example.org/library"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(replace([]byte(c.text), "example.org/library", "git.corp.example/team/lib")); got != c.want {
				t.Errorf("%q became %q, want %q", c.text, got, c.want)
			}
		})
	}
}

func TestImportsAreInOrderAfterTheMove(t *testing.T) {
	root := repository(t, map[string]string{
		"go.mod": "module example.org/library\n\ngo 1.24.0\n",
		"p/p.go": "package p\n\nimport (\n\t_ \"example.org/library/gen\"\n\t_ \"github.com/google/uuid\"\n)\n",
	})
	if _, _, err := move(root, "zone.example/lib"); err != nil {
		t.Fatal(err)
	}
	want := "package p\n\nimport (\n\t_ \"github.com/google/uuid\"\n\t_ \"zone.example/lib/gen\"\n)\n"
	if got := read(t, root, "p/p.go"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAModuleThatHasMovedMovesAgain(t *testing.T) {
	root := repository(t, map[string]string{"go.mod": "module example.org/library\n"})
	for _, to := range []string{"git.corp.example/team/lib", "example.org/library/v2", "corp.example/lib", "example.org/library"} {
		if _, changed, err := move(root, to); err != nil || len(changed) != 1 {
			t.Fatalf("moving to %s changed %q: %v", to, changed, err)
		}
		if got := read(t, root, "go.mod"); got != "module "+to+"\n" {
			t.Errorf("go.mod is %q after the move to %s", got, to)
		}
	}
}

func TestALibraryThatHasAHomeDoesNotSayThatItHasNone(t *testing.T) {
	root := repository(t, map[string]string{
		"go.mod":    "module example.org/library\n",
		"README.md": "Install it.\n\n<!-- stand-in -->\nexample.org/library is\na stand-in.\n<!-- /stand-in -->\n\nThat is all.\n",
	})
	for _, to := range []string{"git.corp.example/team/lib", "corp.example/lib"} {
		if _, _, err := move(root, to); err != nil {
			t.Fatal(err)
		}
		if got, want := read(t, root, "README.md"), "Install it.\n\nThat is all.\n"; got != want {
			t.Errorf("after the move to %s, the README is %q, want %q", to, got, want)
		}
	}
}

func TestAPathThatNoModuleCanHaveIsRefused(t *testing.T) {
	for _, to := range []string{"git corp/windmill", "https://git.corp.example/windmill", "../windmill", "/windmill", "windmill/",
		"windmill", "corp.example", "team/windmill", "Corp.example/windmill", "-corp.example/windmill", "it's.example/windmill"} {
		root := repository(t, map[string]string{"go.mod": "module example.org/library\n"})
		_, _, err := move(root, to)
		if err == nil || !strings.Contains(err.Error(), to) {
			t.Errorf("moving to %q: got the error %v, want one that names it", to, err)
		}
		if got := read(t, root, "go.mod"); got != "module example.org/library\n" {
			t.Errorf("go.mod is %q after a move to %q that was refused", got, to)
		}
	}
}

func repository(t *testing.T, files map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
