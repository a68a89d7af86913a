// Command report prints the results of make bench as tables in Markdown, and draws the picture of what waiting costs:
//
//	go run ./facade/bench/report [-picture waiting.svg] bench.txt
//
// It reads the lines that go test -bench prints, and takes the median of repeated ones. Tables without lines are left out.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	picture := flag.String("picture", "", "draw what waiting costs into this SVG `file`")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: report [-picture file.svg] bench.txt")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := report(os.Stdout, flag.Arg(0), *picture); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func report(out io.Writer, input, picture string) error {
	f, err := os.Open(input)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := read(f)
	if err != nil {
		return fmt.Errorf("%s: %w", input, err)
	}
	if _, err := io.WriteString(out, tables(r)); err != nil || picture == "" {
		return err
	}
	svg, err := draw(r)
	if err != nil {
		return fmt.Errorf("%s: %w", input, err)
	}
	return os.WriteFile(picture, svg, 0o644)
}
