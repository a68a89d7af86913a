package vendoring_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const appModule = "module corp.example/app\n\ngo 1.24.0\n"

// published is a program that gets the library from the folder that make dist makes, and vendors it.
func published(p *project) {
	p.write("go.mod", appModule)
	p.program(".", library)
	p.follow("export GOPROXY=")
	finish(p)
}

// publishedForTests is one whose tests run on the server in memory.
func publishedForTests(p *project) {
	p.write("fake_test.go", strings.ReplaceAll(fakeSource, "LIBRARY", library))
	published(p)
}

// replaced is a program with a copy of the repository in its own.
func replaced(p *project) {
	withCopy(p)
	finish(p)
	p.in("third_party/windmill").run("go", "test", ".")
}

func withCopy(p *project) {
	p.carry("third_party/windmill")
	p.write("go.mod", appModule)
	p.program(".", library)
	p.follow("go mod edit -replace ")
}

// follow runs the block of the README that begins so.
func (p *project) follow(begin string) {
	p.t.Helper()
	_, rest, found := strings.Cut(readme(p.t), "```sh\n  "+begin)
	block, _, _ := strings.Cut(begin+rest, "  ```\n")
	if !found {
		p.t.Fatalf("the README has no block that begins with %q: has it another form now?", begin)
	}
	p.run("sh", "-e", "-c", strings.ReplaceAll(block, "/path/to/windmill", repository))
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// finish does what every project does with a dependency: tidy, vendor, build, vet and test.
func finish(p *project) {
	p.t.Helper()
	p.run("go", "mod", "tidy")
	p.run("go", "mod", "vendor")
	p.run("go", "mod", "verify")
	p.run("go", "build", "-mod=vendor", "./...")
	p.run("go", "vet", "-mod=vendor", "./...")
	p.run("go", "test", "-mod=vendor", "./...")
}
