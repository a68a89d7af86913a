package callers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestEveryMethodOnAServerInMemory(t *testing.T) {
	srv := facadetest.NewServer(facadetest.Workers(2), facadetest.WorkerTags("crm"))
	defer srv.Close()
	srv.SetVariable("f/crm/name", "ada")
	srv.SetResource("f/crm/admin", map[string]any{"id": 7, "name": "$var:f/crm/name"})
	var hash string = srv.Script("f/crm/create_user", func(ctx context.Context, job *facadetest.Job) (any, error) {
		var args user
		if err := job.Decode(&args); err != nil {
			return nil, err
		}
		job.Logf("creating %s", args.Name)
		return map[string]int{"id": args.ID}, nil
	})
	c := srv.Client(facade.WithMaxRetries(1))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	admin, err := facade.As[user](c.GetResource(ctx, "f/crm/admin"))
	if err != nil || admin != (user{ID: 7, Name: "ada"}) {
		t.Fatalf("the resource is %+v, %v", admin, err)
	}
	created, err := facade.As[map[string]int](
		c.RunScriptSync(ctx, hash, admin, facade.Verbose(io.Discard), facade.Tag("crm")),
	)
	if err != nil || created["id"] != 7 {
		t.Fatalf("the run gave %v, %v", created, err)
	}
	id, err := c.RunScriptAsync(ctx, "f/crm/create_user", admin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetResult(ctx, id, facade.WaitForCompletion()); err != nil {
		t.Fatal(err)
	}
	status, err := c.GetJobStatus(ctx, id)
	if err != nil || describe(status) != "done" {
		t.Fatalf("the job is %s, %v", status, err)
	}
	version, err := c.GetVersion(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := byHand(ctx, c); err != nil || same != version {
		t.Errorf("a request by hand gives %q, %v; the method gives %q", same, err, version)
	}
	if api, err := generated(c); err != nil || api == nil {
		t.Errorf("the generated client is %v, %v", api, err)
	}
	if n := len(srv.Jobs()); n != 2 {
		t.Errorf("the server ran %d jobs, want 2", n)
	}
	if len(srv.Requests()) == 0 || srv.URL == "" || srv.Token != c.Token() || srv.Workspace == "" {
		t.Errorf("the server tells too little of itself: %s", srv.URL)
	}
}

func TestFailuresAreTellable(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script(
		"f/crm/fail",
		func(context.Context, *facadetest.Job) (any, error) { return nil, errors.New("no such customer") },
	)
	client, err := facade.NewClient(srv.URL, srv.Token, facade.WithWorkspace(srv.Workspace))
	if err != nil {
		t.Fatal(err)
	}

	_, err = client.RunScriptSync(context.Background(), "f/crm/fail", nil)
	var failed *facade.JobError
	if !errors.As(err, &failed) || failed.Message != "no such customer" || failed.JobID == "" {
		t.Errorf("the error is %v", err)
	}
	if _, err := client.RunScriptAsync(context.Background(), "f/crm/none", nil); explain(
		err,
	) != "no such thing" {
		t.Errorf("the error is %v", err)
	}
	srv.Inject("backendVersion", facadetest.HTML(502), facadetest.Nth(1))
	if _, err := client.GetVersion(context.Background()); err != nil {
		t.Errorf("one bad answer was not outlived: %v", err)
	}
	for _, sentinel := range sentinels() {
		if explain(fmt.Errorf("invoices: %w", sentinel)) == "" {
			t.Errorf("%v has no explanation", sentinel)
		}
	}
}

func TestAStatusIsText(t *testing.T) {
	text, err := json.Marshal(
		progress{Status: facade.JobRunning, Counts: map[facade.JobStatus]int{facade.JobWaiting: 2}},
	)
	if err != nil || string(text) != `{"status":"RUNNING","counts":{"WAITING":2}}` {
		t.Errorf("a status is written as %s, %v", text, err)
	}
	var back progress
	if err := json.Unmarshal(text, &back); err != nil || back.Status != facade.JobRunning ||
		back.Counts[facade.JobWaiting] != 2 {
		t.Errorf("a status is read as %v, %v", back, err)
	}
}

func TestClientsAreMade(t *testing.T) {
	t.Setenv("WM_TOKEN", "secret")
	for name, made := range map[string]func() (*facade.Client, error){
		"from the environment": fromEnvironment,
		"quiet":                func() (*facade.Client, error) { return configured("team", false) },
		"verbose":              func() (*facade.Client, error) { return configured("team", true) },
	} {
		c, err := made()
		if err != nil || c.Token() != "secret" {
			t.Errorf("%s: %v", name, err)
		}
	}
	runs, results := watching(io.Discard)
	if len(runs) != 1 || len(results) != 1 {
		t.Error("one option does not fit both")
	}
}
