package main

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newCopy is a copy of this repository, with openapi.yaml and gen/ made from the description in testdata.
func newCopy(t *testing.T) *project {
	t.Helper()
	t.Setenv("GOWORK", "off")
	t.Setenv("GOFLAGS", "-buildvcs=false")
	p := &project{t: t, root: t.TempDir()}
	if err := copyTree(filepath.Join("..", ".."), p.root); err != nil {
		t.Fatal(err)
	}
	if got := p.run("spec", upstream); got.status != 0 {
		t.Fatalf("spec: %+v", got)
	}
	return p
}

var upstream = filepath.Join(sourceDir, "api", "openapi.yaml")

// ownProgram calls an operation that the facade has no method for.
const ownProgram = `package own_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/windmill/facade"
	"example.com/windmill/gen"
)

func TestListUsers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/w/crm/users/list" || r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, r.URL.Path, http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(` + "`" + `[{"email":"ada@example.com","is_admin":true,"usage":{"executions":3}}]` + "`" + `))
	}))
	defer server.Close()
	c, err := facade.NewClient(server.URL, "secret", facade.WithWorkspace("crm"))
	if err != nil {
		t.Fatal(err)
	}
	api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
	if err != nil {
		t.Fatal(err)
	}
	active := true
	users, err := api.ListUsersWithResponse(context.Background(), "crm", &gen.ListUsersParams{ActiveOnly: &active})
	if err != nil {
		t.Fatal(err)
	}
	if list := *users.JSON200; len(list) != 1 || *list[0].Email != "ada@example.com" || string(list[0].Usage) != ` + "`" + `{"executions":3}` + "`" + ` {
		t.Errorf("users: %+v", list)
	}
}
`

func TestAnOperationForOwnUseIsTwoLinesInTheListAndAnUpdate(t *testing.T) {
	p := newCopy(t)
	module := modulePath(t, p.root)
	program := strings.ReplaceAll(ownProgram, "example.com/windmill", module)
	if err := writeFile(filepath.Join(p.root, "own", "own_test.go"), []byte(program)); err != nil {
		t.Fatal(err)
	}
	p.listUsers()
	got := p.run("-test", "./gen ./own", "update", upstream)
	want := "From Windmill 7.1.0 to 7.1.0, in the operations that this library uses:\n  `listUsers`: new on the list\n"
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.status != 0 {
		t.Errorf("status %d, stdout (-want +got):\n%s\n%s", got.status, diff, got.stderr)
	}
	if out, err := runGo(p.root, "test", "./own"); err != nil {
		t.Errorf("the program does not run: %v\n%s", err, out)
	}
	p.nothingIsLeftOver()

	before := p.files()
	if got := p.run("-test", "./own", "update", upstream); got.status != 0 {
		t.Errorf("a second update: %+v", got)
	}
	if diff := cmp.Diff(before, p.files()); diff != "" {
		t.Errorf("a second update changes files (-before +after):\n%s", diff)
	}
}

func TestAnUpdateThatFailsOrIsInterruptedLeavesTheOldState(t *testing.T) {
	p := newCopy(t)
	test := "package own\n\nimport \"testing\"\n\nfunc TestOwn(t *testing.T) {\n\tt.Error(\"not with this API\")\n\tfor i := range 5000 {\n\t\tt.Log(i)\n\t}\n}\n"
	if err := writeFile(filepath.Join(p.root, "own", "own_test.go"), []byte(test)); err != nil {
		t.Fatal(err)
	}
	p.listUsers()
	before := p.files()

	got := p.run("-test", "./own", "update", upstream)
	if got.status != 1 || !strings.Contains(got.stderr, "not with this API") || !strings.Contains(got.stderr, "\nopenapi.yaml and gen/ are as they were. Mend what the tests name") ||
		!strings.Contains(got.stdout, "`listUsers`: new on the list") {
		t.Errorf("with a test that fails: %+v", got)
	}
	if lines := strings.Count(got.stderr, "\n"); lines > 250 || !strings.Contains(got.stderr, "more lines\n") {
		t.Errorf("with a test that fails, %d lines", lines)
	}
	if diff := cmp.Diff(before, p.files()); diff != "" {
		t.Errorf("with a test that fails, files (-before +after):\n%s", diff)
	}

	for _, step := range []string{"generating", "testing"} {
		ctx, interrupt := context.WithCancel(context.Background())
		stderr := &interruptAt{text: step, interrupt: interrupt}
		status := run(ctx, []string{"-root", p.root, "-test", "./gen", "update", upstream}, io.Discard, stderr)
		if status != 1 || !strings.Contains(stderr.String(), "interrupted\nopenapi.yaml and gen/ are as they were. Run it again.\n") {
			t.Errorf("interrupted while %s: status %d\n%s", step, status, stderr)
		}
		if diff := cmp.Diff(before, p.files()); diff != "" {
			t.Errorf("interrupted while %s, files (-before +after):\n%s", step, diff)
		}
	}
}

// interruptAt interrupts when a text is written.
type interruptAt struct {
	bytes.Buffer
	text      string
	interrupt func()
}

func (w *interruptAt) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.interrupt()
	}
	return w.Buffer.Write(p)
}

func (p *project) nothingIsLeftOver() {
	p.t.Helper()
	for name := range p.files() {
		if strings.HasPrefix(name, buildDir) {
			p.t.Errorf("left over: %s", name)
		}
	}
}

func modulePath(t *testing.T, root string) string {
	t.Helper()
	out, err := runGo(root, "list", "-m")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

func runGo(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	return cmd.CombinedOutput()
}
