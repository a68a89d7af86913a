//go:build go1.25

package facade_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// bothRuns starts a script under an id in both ways.
func bothRuns(c *facade.Client, script, id string) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"RunScriptAsync": func(ctx context.Context) error {
			_, err := c.RunScriptAsync(ctx, script, nil, facade.JobID(id))
			return err
		},
		"RunScriptSync": func(ctx context.Context) error {
			_, err := c.RunScriptSync(ctx, script, nil, facade.JobID(id))
			return err
		},
	}
}

func TestTheIDOfAnotherScriptsJobIsTaken(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		first := srv.Script("f/test/versions", sleepFor)
		second := srv.Script("f/test/versions", sleepFor)
		srv.Script("f/hidden/x", sleepFor)
		srv.Script("f/mine/x", sleepFor)
		mine := srv.AddToken(facadetest.Access{User: "dev", Folders: []string{"mine"}})
		for i, test := range []struct {
			name, there, asked, token string
			want                      string // what the error names beside the id
		}{
			{"another path", sleepScript, "f/test/versions", srv.Token, sleepScript},
			{"another version", first, second, srv.Token, first},
			{"another path, by hash", sleepScript, first, srv.Token, sleepScript},
			{"a job that the token may not see", "f/hidden/x", "f/mine/x", mine, "hidden"},
		} {
			id := fmt.Sprintf("01890a5d-ac96-774b-bcce-%012d", i)
			_, err := srv.Client().RunScriptAsync(t.Context(), test.there, nil, facade.JobID(id))
			if err != nil {
				t.Fatal(err)
			}
			client, err := facade.NewClient(srv.URL, test.token,
				facade.WithWorkspace(srv.Workspace), facade.WithHTTPClient(srv.HTTPClient()))
			if err != nil {
				t.Fatal(err)
			}
			for how, run := range bothRuns(client, test.asked, id) {
				wantTaken(t, test.name+", "+how, run(t.Context()), id, test.want)
			}
			if job, _ := srv.Job(id); job.Canceled {
				t.Errorf("%s: the other script's job has been canceled", test.name)
			}
		}
	})
}

func wantTaken(t *testing.T, name string, err error, id, says string) {
	t.Helper()
	if !errors.Is(err, facade.ErrJobIDTaken) || !strings.Contains(err.Error(), id) ||
		!strings.Contains(err.Error(), says) {
		t.Errorf("%s: %v; want ErrJobIDTaken with %s and %q", name, err, id, says)
	}
}

func TestTheIDOfAnotherWorkspacesJobIsTaken(t *testing.T) {
	inBubble(t, func(t *testing.T, srv *facadetest.Server) {
		taken := facadetest.Respond(400, http.Header{"Content-Type": {"text/plain"}},
			fmt.Sprintf(alreadyThere, someJob))
		srv.Inject("runScriptByPath", taken)
		for how, run := range bothRuns(srv.Client(), sleepScript, someJob) {
			wantTaken(t, how, run(t.Context()), someJob, "another workspace")
		}
		if n := srv.CountRequests("cancelQueuedJob"); n != 0 {
			t.Errorf("%d requests to cancel another workspace's job", n)
		}
	})
}

func TestATakenIDsErrorNamesTheScriptOfItsJob(t *testing.T) {
	for record, says := range map[string]string{
		`"script_path":"hub/7/slack/send","script_hash":null`: "is a run of hub/7/slack/send",
		`"script_path":null,"script_hash":null`:               "is a run of something without a path",
	} {
		c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				reply(w, 400, "text/plain", fmt.Sprintf(alreadyThere, someJob))
				return
			}
			reply(w, 200, "application/json", `{"type":"QueuedJob",`+record+`}`)
		})
		_, err := c.RunScriptAsync(t.Context(), somePath, nil, facade.JobID(someJob))
		wantTaken(t, record, err, someJob, says)
	}
}
