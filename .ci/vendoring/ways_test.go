package vendoring_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const appModule = "module corp.example/app\n\ngo 1.24.0\n"

// published is a program that gets the library as a release, and vendors it.
func published(t *testing.T) *project {
	t.Helper()
	p := newProject(t)
	release(p, "v1.0.0")
	p.write("go.mod", appModule)
	p.program(".", library)
	p.run("go", "get", library+"/facade@v1.0.0")
	finish(p)
	return p
}

// publishedForTests is one whose tests run on the server in memory.
func publishedForTests(t *testing.T) *project {
	t.Helper()
	p := newProject(t)
	release(p, "v1.0.0")
	p.write("go.mod", appModule)
	p.program(".", library)
	p.write("fake_test.go", strings.ReplaceAll(fakeSource, "LIBRARY", library))
	p.run("go", "get", library+"/facade@v1.0.0")
	finish(p)
	return p
}

// replaced is a program with a copy of the repository in its own.
func replaced(t *testing.T) *project {
	t.Helper()
	p := newProject(t)
	p.carry("third_party/windmill")
	p.write("go.mod", appModule+"\nrequire "+library+" v0.0.0\n\nreplace "+library+" => ./third_party/windmill\n")
	p.program(".", library)
	finish(p)
	p.in("third_party/windmill").run("go", "test", ".")
	return p
}

// copied is a monorepo of one module, of which the library is a part.
func copied(t *testing.T) *project {
	t.Helper()
	const home = "corp.example/mono/third_party/windmill"
	p := newProject(t)
	p.carry("third_party/windmill")
	p.in("third_party/windmill").run("make", "--no-print-directory", "module", "MODULE="+home)
	p.remove("third_party/windmill/go.mod", "third_party/windmill/go.sum")
	p.write("go.mod", "module corp.example/mono\n\ngo 1.24.0\n\n"+requirements(t))
	p.program("app", home)
	finish(p)
	p.run("go", "test", "-mod=vendor", "./third_party/windmill")
	return p
}

// workspace is a monorepo of many modules, of which the library is one.
func workspace(t *testing.T) *project {
	t.Helper()
	p := newProject(t)
	p.env = append(p.env, "GOWORK=", "GOFLAGS=")
	p.carry("windmill")
	p.write("app/go.mod", appModule)
	p.program("app", library)
	p.run("go", "work", "init", "./app", "./windmill")
	p.run("go", "work", "vendor")
	p.run("go", "build", "-o", os.DevNull, "./app")
	p.run("go", "vet", "./app/...", "./windmill/...")
	p.run("go", "test", "./app/...", "./windmill")
	return p
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

// release puts the library on a module proxy that only this project sees, as version v. The modules inside the repository
// are no part of it, as with any release.
func release(p *project, v string) {
	p.t.Helper()
	gomod, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		p.t.Fatal(err)
	}
	proxy := &project{t: p.t, dir: p.t.TempDir()}
	versions := library + "/@v/"
	proxy.write(versions+"list", v+"\n")
	proxy.write(versions+v+".info", `{"Version":"`+v+`"}`)
	proxy.write(versions+v+".mod", string(gomod))
	proxy.carry("release")
	archive, err := os.Create(proxy.path(versions + v + ".zip"))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := zip.CreateFromDir(archive, module.Version{Path: library, Version: v}, proxy.path("release")); err != nil {
		p.t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		p.t.Fatal(err)
	}
	cache := filepath.ToSlash(strings.TrimSpace(p.run("go", "env", "GOMODCACHE")))
	p.env = append(p.env,
		"GOPROXY=file://"+filepath.ToSlash(proxy.dir)+",file://"+cache+"/cache/download",
		// A cache of its own: what is released here exists nowhere else.
		"GOMODCACHE="+p.t.TempDir(), "GOFLAGS=-mod=mod -modcacherw")
}
