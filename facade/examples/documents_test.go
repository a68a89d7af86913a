package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestLinksAndTargetsInTheDocumentsExist(t *testing.T) {
	link := regexp.MustCompile(`\]\(([\w./-]+)\)`)
	target := regexp.MustCompile("(?m)(?:`|^ *)make ([a-z]+)")
	makefile := read(t, "Makefile")
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		text := read(t, name)
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(top, match[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, match := range target.FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^` + match[1] + `\b.*:`).MatchString(makefile) {
				t.Errorf("%s: the Makefile has no target %s", name, match[1])
			}
		}
	}
}

func TestTheREADMENamesEveryMethodOptionAndError(t *testing.T) {
	text := read(t, "README.md")
	names := exported(t, "facade")
	if len(names) < 27 {
		t.Fatalf("found only %v", names)
	}
	for _, name := range names {
		if !regexp.MustCompile("`" + name + `\b`).MatchString(text) {
			t.Errorf("README.md does not name %s", name)
		}
	}
}

// exported returns the methods of a Client that take a context, the functions that return options,
// and the errors for errors.Is.
func exported(t *testing.T, dir string) (names []string) {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(top, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	declaration := regexp.MustCompile(`(?m)^func \(c \*Client\) ([A-Z]\w*)\(\s*ctx |` +
		`^func ([A-Z]\w*)\(.*Option \{|^\t(Err[A-Z]\w*) += `)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		text := read(t, filepath.Join(dir, filepath.Base(source)))
		for _, match := range declaration.FindAllStringSubmatch(text, -1) {
			names = append(names, match[1]+match[2]+match[3])
		}
	}
	return names
}

func TestVersionsInTheDocumentsAreThoseOfTheFiles(t *testing.T) {
	readme := strings.Join(strings.Fields(read(t, "README.md")), " ")
	version := first(t, "facade/version.go", `(?m)^const version = "(.*)"$`)
	if !strings.Contains(read(t, "CHANGELOG.md"), "\n## "+version+" (") {
		t.Errorf("CHANGELOG.md has no %s", version)
	}
	contributing := strings.Join(strings.Fields(read(t, "CONTRIBUTING.md")), " ")
	for _, test := range []struct{ text, want string }{
		{readme, "Programs need Go " + first(t, "go.mod", `(?m)^go (\d+\.\d+)`)},
		{contributing, "You need Go " + first(t, ".ci/go.mod", `(?m)^go (\d+\.\d+)`)},
		{readme, "description of Windmill " + first(t, "openapi.yaml", `(?m)^ +version: "?([\d.]+)`)},
	} {
		if !strings.Contains(test.text, test.want) {
			t.Errorf("the documents do not say %q", test.want)
		}
	}
}

// first returns what the pattern matches first in a file.
func first(t *testing.T, name, pattern string) string {
	t.Helper()
	match := regexp.MustCompile(pattern).FindStringSubmatch(read(t, name))
	if match == nil {
		t.Fatalf("%s does not match %s", name, pattern)
	}
	return match[1]
}
