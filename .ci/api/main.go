// Command api accepts the library's public surface as it is: the exported names of its packages, and what they can do.
//
// The surface that was accepted last is kept under facade/testdata/api, as Go declarations. A test of this package
// compares the code with it, and says whether programs written against it still compile.
//
//	go run ./api
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run("..", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

func run(root string, out *os.File) error {
	surfaces, err := load(root)
	if err != nil {
		return err
	}
	for _, s := range surfaces {
		report, err := s.compare()
		if err != nil {
			return err
		}
		if report == "" {
			fmt.Fprintf(out, "%s: unchanged\n", s.path)
			continue
		}
		if err := os.WriteFile(s.file, []byte(s.current), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: accepted\n%s", s.path, report)
	}
	return nil
}
