// Command module moves the library to another module path, in every file of the repository. `make module` calls it:
//
//	go build -o bin/module .ci/module/main.go .ci/module/move.go && bin/module git.corp.example/team/windmill
//
// It imports nothing but the standard library, so that it works where no module can be downloaded, and runs with any Go that
// the library runs with.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] == "" {
		fmt.Fprintln(os.Stderr, "module: say where to: make module MODULE=git.corp.example/team/windmill")
		os.Exit(2)
	}
	before, changed, err := move(".", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "module:", err)
		os.Exit(1)
	}
	fmt.Printf("%s is now %s, in %d files\n", before, os.Args[1], len(changed))
}
