package examples_test

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	link   = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	target = regexp.MustCompile("(?m)(?:`|^ *)make ([a-z]+)")
)

func TestWhatTheDocumentsNameIsThere(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		text := read(t, name)
		links := link.FindAllStringSubmatch(text, -1)
		if len(links) == 0 {
			t.Errorf("%s has no links: have they another form now?", name)
		}
		for _, match := range links {
			if _, err := os.Stat(filepath.Join(top, match[1])); err != nil {
				t.Errorf("%s points to %s: %v", name, path.Clean(match[1]), err)
			}
		}
		for _, match := range target.FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^` + match[1] + `:`).MatchString(makefile) {
				t.Errorf("%s speaks of make %s, which the Makefile does not have", name, match[1])
			}
		}
	}
}

// facadeSource returns package facade, checked from its source, so that its unexported constants can be asked for.
func facadeSource(t *testing.T) *types.Package {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(top, "facade", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	cfg := types.Config{Importer: importer.ForCompiler(files, "gc", compiled(t, []string{library}))}
	pkg, err := cfg.Check(library, files, parsed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

// number returns the value of an integer constant of the facade's.
func number(t *testing.T, pkg *types.Package, name string) int64 {
	t.Helper()
	c, ok := pkg.Scope().Lookup(name).(*types.Const)
	if !ok {
		t.Fatalf("the facade has no constant %s: has it another name now?", name)
	}
	n, _ := constant.Int64Val(c.Val())
	return n
}

// rows returns the cells of the rows of a table, which follows the heading.
func rows(t *testing.T, text, heading string) [][]string {
	t.Helper()
	_, table, found := strings.Cut(text, "\n"+heading+"\n")
	_, table, _ = strings.Cut(table, " --- |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var all [][]string
	for line := range strings.Lines(table) {
		var cells []string
		for _, cell := range strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		all = append(all, cells)
	}
	if !found || len(all) < 2 {
		t.Fatalf("found no table under %q: has it another form now?", heading)
	}
	return all
}

var called = regexp.MustCompile("`([A-Z][A-Za-z]*)\\(")

func TestTheREADMEListsEveryOptionWithItsDefault(t *testing.T) {
	pkg := facadeSource(t)
	defaults := map[string]string{
		"WithMaxRetries": fmt.Sprintf("%d, about ten seconds", number(t, pkg, "defaultMaxRetries")),
		"WithMaxOutage":  fmt.Sprintf("%.0f minutes", time.Duration(number(t, pkg, "defaultMaxOutage")).Minutes()),
	}
	var got []string
	for _, row := range rows(t, read(t, "README.md"), "| option | of | default | |") {
		for _, match := range called.FindAllStringSubmatch(row[0], -1) {
			name := match[1]
			got = append(got, name)
			if want := defaults[name]; want != "" && row[2] != want {
				t.Errorf("the README gives %s the default %s, want %s", name, row[2], want)
			}
			if row[2] == "" {
				t.Errorf("the README says nothing of the default of %s", name)
			}
		}
	}
	var want []string
	for _, name := range pkg.Scope().Names() {
		if f, ok := pkg.Scope().Lookup(name).(*types.Func); ok && f.Exported() && isOption(pkg, f) {
			want = append(want, name)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the options in the README (-code +README):\n%s", diff)
	}
}

// isOption reports whether f returns an option of one kind or another.
func isOption(pkg *types.Package, f *types.Func) bool {
	results := f.Type().(*types.Signature).Results()
	if results.Len() != 1 {
		return false
	}
	for _, name := range []string{"ClientOption", "RunOption", "ResultOption"} {
		if types.AssignableTo(results.At(0).Type(), pkg.Scope().Lookup(name).Type()) {
			return true
		}
	}
	return false
}

func TestTheREADMEListsEveryMethodAndError(t *testing.T) {
	pkg, text := facadeSource(t), read(t, "README.md")
	for _, row := range rows(t, text, "| method | returns |") {
		name := called.FindStringSubmatch(row[0])[1]
		method, _, _ := types.LookupFieldOrMethod(types.NewPointer(pkg.Scope().Lookup("Client").Type()), true, pkg, name)
		if method == nil && pkg.Scope().Lookup(name) == nil {
			t.Errorf("the README lists %s, which the facade does not have", name)
		}
	}
	var want, got []string
	for _, name := range pkg.Scope().Names() {
		if strings.HasPrefix(name, "Err") {
			want = append(want, name)
		}
	}
	for _, row := range rows(t, text, "| error | means |") {
		got = append(got, strings.Trim(row[0], "`"))
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the errors in the README (-code +README):\n%s", diff)
	}
}

func TestTheNumbersInTheREADMEAreThoseOfTheCode(t *testing.T) {
	pkg, text := facadeSource(t), strings.Join(strings.Fields(read(t, "README.md")), " ")
	length := func(name string) time.Duration { return time.Duration(number(t, pkg, name)) }
	silent := length("retryTime") + length("defaultIdleTimeout")
	for _, test := range []struct {
		what, want string
	}{
		{"a silent server", fmt.Sprintf("%d minutes and %d seconds", int(silent.Minutes()), int(silent.Seconds())%60)},
		{"Retry-After, two minutes", map[time.Duration]string{2 * time.Minute: "for two minutes at most"}[length("maxHold")]},
		{"the delay", map[[2]time.Duration]string{
			{100 * time.Millisecond, 2 * time.Second}: "from a tenth of a second to two seconds",
		}[[2]time.Duration{length("minRetryDelay"), length("maxRetryDelay")}]},
		{"a server that never answered", map[time.Duration]string{10 * time.Second: "within about ten seconds"}[length("startTime")]},
		{"the largest result", fmt.Sprintf("up to %d GiB", number(t, pkg, "maxBody")>>30)},
		{"the oldest Go for users", "Programs need Go " + first(t, "go.mod", `(?m)^go (\d+\.\d+)`)},
		{"the oldest Go for those who work on it", "It needs Go " + first(t, ".ci/go.mod", `(?m)^go (\d+\.\d+)`)},
		{"the Windmill it is made from", "made from the description of Windmill " + first(t, "openapi.yaml", `(?m)^ +version: "?([\d.]+)`)},
	} {
		if test.want == "" || !strings.Contains(text, test.want) {
			t.Errorf("%s: the README does not say %q, as the code does", test.what, test.want)
		}
	}
	for _, name := range []string{"CHANGELOG.md", "facade/doc.go"} {
		words := strings.Join(strings.Fields(strings.ReplaceAll(read(t, name), "//", " ")), " ")
		if want := fmt.Sprintf("%d minutes and %d seconds", int(silent.Minutes()), int(silent.Seconds())%60); !strings.Contains(words, want) {
			t.Errorf("%s does not say that a silent server takes %s", name, want)
		}
	}
}

// first returns what the pattern finds in a file.
func first(t *testing.T, name, pattern string) string {
	t.Helper()
	match := regexp.MustCompile(pattern).FindStringSubmatch(read(t, name))
	if match == nil {
		t.Fatalf("%s has no %s: has it another form now?", name, pattern)
	}
	return match[1]
}

func TestTheREADMENamesTheReleasesThatAreRecorded(t *testing.T) {
	text := read(t, "README.md")
	releases, err := filepath.Glob(filepath.Join(top, "facade", "facadetest", "testdata", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range releases {
		if release := regexp.MustCompile(`\d+\.\d+\.\d+`).FindString(filepath.Base(name)); !strings.Contains(text, release) {
			t.Errorf("the README does not name %s, of which exchanges are recorded", release)
		}
	}
}

func TestTheChangesOnTopAreThoseOfTheVersionThatIsReleasedNext(t *testing.T) {
	version := first(t, "facade/version.go", `(?m)^const version = "(.*)"$`)
	if top := first(t, "CHANGELOG.md", `(?m)^## (.*)$`); !strings.HasPrefix(top, version+" (") {
		t.Errorf("CHANGELOG.md begins with %q, and the library is version %s", top, version)
	}
}
