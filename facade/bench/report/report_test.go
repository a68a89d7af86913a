package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func recorded(t *testing.T) results {
	t.Helper()
	f, err := os.Open("testdata/bench.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := read(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTablesShowMediansAndComparisons(t *testing.T) {
	r := recorded(t)
	tests := []struct {
		name string
		got  [][]string
		want [][]string
	}{
		{"methods", r.methods(), [][]string{{"GetVersion", "50 µs", "55 µs", "1.10", "86", "96"}}},
		{"waits", r.waits(), [][]string{
			{"1", "0.1 to 10 s", "0", "9, 6.2", "3.5 kB, 2.4 kB", "60 ms, 199 ms", "320 ms, 493 ms", "3, 2"},
			{"1", "100 ms", "0", "8, 3", "3 kB, 1.2 kB", "8 ms, 404 ms", "20 ms, 450 ms", "30, 2"},
			{"1", "scheduled in 8 h", "0", "300, –", "100 kB, –", "20 ms, –", "20 ms, –", "0, –"},
			{"10,000", "0.1 to 10 s", "0", "2, 6.8", "0.9 kB, 2.7 kB", "288 ms, 277 ms", "626 ms, 1.5 s", "17, 11,825"},
		}},
		{"memory", r.memory(), [][]string{{"10,000", "4.7 kB", "2.5 kB", "1"}}},
		{"nothing of what was not measured", r.large(), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheReportIsMarkdownAndThePictureIsDrawn(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "waiting.svg")
	var out strings.Builder
	if err := report(&out, "testdata/bench.txt", picture); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Measured on: A Processor, linux/amd64, go", "\n| GetVersion | 50 µs |", "### What waiting costs\n\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, &out)
		}
	}
	svg, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if lines := elements(t, svg)["polyline"]; lines != 6 {
		t.Errorf("the picture has %d lines, want 6: three of each client", lines)
	}
	if !strings.Contains(string(svg), ">10 s<") {
		t.Error("the axis of delays ends before 10 s, want it to hold the largest, of 1.5 s")
	}
}

// elements counts the elements of a well-formed document by their names.
func elements(t *testing.T, doc []byte) map[string]int {
	t.Helper()
	counts := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(string(doc)))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return counts
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			counts[start.Name.Local]++
		}
	}
}

func TestInputWithoutResultsIsAnError(t *testing.T) {
	dir := t.TempDir()
	tests := []struct{ name, input, want string }{
		{"no benchmark's line", "PASS\nok  \tpackage\t0.1s\n", "no benchmark's line"},
		{"none of the waits", "BenchmarkMethod/method=GetVersion/client=bare-2\t1\t5 ns/op\n", "make picture"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			input := filepath.Join(dir, "bench.txt")
			if err := os.WriteFile(input, []byte(tt.input), 0o600); err != nil {
				t.Fatal(err)
			}
			err := report(io.Discard, input, filepath.Join(dir, "waiting.svg"))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %q", err, tt.want)
			}
		})
	}
}
