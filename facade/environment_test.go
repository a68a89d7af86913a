package facade_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestTheEnvironmentStandsInForArguments(t *testing.T) {
	for name, test := range map[string]struct {
		env            map[string]string
		baseURL, token string
		want           string
	}{
		"nothing":                          {nil, "", "", "http://localhost:8000/api "},
		"the internal URL before others":   {map[string]string{"BASE_INTERNAL_URL": "http://a", "WM_BASE_URL": "http://b", "BASE_URL": "http://c"}, "", "", "http://a/api "},
		"the public URL before the old":    {map[string]string{"WM_BASE_URL": "http://b", "BASE_URL": "http://c", "WM_TOKEN": "t\n"}, "", "", "http://b/api t"},
		"the old URL":                      {map[string]string{"BASE_URL": "http://c/"}, "", "", "http://c/api "},
		"arguments before the environment": {map[string]string{"WM_BASE_URL": "http://b", "WM_TOKEN": "t"}, "http://x", "y", "http://x/api y"},
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

func clearEnvironment(t *testing.T) {
	for _, key := range []string{"BASE_INTERNAL_URL", "WM_BASE_URL", "BASE_URL", "WM_TOKEN", "WM_WORKSPACE", "WM_JOB_ID", "WM_ROOT_FLOW_JOB_ID"} {
		t.Setenv(key, "")
	}
}

func TestWhatIsWrongWithTheEnvironmentIsToldAtOnce(t *testing.T) {
	clearEnvironment(t)
	for key, value := range map[string]string{"WM_BASE_URL": "windmill", "WM_TOKEN": "two words", "WM_WORKSPACE": "a/b", "WM_JOB_ID": "7", "WM_ROOT_FLOW_JOB_ID": "8"} {
		t.Setenv(key, value)
	}
	_, err := facade.NewClient("", "")
	if err == nil {
		t.Fatal("no error")
	}
	for _, says := range []string{"WM_BASE_URL", "WM_TOKEN", "WM_WORKSPACE", "WM_JOB_ID", "WM_ROOT_FLOW_JOB_ID"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not name %s: %v", says, err)
		}
	}
	if strings.Contains(err.Error(), "two words") {
		t.Errorf("the error holds the token: %v", err)
	}
}

func TestWhatIsMissingIsNamedAllOfIt(t *testing.T) {
	clearEnvironment(t)
	c, err := facade.NewClient("", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range []func() error{
		func() error { _, err := c.GetResource(t.Context(), "f/crm/admin"); return err },
		func() error { _, err := c.RunScriptAsync(t.Context(), "f/team/report", nil); return err },
		func() error { _, err := c.RunScriptSync(t.Context(), "f/team/report", nil); return err },
		func() error { _, err := c.GetJobStatus(t.Context(), anyJob); return err },
		func() error { _, err := c.GetResult(t.Context(), anyJob); return err },
	} {
		err := call()
		for _, says := range []string{"WM_TOKEN", "WM_WORKSPACE", "WithWorkspace"} {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("the error does not name %s: %v", says, err)
			}
		}
	}
}

func TestAJobInsideAJobKnowsItsParents(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/team/report", func(_ context.Context, _ *facadetest.Job) (any, error) { return nil, nil })
	const parent, root, other = "01a20b9e-0000-0000-0000-000000000001", "01a20b9e-0000-0000-0000-000000000002", "01a20b9e-0000-0000-0000-000000000003"
	t.Setenv("WM_BASE_URL", srv.URL)
	t.Setenv("WM_JOB_ID", parent)
	t.Setenv("WM_ROOT_FLOW_JOB_ID", root)
	c := srv.Client()
	for _, opts := range [][]facade.RunOption{nil, {facade.ParentJob(other)}} {
		if _, err := c.RunScriptAsync(t.Context(), "f/team/report", nil, opts...); err != nil {
			t.Fatal(err)
		}
	}
	var got [][2]string
	for _, job := range srv.Jobs() {
		got = append(got, [2]string{job.ParentID, job.RootID})
	}
	if diff := cmp.Diff([][2]string{{parent, root}, {other, root}}, got); diff != "" {
		t.Errorf("parents and roots (-want +got):\n%s", diff)
	}
}
