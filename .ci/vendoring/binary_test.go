package vendoring_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"
)

// The same source gives the same binary, wherever and whenever it is built. Both builds begin with an empty cache, or the
// second would be the first one's copy.
func TestAProgramIsReproducible(t *testing.T) {
	first := replacedProgram(t)
	began := time.Now()
	binary := build(first, t.TempDir())
	cold := time.Since(began)
	if again := build(replacedProgram(t), t.TempDir()); !bytes.Equal(binary, again) {
		t.Errorf("two builds of one program differ: %d and %d bytes", len(binary), len(again))
	}

	bare := newProject(t)
	bare.write("go.mod", appModule)
	bare.write("main.go", bareSource)
	began = time.Now()
	without := build(bare, t.TempDir())
	coldWithout := time.Since(began)
	fmt.Printf("\n| a program | cold build | binary |\n| --- | --- | --- |\n")
	fmt.Printf("| that imports net/http alone | %.0f s | %.1f MB |\n", coldWithout.Seconds(), megabytes(without))
	fmt.Printf("| that imports facade | %.0f s | %.1f MB |\n\n", cold.Seconds(), megabytes(binary))
}

func replacedProgram(t *testing.T) *project {
	t.Helper()
	p := newProject(t)
	withCopy(p)
	return p
}

// build builds a project's program with a build cache of its own.
func build(p *project, cache string) []byte {
	p.t.Helper()
	builder := &project{t: p.t, dir: p.dir, env: append(p.env, "GOCACHE="+cache)}
	builder.run("go", "build", "-trimpath", "-ldflags=-s -w", "-o", "program", ".")
	binary, err := os.ReadFile(p.path("program"))
	if err != nil {
		p.t.Fatal(err)
	}
	return binary
}

func megabytes(data []byte) float64 { return float64(len(data)) / 1e6 }

const bareSource = `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	resp, err := http.Get("http://localhost:8000/api/version")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer resp.Body.Close()
	io.Copy(os.Stdout, resp.Body)
}
`
