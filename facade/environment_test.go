//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func clearEnvironment(t *testing.T) {
	for _, key := range []string{
		"BASE_INTERNAL_URL", "WM_BASE_URL", "BASE_URL", "WM_TOKEN", "WM_WORKSPACE", "WM_JOB_ID",
		"WM_ROOT_FLOW_JOB_ID",
	} {
		t.Setenv(key, "")
	}
}

func TestNewClientTakesWhatIsMissingFromTheEnvironment(t *testing.T) {
	const internal, public, old = "BASE_INTERNAL_URL", "WM_BASE_URL", "BASE_URL"
	for name, test := range map[string]struct {
		env            map[string]string
		baseURL, token string
		want           string
	}{
		"nothing": {want: "http://localhost:8000/api "},
		"the internal URL comes before the others": {
			env:  map[string]string{internal: "http://a", public: "http://b", old: "http://c"},
			want: "http://a/api ",
		},
		"the public URL comes before the old one": {
			env:  map[string]string{public: "http://b", old: "http://c", "WM_TOKEN": "t\n"},
			want: "http://b/api t",
		},
		"the old URL": {env: map[string]string{old: "http://c/"}, want: "http://c/api "},
		"arguments come before the environment": {
			env:     map[string]string{public: "http://b", "WM_TOKEN": "t"},
			baseURL: "http://x", token: "y", want: "http://x/api y",
		},
	} {
		t.Run(name, func(t *testing.T) {
			clearEnvironment(t)
			for key, value := range test.env {
				t.Setenv(key, value)
			}
			c, err := facade.NewClient(test.baseURL, test.token)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.BaseURL() + " " + c.Token(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestNewClientReportsAllThatIsWrongWithTheEnvironment(t *testing.T) {
	clearEnvironment(t)
	wrong := map[string]string{
		"WM_BASE_URL": "windmill", "WM_TOKEN": "two words", "WM_WORKSPACE": "a/b", "WM_JOB_ID": "7",
		"WM_ROOT_FLOW_JOB_ID": "8",
	}
	for key, value := range wrong {
		t.Setenv(key, value)
	}
	_, err := facade.NewClient("", "")
	if !errors.Is(err, facade.ErrInvalidArgument) {
		t.Fatalf("got %v, want ErrInvalidArgument", err)
	}
	for key := range wrong {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("the error does not name %s: %v", key, err)
		}
	}
	if strings.Contains(err.Error(), "two words") {
		t.Errorf("the error holds the token: %v", err)
	}
}

func TestMethodsNameAllThatIsMissing(t *testing.T) {
	clearEnvironment(t)
	c, err := facade.NewClient("", "")
	if err != nil {
		t.Fatal(err)
	}
	want := "windmill: invalid argument: missing a token (the second argument of NewClient, or " +
		"WM_TOKEN) and a workspace (WithWorkspace, or WM_WORKSPACE)"
	for name, call := range calls {
		if name == "GetVersion" {
			continue
		}
		err := call(t.Context(), c)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestJobsOfAJobHaveItAsTheirParent(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	script := func(context.Context, *facadetest.Job) (any, error) { return nil, nil }
	srv.Script("f/team/report", script)
	const (
		parent = "01a20b9e-0000-0000-0000-000000000001"
		root   = "01a20b9e-0000-0000-0000-000000000002"
		other  = "01a20b9e-0000-0000-0000-000000000003"
	)
	t.Setenv("WM_BASE_URL", srv.URL)
	t.Setenv("WM_JOB_ID", parent)
	t.Setenv("WM_ROOT_FLOW_JOB_ID", root)
	c := srv.Client()
	for _, opts := range [][]facade.RunOption{nil, {facade.ParentJob(other)}} {
		if _, err := c.RunScriptAsync(t.Context(), "f/team/report", nil, opts...); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("WM_BASE_URL", "http://elsewhere.test") // whose jobs this server does not know
	if _, err := srv.Client().RunScriptAsync(t.Context(), "f/team/report", nil); err != nil {
		t.Fatal(err)
	}
	var got [][2]string
	for _, job := range srv.Jobs() {
		got = append(got, [2]string{job.ParentID, job.RootID})
	}
	if diff := cmp.Diff([][2]string{{parent, root}, {other, root}, {}}, got); diff != "" {
		t.Errorf("parents and roots (-want +got):\n%s", diff)
	}
}
