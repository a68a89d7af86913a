package facadetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func TestResultsOfScripts(t *testing.T) {
	ctx := within(t, time.Minute)
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"nothing":               {nil, `null`},
		"a text with markup":    {"<a & b>", `"<a & b>"`},
		"raw JSON, spaced":      {json.RawMessage(`{"b": 1,  "a":1e2}`), `{"b": 1,  "a":1e2}`},
		"a struct":              {struct{ N int64 }{9007199254740993}, `{"N":9007199254740993}`},
		"more than 90,000 byte": {strings.Repeat("x", 100_000), `"` + strings.Repeat("x", 100_000) + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			srv := newServer(t)
			srv.Script("f/demo/x", returning(c.value))
			got, err := srv.Client().RunScriptSync(ctx, "f/demo/x", nil)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("result %.200s, want %.200s", got, c.want)
			}
		})
	}
}

func TestFailuresOfScripts(t *testing.T) {
	type script = func(context.Context, *facadetest.Job) (any, error)
	failing := func(result any) script {
		return func(context.Context, *facadetest.Job) (any, error) {
			return nil, &facadetest.Failure{Result: result}
		}
	}
	var lastLines strings.Builder
	for i := 2; i < 12; i++ {
		fmt.Fprintf(&lastLines, "\nline %d", i)
	}
	exited := "exit code for \"bash run\": 3, last log lines:" + lastLines.String()
	quoted, err := json.Marshal(exited)
	if err != nil {
		t.Fatal(err)
	}
	ctx := within(t, time.Minute)
	srv := newServer(t, facadetest.Workers(1)) // so that each job needs the worker of the one before
	for name, c := range map[string]struct {
		run           script
		name, message string
		raw           string // "" if it need not be exact
	}{
		"an error": {
			func(context.Context, *facadetest.Job) (any, error) { return 1, errors.New(`no "x"`) },
			"Error", `no "x"`, `{"error": {"name": "Error", "message": "no \"x\""}}`,
		},
		"a failure with its own result": {
			failing(json.RawMessage(`{"error":{"name":"E","message":"m"},"more":1}`)),
			"E", "m", `{"error":{"name":"E","message":"m"},"more":1}`,
		},
		"an exit code": {
			func(_ context.Context, job *facadetest.Job) (any, error) {
				for i := range 12 {
					job.Logf("line %d", i)
				}
				return nil, fmt.Errorf("bash: %w", &facadetest.ExitError{Code: 3})
			},
			"ExecutionErr", exited,
			`{"error": {"name": "ExecutionErr", "message": ` + string(quoted) + `, "exit_code": 3}}`,
		},
		"a failure that is no object": {failing("See logs"), "", "", `"See logs"`},
		"a panic": {
			func(context.Context, *facadetest.Job) (any, error) { panic("oops") },
			"Panic", "panic: oops", "",
		},
		"an end of the goroutine, as by t.Fatal": {
			func(context.Context, *facadetest.Job) (any, error) {
				runtime.Goexit()
				return nil, nil
			}, "Error",
			"the script's function ended its goroutine (t.Fatal and t.FailNow do)", "",
		},
		"a result that is not JSON": {
			returning(json.RawMessage(`{`)), "Error",
			"the script's result cannot be encoded as JSON: the json.RawMessage is not JSON", "",
		},
		"a failure whose result cannot be encoded": {
			failing(make(chan int)), "Error",
			"the Failure's result cannot be encoded as JSON: json: unsupported type: chan int", "",
		},
		"arguments that do not fit": {
			func(_ context.Context, job *facadetest.Job) (any, error) {
				return nil, job.Decode(new(int))
			}, "Error", "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv.Script("f/demo/x", c.run)
			_, err := srv.Client().RunScriptSync(ctx, "f/demo/x", nil)
			var failed *facade.JobError
			if !errors.As(err, &failed) {
				t.Fatalf("error %v, want a *facade.JobError", err)
			}
			if failed.Name != c.name || c.message != "" && failed.Message != c.message {
				t.Errorf("name %q, message %q; want %q, %q", failed.Name, failed.Message, c.name, c.message)
			}
			if c.raw != "" && string(failed.Raw) != c.raw {
				t.Errorf("result %s, want %s", failed.Raw, c.raw)
			}
			if info := job(t, srv, failed.JobID); info.Success || info.Status != facade.JobCompleted {
				t.Errorf("the server says success %t, %v", info.Success, info.Status)
			}
			if strings.HasPrefix(c.name, "Panic") && !strings.Contains(failed.Stack, "outcome_test.go") {
				t.Errorf("the stack does not show where the panic was:\n%s", failed.Stack)
			}
		})
	}
}

func TestSkippedJobIsASuccessInOneAnswerAndNoneInAnother(t *testing.T) {
	ctx := within(t, time.Minute)
	srv := newServer(t)
	srv.Script("f/demo/skip", func(context.Context, *facadetest.Job) (any, error) {
		return "nothing to do", facadetest.ErrSkipped
	})
	if got, err := srv.Client().RunScriptSync(ctx, "f/demo/skip", nil); err != nil ||
		string(got) != `"nothing to do"` {
		t.Fatalf("the facade gives %s, %v", got, err)
	}
	id := onlyJob(t, srv).ID
	maybe := get(t, srv, "w/test/jobs_u/completed/get_result_maybe/"+id).body
	want := `{"started":true,"success":false,"completed":true,"result":"nothing to do"}`
	if maybe != want {
		t.Errorf("get_result_maybe: %s, want %s", maybe, want)
	}
	whole := decode[struct {
		Success   bool
		IsSkipped bool `json:"is_skipped"`
	}](t, get(t, srv, "w/test/jobs_u/get/"+id).body)
	if !whole.Success || !whole.IsSkipped {
		t.Errorf("get: %+v, want both true", whole)
	}
	if info := job(t, srv, id); info.Success || !info.Skipped {
		t.Errorf("JobInfo: success %t, skipped %t; want false, true", info.Success, info.Skipped)
	}
}
