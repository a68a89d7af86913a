//go:build go1.25

package bench_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "measure everything and write it to README.md")

// mark is the line of README.md below which everything is measured.
const mark = "<!-- measured -->\n"

func TestREADMEHasEveryRow(t *testing.T) {
	if *update {
		writeREADME(t)
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows() {
		if line := fmt.Sprintf("\n| %d | %s | ", r.waits, r); !strings.Contains(string(text), line) {
			t.Errorf("README.md has no row %q: run make bench", line)
		}
	}
}

// writeREADME measures everything and replaces what is below the mark.
func writeREADME(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	prose, _, found := strings.Cut(string(text), mark)
	if !found {
		t.Fatalf("README.md has no line %s", mark)
	}
	measured := fmt.Sprintf("\n## Waits\n\n%s\n## A result of 50 MB\n\n%s"+
		"\nMeasured on %s/%s with %d CPUs and %s.\n",
		waitTable(t, rows()), resultTable(t, 50_000_000),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if err := os.WriteFile("README.md", []byte(prose+mark+measured), 0o644); err != nil {
		t.Fatal(err)
	}
}
