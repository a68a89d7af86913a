package facadetest_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestThePackagesDocumentationListsTheOperations(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	operation := regexp.MustCompile(`(?m)^//\t(\w+) +(?:GET|POST) +/`)
	for _, match := range operation.FindAllSubmatch(doc, -1) {
		listed = append(listed, string(match[1]))
	}
	slices.Sort(listed)
	srv := newServer(t)
	_, names, _ := strings.Cut(panics(func() { srv.CountRequests("nope") }), "the operations are ")
	if diff := cmp.Diff(strings.Split(names, ", "), listed); diff != "" {
		t.Errorf("operations (-server +documentation):\n%s", diff)
	}
}
