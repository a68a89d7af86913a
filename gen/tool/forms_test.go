package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// sources are the descriptions that the forms are tried on: the small one, and Windmill's own, where WINDMILL_DESCRIPTIONS
// names a directory that holds them as its source does, one directory for each version.
func sources(t *testing.T) []string {
	t.Helper()
	all := []string{filepath.Join(sourceDir, "api", "openapi.yaml")}
	if dir := os.Getenv("WINDMILL_DESCRIPTIONS"); dir != "" {
		whole, err := filepath.Glob(filepath.Join(dir, "*", "backend", "windmill-api", "openapi.yaml"))
		if err != nil || whole == nil {
			t.Fatalf("WINDMILL_DESCRIPTIONS: no descriptions in %s (%v)", dir, err)
		}
		all = append(all, whole...)
	}
	return all
}

func TestEveryFormOfADescriptionGivesTheSameBytes(t *testing.T) {
	forms := []struct {
		name string
		form func(t *testing.T, source string) string
	}{
		{"once more", func(_ *testing.T, source string) string { return source }},
		{"inlined, as a server has it", func(t *testing.T, source string) string {
			return written(t, "openapi.yaml", marshal(t, inlined(t, source)))
		}},
		{"inlined, as JSON", func(t *testing.T, source string) string {
			data, err := json.Marshal(inlined(t, source))
			if err != nil {
				t.Fatal(err)
			}
			return written(t, "openapi.json", data)
		}},
		{"with anchors in the place of references", func(t *testing.T, source string) string {
			return written(t, "openapi.yaml", marshal(t, anchored(t, source)))
		}},
		{"with all keys in the order of the alphabet", func(t *testing.T, source string) string {
			return besideItsFiles(t, source, marshal(t, parsed(t, source)))
		}},
		{"from a server", func(t *testing.T, source string) string {
			root := filepath.Dir(filepath.Dir(source))
			if !strings.HasPrefix(source, sourceDir) {
				root = filepath.Dir(root)
			}
			server := httptest.NewServer(http.FileServer(http.Dir(root)))
			t.Cleanup(server.Close)
			name, err := filepath.Rel(root, source)
			if err != nil {
				t.Fatal(err)
			}
			return server.URL + "/" + filepath.ToSlash(name)
		}},
	}
	for _, source := range sources(t) {
		p := newProject(t)
		want := p.run("-accept", "spec", source)
		bytes := p.openapi()
		for _, f := range forms {
			t.Run(source+" "+f.name, func(t *testing.T) {
				got := p.run("-accept", "spec", f.form(t, source))
				if diff := cmp.Diff(want.status, got.status); diff != "" {
					t.Errorf("status (-want +got):\n%s%s", diff, got.stderr)
				}
				if diff := cmp.Diff(want.stderr, withoutProgress(got.stderr)); diff != "" {
					t.Errorf("stderr (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(bytes, p.openapi()); diff != "" {
					t.Errorf("openapi.yaml (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func withoutProgress(stderr string) string {
	return regexp.MustCompile(`(?m)^reading http.*\n`).ReplaceAllString(stderr, "")
}

// The committed description is held to the one of Windmill's that it says it is made from, where that is at hand.
func TestTheCommittedDescriptionIsWhatUpstreamGives(t *testing.T) {
	committed, err := readDescription(filepath.Join("..", "..", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("..", "..", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := committed.encode(); err != nil || string(again) != withLF(want) {
		t.Errorf("openapi.yaml is not as it is written (%v):\n%s", err, cmp.Diff(withLF(want), string(again)))
	}
	for _, source := range sources(t) {
		if !strings.Contains(source, "/"+committed.Info.Version+"/") {
			continue
		}
		p := newProject(t)
		if got := p.run("-accept", "spec", source); got.status != 0 {
			t.Errorf("spec: %+v", got)
		}
		if diff := cmp.Diff(withLF(want), p.openapi()); diff != "" {
			t.Errorf("openapi.yaml (-committed +made):\n%s", diff)
		}
	}
}

func TestNothingOfUpstreamsProseIsTaken(t *testing.T) {
	if text := newProject(t).openapi(); strings.Contains(text, "(theirs)") || strings.Contains(text, "somebody@") {
		t.Errorf("openapi.yaml repeats upstream:\n%s", text)
	}
}

func TestReferencesMayMove(t *testing.T) {
	p := newProject(t)
	before := p.files()
	moved := edited(t,
		"components/parameters/ID\"", "components/parameters/TheID\"", "    ID: {name", "    TheID: {name",
		"schema: {$ref: \"#/components/schemas/Job\"}", "schema: {$ref: \"#/paths/~1moved/get/responses/200/content/application~1json/schema\"}",
		"\n  /version:", "\n  /moved:\n    get:\n      responses:\n        \"200\":\n          description: ok\n          content: {application/json: {schema: {$ref: \"#/components/schemas/Job\"}}}\n  /version:",
	)
	if got := p.run("spec", moved); got.status != 0 {
		t.Errorf("spec: %+v", got)
	}
	if diff := cmp.Diff(before, p.files()); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

func TestALargeDescriptionWhoseSchemasGoInCircles(t *testing.T) {
	var circles strings.Builder
	const size = 10000
	for i := range size {
		fmt.Fprintf(&circles, "    Circle%d:\n      anyOf: [{$ref: \"#/components/schemas/Circle%d\"}, {$ref: \"#/components/schemas/Circle%d\"}]\n", i, (i+1)%size, (i*7+3)%size)
		fmt.Fprintf(&circles, "      properties: {next: {$ref: \"#/components/schemas/Circle%d\"}, self: {$ref: \"#/components/schemas/Circle%d\"}}\n", (i*5+1)%size, i)
	}
	p := newProject(t)
	before := p.openapi()
	upstream := edited(t, "    Args: {", circles.String()+"    Args: {",
		"        result: {}\n", "        result: {$ref: \"#/components/schemas/Circle0\"}\n",
		"{application/json: {schema: {}}}", "{application/json: {schema: {$ref: \"#/components/schemas/Circle1\"}}}")
	if info, err := os.Stat(upstream); err != nil || info.Size() < 2<<20 {
		t.Fatalf("the description is too small: %v, %v", info, err)
	}
	if got := p.run("spec", upstream); got.status != 0 {
		t.Errorf("spec: %+v", got)
	}
	if diff := cmp.Diff(before, p.openapi()); diff != "" {
		t.Errorf("openapi.yaml (-before +after):\n%s", diff)
	}
}

func written(t *testing.T, name string, data []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := writeFile(name, data); err != nil {
		t.Fatal(err)
	}
	return name
}

// besideItsFiles writes another form of a description where its references find the files of the original.
func besideItsFiles(t *testing.T, source string, data []byte) string {
	t.Helper()
	up, file := filepath.Dir(filepath.Dir(source)), "flow.yaml"
	if !strings.HasPrefix(source, sourceDir) {
		up, file = filepath.Dir(up), "openflow.openapi.yaml"
	}
	name, err := filepath.Rel(up, source)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := copyFile(filepath.Join(up, file), filepath.Join(dir, file)); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(filepath.Join(dir, name), data); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	data, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
