package windmill_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
	"example.com/windmill/gen"
)

type server = facadetest.Server

// onEachServer runs the contract against the newest server that facadetest plays and against the
// oldest. The context ends long before go test's patience, so that a call that never returns fails
// its own test only.
func onEachServer(t *testing.T, test func(context.Context, *testing.T, *server, *facade.Client)) {
	t.Parallel()
	for _, release := range []string{"1.743.0", "1.505.0"} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			srv := facadetest.NewServer(facadetest.Release(release))
			defer srv.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			test(ctx, t, srv, srv.Client())
		})
	}
}

func greet(_ context.Context, job *facadetest.Job) (any, error) {
	var args struct{ Name string }
	if err := job.Decode(&args); err != nil {
		return nil, err
	}
	job.Logf("greeting %s", args.Name)
	return map[string]string{"greeting": "hello " + args.Name}, nil
}

// returning is a script that returns a value and an error.
func returning(value any, err error) func(context.Context, *facadetest.Job) (any, error) {
	return func(context.Context, *facadetest.Job) (any, error) { return value, err }
}

func TestARunReturnsTheScriptsResult(t *testing.T) {
	onEachServer(t, func(ctx context.Context, t *testing.T, srv *server, c *facade.Client) {
		old := srv.Script("f/demo/greet", greet)
		newer := srv.Script("f/demo/greet", returning("version 2", nil))
		for script, want := range map[string]string{
			old:                  `{"greeting":"hello ada"}`,
			strings.ToUpper(old): `{"greeting":"hello ada"}`,
			newer:                `"version 2"`,
			"f/demo/greet":       `"version 2"`,
		} {
			got, err := c.RunScriptSync(ctx, script, map[string]string{"name": "ada"})
			if err != nil {
				t.Errorf("%s: %v", script, err)
			}
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", script, diff)
			}
		}
	})
}

func TestResultsAreAnyJSONWithEveryDigit(t *testing.T) {
	onEachServer(t, func(ctx context.Context, t *testing.T, srv *server, c *facade.Client) {
		srv.Script("f/demo/echo", func(_ context.Context, job *facadetest.Job) (any, error) {
			var args struct{ Value json.RawMessage }
			err := job.Decode(&args)
			return args.Value, err
		})
		for _, value := range []string{
			`null`, `[1,"two",{"three":3}]`, `"text"`, `false`, `12345678901234567890123`,
			`{"error":{"name":"no failure"}}`, `-0.1e-7`, `""`,
		} {
			got, err := c.RunScriptSync(ctx, "f/demo/echo", map[string]any{"value": json.RawMessage(value)})
			if err != nil || string(got) != value {
				t.Errorf("result %s: got %s, %v", value, got, err)
			}
		}
		args := map[string]any{"value": json.RawMessage(`{"id":9007199254740993}`)}
		m, err := facade.As[map[string]any](c.RunScriptSync(ctx, "f/demo/echo", args))
		want := map[string]any{"id": json.Number("9007199254740993")}
		if diff := cmp.Diff(want, m); diff != "" || err != nil {
			t.Errorf("a large integer through As: %v, (-want +got):\n%s", err, diff)
		}
	})
}

func TestALargeResultComesWhole(t *testing.T) {
	onEachServer(t, func(ctx context.Context, t *testing.T, srv *server, c *facade.Client) {
		want, _ := json.Marshal(strings.Repeat("0123456789", 2<<20))
		srv.Script("f/demo/large", returning(json.RawMessage(want), nil))
		got, err := c.RunScriptSync(ctx, "f/demo/large", nil)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes came as %d: %v", len(want), len(got), err)
		}
	})
}

func TestAJobIsFollowedFromWaitingToCompleted(t *testing.T) {
	onEachServer(t, func(ctx context.Context, t *testing.T, srv *server, c *facade.Client) {
		wantStatus := func(id string, want facade.JobStatus) {
			if got, err := c.GetJobStatus(ctx, id); err != nil || got != want {
				t.Errorf("status of job %s: %v, %v; want %v", id, got, err, want)
			}
		}
		finish, started := make(chan struct{}), make(chan struct{})
		hash := srv.Script("f/demo/slow", func(ctx context.Context, _ *facadetest.Job) (any, error) {
			close(started)
			select {
			case <-finish:
			case <-ctx.Done():
			}
			return 1, ctx.Err()
		})
		later, err := c.RunScriptAsync(ctx, hash, nil, facade.ScheduledIn(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(later, facade.JobWaiting)
		_, err = c.GetResult(ctx, later)
		if !errors.Is(err, facade.ErrNotCompleted) || !strings.Contains(err.Error(), "WAITING") {
			t.Errorf("the result of a scheduled job: %v", err)
		}
		id, err := c.RunScriptAsync(ctx, hash, nil)
		if err != nil {
			t.Fatal(err)
		}
		<-started
		wantStatus(id, facade.JobRunning)
		_, err = c.GetResult(ctx, id)
		if !errors.Is(err, facade.ErrNotCompleted) || !strings.Contains(err.Error(), "RUNNING") {
			t.Errorf("the result of a running job: %v", err)
		}
		close(finish)
		got, err := c.GetResult(ctx, id, facade.WaitForCompletion())
		if err != nil || string(got) != "1" {
			t.Errorf("the result, waited for: %s, %v", got, err)
		}
		wantStatus(id, facade.JobCompleted)
		if got, err := c.GetResult(ctx, strings.ToUpper(id)); err != nil || string(got) != "1" {
			t.Errorf("the result of a completed job: %s, %v", got, err)
		}
	})
}

func TestAJobThatIsNotThereIsNotWaitedFor(t *testing.T) {
	onEachServer(t, func(ctx context.Context, t *testing.T, _ *server, c *facade.Client) {
		const id = "00000000-0000-0000-0000-000000000000"
		_, status := c.GetJobStatus(ctx, id)
		_, result := c.GetResult(ctx, id)
		_, waited := c.GetResult(ctx, id, facade.WaitForCompletion())
		for name, err := range map[string]error{
			"GetJobStatus": status, "GetResult": result, "GetResult with WaitForCompletion": waited,
		} {
			if !errors.Is(err, facade.ErrNotFound) || !strings.Contains(err.Error(), id) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if e := (*facade.WaitError)(nil); !errors.As(waited, &e) || e.JobID != id {
			t.Errorf("the wait's error is %#v", waited)
		}
	})
}

func TestAFailedScriptIsAnErrorAndNoResult(t *testing.T) {
	onEachServer(t, func(ctx context.Context, t *testing.T, srv *server, c *facade.Client) {
		for name, test := range map[string]struct {
			result string
			want   facade.JobError
		}{
			"with an error": {
				`{"error":{"name":"ValueError","message":"no day","stack":"main.py:3"}}`,
				facade.JobError{Name: "ValueError", Message: "no day", Stack: "main.py:3"},
			},
			"with a string":   {`"out of paper"`, facade.JobError{Message: "out of paper"}},
			"with null":       {`null`, facade.JobError{}},
			"with odd fields": {`{"error":{"name":7}}`, facade.JobError{Name: "7"}},
		} {
			raw := json.RawMessage(test.result)
			srv.Script("f/demo/fail", returning(nil, &facadetest.Failure{Result: raw}))
			id, err := c.RunScriptAsync(ctx, "f/demo/fail", nil)
			if err != nil {
				t.Fatal(err)
			}
			test.want.JobID, test.want.Raw = id, raw
			_, waited := c.GetResult(ctx, id, facade.WaitForCompletion())
			_, read := c.GetResult(ctx, id)
			for _, err := range []error{waited, read} {
				got := (*facade.JobError)(nil)
				if !errors.As(err, &got) {
					t.Errorf("%s: %v", name, err)
				} else if diff := cmp.Diff(&test.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		}
	})
}

func TestCancellationIsToldByTheJob(t *testing.T) {
	onEachServer(t, func(ctx context.Context, t *testing.T, srv *server, c *facade.Client) {
		given, giveUp := context.WithCancel(ctx)
		defer giveUp()
		srv.Script("f/demo/endless", func(ctx context.Context, _ *facadetest.Job) (any, error) {
			giveUp()
			<-ctx.Done()
			return nil, ctx.Err()
		})
		_, err := c.RunScriptSync(given, "f/demo/endless", nil)
		wait := (*facade.WaitError)(nil)
		if !errors.As(err, &wait) || !errors.Is(err, context.Canceled) || wait.CancelErr != nil {
			t.Fatalf("giving up: %v", err)
		}
		_, err = c.GetResult(ctx, wait.JobID, facade.WaitForCompletion())
		if failed := (*facade.JobError)(nil); !errors.As(err, &failed) || !failed.Canceled {
			t.Errorf("the canceled job's result: %v", err)
		}
		named := json.RawMessage(`{"error":{"name":"Canceled","message":"just a name"}}`)
		srv.Script("f/demo/pretends", returning(nil, &facadetest.Failure{Result: named}))
		_, err = c.RunScriptSync(ctx, "f/demo/pretends", nil)
		if failed := (*facade.JobError)(nil); !errors.As(err, &failed) || failed.Canceled {
			t.Errorf("a failure that is only named Canceled: %v", err)
		}
	})
}

func TestResourcesAreReadWithTheirReferences(t *testing.T) {
	onEachServer(t, func(ctx context.Context, t *testing.T, srv *server, c *facade.Client) {
		srv.SetVariable("f/crm/secret", "s3cr3t")
		const id = json.Number("9007199254740993")
		srv.SetResource("f/crm/admin", map[string]any{"password": "$var:f/crm/secret", "id": id})
		srv.SetResource("f/crm/none", nil)
		srv.SetResource("f/crm/dangling", map[string]string{"x": "$var:f/crm/gone"})
		for _, path := range []string{"f/crm/admin", "$res:f/crm/admin", "res://f/crm/admin"} {
			got, err := facade.As[map[string]any](c.GetResource(ctx, path))
			want := map[string]any{"password": "s3cr3t", "id": id}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", path, err, diff)
			}
		}
		if got, err := c.GetResource(ctx, "f/crm/none"); string(got) != "null" || err != nil {
			t.Errorf("a resource that is null: %s, %v", got, err)
		}
		for path, says := range map[string]string{
			"f/crm/unknown": "f/crm/unknown", "f/crm/dangling": "f/crm/gone",
		} {
			_, err := c.GetResource(ctx, path)
			if !errors.Is(err, facade.ErrNotFound) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", path, err)
			}
		}
	})
}

func TestTheGeneratedClientIsOneLineAway(t *testing.T) {
	onEachServer(t, func(ctx context.Context, t *testing.T, srv *server, c *facade.Client) {
		api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
		if err != nil {
			t.Fatal(err)
		}
		srv.SetResource("f/crm/admin", []int{1})
		got, err := api.GetResourceValueWithResponse(ctx, srv.Workspace, "f/crm/admin")
		if err != nil || got.JSON200 == nil || string(*got.JSON200) != "[1]" {
			t.Errorf("a value through gen: %v, %v", got, err)
		}
		_, err = api.GetResourceValueWithResponse(ctx, srv.Workspace, "f/crm/unknown")
		refused := (*facade.APIError)(nil)
		if !errors.As(err, &refused) || refused.StatusCode != http.StatusNotFound ||
			!errors.Is(err, facade.ErrNotFound) {
			t.Errorf("an unknown one through gen: %v", err)
		}
	})
}

func TestNoClientPrintsItsToken(t *testing.T) {
	c, err := facade.NewClient("https://windmill.example.com", "t0ken-that-nobody-may-see")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{c, struct{ C *facade.Client }{c}, []any{c}} {
			s := fmt.Sprintf(verb, value)
			if strings.Contains(s, "nobody") || strings.Contains(s, "6e6f626f6479") {
				t.Errorf("%s: %s", verb, s)
			}
		}
	}
}
