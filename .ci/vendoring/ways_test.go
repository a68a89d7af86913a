package vendoring_test

import "strings"

const appModule = "module corp.example/app\n\ngo 1.24.0\n"

// published is a program that gets the library from the folder that make dist makes, and vendors it.
func published(p *project) {
	p.write("go.mod", appModule)
	p.program(".", library)
	p.run("go", "get", library+"/facade")
	finish(p)
}

// publishedForTests is one whose tests run on the server in memory.
func publishedForTests(p *project) {
	p.write("fake_test.go", strings.ReplaceAll(fakeSource, "LIBRARY", library))
	published(p)
}

// replaced is a program with a copy of the repository in its own.
func replaced(p *project) {
	p.carry("third_party/windmill")
	p.write("go.mod", appModule+"\nrequire "+library+" v0.0.0\n\nreplace "+library+" => ./third_party/windmill\n")
	p.program(".", library)
	finish(p)
	p.in("third_party/windmill").run("go", "test", ".")
}

// finish does what every project does with a dependency: tidy, vendor, build, vet and test.
func finish(p *project) {
	p.t.Helper()
	p.run("go", "mod", "tidy")
	p.run("go", "mod", "vendor")
	p.run("go", "mod", "verify")
	p.run("go", "build", "-mod=vendor", "./...")
	p.run("go", "vet", "-mod=vendor", "./...")
	p.run("go", "test", "-mod=vendor", "./...")
}
