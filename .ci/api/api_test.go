package main

import (
	"go/types"
	"strings"
	"testing"
)

func TestTheSurfaceIsTheOneThatWasAccepted(t *testing.T) {
	surfaces, err := load("../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(surfaces) != 2 {
		t.Fatalf("%d packages are guarded, want facade and facadetest", len(surfaces))
	}
	for _, s := range surfaces {
		report, err := s.compare()
		if err != nil {
			t.Fatal(err)
		}
		if report != "" {
			t.Errorf("what %s exports has changed. If that is meant, `make api` accepts it, and CHANGELOG.md says it.\n%s", s.path, report)
		}
	}
}

// What gen exports changes with every new description of the API, and what other modules export with their versions. A
// type of either in the surface would make the surface change with it.
func TestTheSurfaceMentionsTheStandardLibraryAndItselfOnly(t *testing.T) {
	surfaces, err := load("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range surfaces {
		mentioned, err := imports(s.current)
		if err != nil {
			t.Fatal(err)
		}
		if len(mentioned) == 0 {
			t.Errorf("%s mentions no package at all, not even context", s.path)
		}
		for _, path := range mentioned {
			host, _, _ := strings.Cut(path, "/")
			if strings.Contains(host, ".") && path != surfaces[0].path {
				t.Errorf("%s mentions %s in what it exports:\n%s", s.path, path, s.current)
			}
		}
	}
}

func TestWhatAChangeMeansForPrograms(t *testing.T) {
	const before = `package p
type Client struct { token string }
func (c *Client) Get(path string) (string, error)
func (c *Client) hidden()
func New(url string, opts ...Option) *Client
type Option interface { apply(*settings) }
type settings struct { n int }
type Failure struct { Code int }
type Status int
const Waiting Status = 1
`
	for name, change := range map[string]struct{ from, to, want string }{
		"nothing":                              {"", "", ""},
		"what is not exported":                 {"token string", "token, user string", ""},
		"an unexported type":                   {"{ n int }", "{ n []int }", ""},
		"the name of an option's method":       {"apply(", "set(", ""},
		"an unexported method":                 {"func (c *Client) hidden()", "func (c *Client) secret(n int)", ""},
		"a parameter has another name":         {"path string", "resource string", "No change for programs"},
		"a new function":                       {"type Status int", "type Status int\nfunc Zone() Option", "Compatible changes:\n- Zone: added"},
		"a new method":                         {"type Status int", "type Status int\nfunc (c *Client) Put()", "Compatible changes:\n- (*Client).Put: added"},
		"a new field":                          {"Code int", "Code int; Words string", "Compatible changes:\n- Failure.Words: added"},
		"a method of an interface with hidden": {"apply(*settings)", "apply(*settings); Name() string", "Compatible changes:\n- Option.Name: added"},
		"a method is gone":                     {"func (c *Client) Get(path string) (string, error)", "", "Incompatible changes:\n- (*Client).Get: removed"},
		"a field is of another type":           {"Code int", "Code string", "Incompatible changes:\n- Failure.Code: changed from int to string"},
		"one more parameter":                   {"path string", "path string, opts ...Option", "Incompatible changes:\n- (*Client).Get: changed from"},
		"a constant has another value":         {"Waiting Status = 1", "Waiting Status = 2", "Incompatible changes:\n- Waiting: value changed from 1 to 2"},
		"values can no longer be compared":     {"Code int", "Code int; raw []byte", "Incompatible changes:\n- Failure: old is comparable, new is not"},
	} {
		t.Run(name, func(t *testing.T) {
			after := strings.Replace(before, change.from, change.to, 1)
			s := surface{path: "p", accepted: declarations(t, before), current: declarations(t, after)}
			report, err := s.compare()
			if err != nil {
				t.Fatal(err)
			}
			if change.want == "" && report != "" || !strings.HasPrefix(report, change.want) {
				t.Errorf("got the report\n%s\nwant one that begins with\n%s", report, change.want)
			}
		})
	}
}

// declarations renders what a package of this source exports.
func declarations(t *testing.T, source string) string {
	t.Helper()
	pkg, err := check("p", source, typesByPath{"unsafe": types.Unsafe})
	if err != nil {
		t.Fatal(err)
	}
	return render(pkg)
}
